import { Link } from 'react-router';
import { useAnswer } from '../../../kit/answers.js';
import { Loaded } from '../../../kit/parts.js';
import { Action } from '../../desk/desk.js';
import { Section } from '../../desk/facts.js';
import { TextField } from '../../desk/fields.js';
import { textOf } from '../../desk/form.js';
import { holds, useSession } from '../../session.js';
import { useSearchWords } from './search.words.js';

/** `apps/audit` views.ts. */
interface SavedView {
  id: string;
  name: string;
  query: string;
  shared: boolean;
  mine: boolean;
}

const VIEWS = '/v1/views';

export function SavedViews() {
  const say = useSearchWords();
  const session = useSession();
  const answer = useAnswer<{ data: SavedView[] }>(VIEWS);
  return (
    <Section title={say('views')}>
      <Loaded answer={answer}>
        {({ data }) =>
          data.length === 0 ? (
            <p>{say('noViews')}</p>
          ) : (
            <ul className="saved-views">
              {data.map(({ id, name, query, shared, mine }) => (
                <li key={id}>
                  <Link to={`/search?q=${encodeURIComponent(query)}`}>{name}</Link>
                  {shared && ` (${say('sharedBy')})`}
                  {(mine || (shared && holds(session, 'dpo'))) && (
                    <Action
                      label={say('remove', { name })}
                      says={say('removeSays')}
                      kind="danger"
                      act={(api) => api.delete(`${VIEWS}/${id}`)}
                      done={say('removed')}
                      again={[VIEWS]}
                    />
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  );
}

export function SaveView({ query }: { query: string }) {
  const say = useSearchWords();
  return (
    <Action
      label={say('save')}
      says={say('saveSays')}
      act={(api, form) => api.post(VIEWS, { name: textOf(form, 'name'), query, shared: form.get('shared') === 'on' })}
      done={say('saved')}
      again={[VIEWS]}
    >
      <TextField name="name" label={say('name')} required maxLength={80} />
      <label className="check">
        <input type="checkbox" name="shared" /> {say('shared')}
      </label>
    </Action>
  );
}
