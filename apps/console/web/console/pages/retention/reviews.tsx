import { useAnswer } from '../../../kit/answers.js';
import { Loaded, When } from '../../../kit/parts.js';
import { Person } from '../../cells.js';
import { useChoices } from '../../desk/choices.js';
import { Action, Desk } from '../../desk/desk.js';
import { Section } from '../../desk/facts.js';
import { ReasonField, TextField } from '../../desk/fields.js';
import { endOfDayOf, textOf } from '../../desk/form.js';
import { Rows } from '../../rows.js';
import { holds, useSession } from '../../session.js';
import { useRetentionWords } from './retention.words.js';

/** `GET /v1/reviews`. */
interface Review {
  subject: string;
  class: string;
  categories: string[];
  since: string;
  lines: number;
}

const LIST = '/v1/reviews';

/** What a rule leaves to a person to decide. */
export function Reviews() {
  const say = useRetentionWords();
  const mayAct = holds(useSession(), 'dpo');
  return (
    <Desk>
      <Section title={say('reviewsOldest')}>
        <p className="as-of">{say(mayAct ? 'reviewsHelp' : 'reviewsNot')}</p>
        {mayAct && <Due />}
      </Section>
    </Desk>
  );
}

function Due() {
  const say = useRetentionWords();
  const choices = useChoices();
  const answer = useAnswer<{ data: Review[] }>(LIST, {}, { live: true });
  return (
    <Loaded answer={answer}>
      {({ data }) => (
        <Rows
          caption={say('reviewsOldest')}
          rows={data}
          keyOf={(row) => `${row.subject} ${row.class}`}
          columns={[
            { title: say('since'), cell: ({ since }) => <When time={since} /> },
            { title: say('person'), cell: ({ subject }) => <Person id={subject} /> },
            { title: say('class'), cell: (row) => choices.title('retentionClasses', row.class) },
            { title: say('categories'), cell: ({ categories }) => categories.map((one) => choices.title('categories', one)).join(', ') },
            { title: say('count'), cell: ({ lines }) => lines },
            {
              title: say('actions'),
              cell: (review) => (
                <span className="buttons">
                  <Dispose review={review} />
                  <Keep review={review} />
                </span>
              ),
            },
          ]}
        />
      )}
    </Loaded>
  );
}

const CHANGED = [LIST, '/v1/retention/backlog', '/v1/disposals'];

function Dispose({ review: { subject, categories } }: { review: Review }) {
  const say = useRetentionWords();
  return (
    <Action
      label={say('dispose')}
      title={say('disposeTitle')}
      says={<p>{say('disposeSays')}</p>}
      kind="danger"
      act={(api, form) => api.post(LIST, { subject, categories, outcome: 'dispose', reason: textOf(form, 'reason') })}
      again={CHANGED}
      done={say('disposeDone')}
    >
      <ReasonField />
    </Action>
  );
}

function Keep({ review: { subject, categories } }: { review: Review }) {
  const say = useRetentionWords();
  return (
    <Action
      label={say('keep')}
      title={say('keepTitle')}
      says={<p>{say('keepSays')}</p>}
      act={(api, form) =>
        api.post(LIST, { subject, categories, outcome: 'keep', until: endOfDayOf(form, 'until'), reason: textOf(form, 'reason') })
      }
      again={CHANGED}
      done={say('keepDone')}
    >
      <TextField name="until" type="date" label={say('until')} min={new Date().toISOString().slice(0, 10)} required />
      <ReasonField />
    </Action>
  );
}
