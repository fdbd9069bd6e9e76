import { useChoices } from '../../desk/choices.js';
import { Action } from '../../desk/desk.js';
import { Section, Tag } from '../../desk/facts.js';
import { ReasonField } from '../../desk/fields.js';
import { textOf } from '../../desk/form.js';
import { Rows } from '../../rows.js';
import { holds, useSession } from '../../session.js';
import { pathOf } from './request-page.js';
import { takes, type RequestView, type Spared, type Task } from './request.js';
import { useRequestsWords } from './requests.words.js';

/** Categories that are not touched, each on its ground. */
export function SparedRows({ title, rows, jurisdiction }: { title: string; rows: Spared[]; jurisdiction: string }) {
  const say = useRequestsWords();
  const choices = useChoices();
  if (rows.length === 0) return null;
  return (
    <Section title={title}>
      <Rows
        caption={title}
        rows={rows}
        keyOf={({ category, ground, reason }) => `${category} ${ground} ${reason}`}
        columns={[
          { title: say('category'), cell: ({ category }) => choices.title('categories', category) },
          { title: say('ground'), cell: ({ ground }) => choices.ground(ground, jurisdiction) },
          { title: say('law'), cell: ({ law }) => law ?? '—' },
          { title: say('why'), cell: ({ reason }) => reason ?? '—' },
        ]}
      />
    </Section>
  );
}

/** What each system was asked for, and what it did. */
export function Tasks({ request }: { request: RequestView }) {
  const say = useRequestsWords();
  const choices = useChoices();
  const mayAct = holds(useSession(), 'dpo') && takes('override-task', request);
  return (
    <Section title={say('systems')}>
      {request.tasks.length === 0 ? (
        <p>{say('noTasks')}</p>
      ) : (
        <Rows
          caption={say('systems')}
          rows={request.tasks}
          keyOf={({ task }) => task}
          columns={[
            { title: say('system'), cell: ({ system }) => system },
            { title: say('task'), cell: ({ kind }) => say(kind as 'access') },
            { title: say('categories'), cell: ({ categories }) => categories.map((one) => choices.title('categories', one)).join(', ') },
            { title: say('outcome'), cell: (task) => <Outcome task={task} /> },
            ...(mayAct
              ? [
                  {
                    title: say('actions'),
                    cell: (task: Task) => (task.outcome === null ? <Settle request={request.request} task={task} /> : '—'),
                  },
                ]
              : []),
          ]}
        />
      )}
    </Section>
  );
}

function Outcome({ task: { outcome, stuck } }: { task: Task }) {
  const say = useRequestsWords();
  if (stuck) return <Tag tone="bad">{say('stuck')}</Tag>;
  if (outcome === null) return <Tag tone="warn">{say('waiting')}</Tag>;
  return <Tag tone={outcome === 'overridden' ? 'plain' : 'good'}>{say(outcome)}</Tag>;
}

function Settle({ request, task: { task, system } }: { request: string; task: Task }) {
  const say = useRequestsWords();
  return (
    <Action<RequestView>
      label={say('settle')}
      title={say('settleTitle', { system })}
      says={<p>{say('settleSays', { system })}</p>}
      act={(api, form) =>
        api.post(`${pathOf(request)}/tasks/${task}/settle`, {
          reason: textOf(form, 'reason'),
          acknowledged: form.has('acknowledged'),
        })
      }
      keep={(view) => [pathOf(request), view]}
      again={['/v1/requests']}
      done={say('settleDone')}
    >
      <ReasonField label={say('settleReason')} />
      <label className="check">
        <input type="checkbox" name="acknowledged" /> {say('recipientTold')}
      </label>
    </Action>
  );
}
