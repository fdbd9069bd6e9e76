import { date } from '../../kit/dates.js';
import { Act } from '../base/act.js';
import { useLanguage } from '../../kit/words.js';
import { Trouble } from '../base/page.js';
import { isPackaged } from './own-request.js';
import { useDo, type Parts } from './parts.js';
import { useRequestWords } from './request.words.js';

/** The copy of the data (notice clauses 7.1, 7.3): its link is drawn once, here or by mail. */
export function PackageOf(parts: Parts) {
  const say = useRequestWords();
  const language = useLanguage();
  const draw = useDo<object, { link: string; expires: string }>(parts, 'package');
  if (!isPackaged(parts.request)) return null;
  return (
    <section>
      <h2>{say('package')}</h2>
      <p>{say('packageHelp')}</p>
      {draw.data ? (
        <p>
          <a className="button" href={draw.data.link}>
            {say('drawn')}
          </a>{' '}
          {say('drawnUntil', { day: date(draw.data.expires, language) })}
        </p>
      ) : (
        <Act busy={draw.isPending} onClick={() => draw.mutate({})}>
          {say('draw')}
        </Act>
      )}
      {draw.error && <Trouble error={draw.error} />}
    </section>
  );
}
