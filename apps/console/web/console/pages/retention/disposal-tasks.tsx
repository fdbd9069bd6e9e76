import { useList } from '../../../kit/answers.js';
import { Person } from '../../cells.js';
import { useChoices } from '../../desk/choices.js';
import { Action, Desk } from '../../desk/desk.js';
import { Deadline, Section, Tag } from '../../desk/facts.js';
import { ReasonField } from '../../desk/fields.js';
import { textOf } from '../../desk/form.js';
import { PagedRows } from '../../rows.js';
import { holds, useSession } from '../../session.js';
import { useRetentionWords } from './retention.words.js';

/** `GET /v1/disposal-tasks`. */
interface DisposalTask {
  task: string;
  disposal: string;
  subject: string;
  system: string;
  categories: string[];
  action: 'destroy' | 'anonymise';
  dueAt: string;
  attempts: number;
  stuck: boolean;
}

const LIST = '/v1/disposal-tasks';

/** What connected systems, and recipients, still have to destroy. */
export function DisposalTasks() {
  const say = useRetentionWords();
  const choices = useChoices();
  const mayAct = holds(useSession(), 'dpo');
  const list = useList<DisposalTask>(LIST, { limit: 50 }, { live: true });
  return (
    <Desk>
      <Section title={say('openTasks')}>
        <p className="as-of">{say('tasksHelp')}</p>
        <PagedRows
          caption={say('openTasks')}
          list={list}
          keyOf={({ task }) => task}
          columns={[
            { title: say('system'), cell: ({ system }) => system },
            { title: say('deadline'), cell: ({ dueAt }) => <Deadline due={dueAt} /> },
            {
              title: say('state'),
              cell: ({ stuck }) => <Tag tone={stuck ? 'bad' : 'plain'}>{say(stuck ? 'stuck' : 'waiting')}</Tag>,
            },
            { title: say('action'), cell: ({ action }) => say(action) },
            { title: say('categories'), cell: ({ categories }) => categories.map((one) => choices.title('categories', one)).join(', ') },
            { title: say('person'), cell: ({ subject }) => <Person id={subject} /> },
            { title: say('attempts'), cell: ({ attempts }) => attempts },
            ...(mayAct ? [{ title: say('actions'), cell: (task: DisposalTask) => <Settle task={task} /> }] : []),
          ]}
        />
      </Section>
    </Desk>
  );
}

function Settle({ task: { task, system } }: { task: DisposalTask }) {
  const say = useRetentionWords();
  return (
    <Action
      label={say('settle')}
      title={say('settleTitle', { system })}
      says={<p>{say('settleSays', { system })}</p>}
      act={(api, form) => api.post(`${LIST}/${task}/settle`, { reason: textOf(form, 'reason'), acknowledged: form.has('acknowledged') })}
      again={[LIST, '/v1/disposals', '/v1/retention/backlog']}
      done={say('settleDone')}
    >
      <ReasonField label={say('settleReason')} />
      <label className="check">
        <input type="checkbox" name="acknowledged" /> {say('recipientTold')}
      </label>
    </Action>
  );
}
