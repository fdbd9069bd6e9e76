import { durationIn } from '../../kit/durations.js';
import { useLanguage } from '../../kit/words.js';
import type { Center, Right } from '../base/center.js';
import { Policy } from '../base/page.js';
import { useRightsWords } from './rights.words.js';

const FROM = { receipt: 'fromReceipt', verified: 'fromVerified', sufficient_information: 'fromInformation' } as const;

/** Where the right stands, and by when it has to be done. */
export function RightLaw({ right: { clauses, laws }, center }: { right: Right; center: Center }) {
  const say = useRightsWords();
  const language = useLanguage();
  return (
    <section className="law" aria-label={say('law')}>
      <p>{say('clause', { clauses: clauses.join(', ') })}</p>
      <ul>
        {laws.map(({ jurisdiction, citation, clock }) => (
          <li key={jurisdiction}>
            {laws.length > 1 && (
              <>
                <Policy of={center.laws.find((law) => law.jurisdiction === jurisdiction)!} />:{' '}
              </>
            )}
            {clock ? (
              <>
                <strong>{say('within', { duration: durationIn(language, clock.duration) })}</strong>, {say(FROM[clock.starts])}
              </>
            ) : (
              say('noClock')
            )}{' '}
            <span className="small">({citation})</span>
            {clock?.extendable && ` ${say('extendable')}`}
          </li>
        ))}
      </ul>
    </section>
  );
}
