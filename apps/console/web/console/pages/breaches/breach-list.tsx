import { Link, useNavigate } from 'react-router';
import { useList } from '../../../kit/answers.js';
import { Page, When } from '../../../kit/parts.js';
import { useAddress } from '../../address.js';
import { useChoices } from '../../desk/choices.js';
import { Action, Desk } from '../../desk/desk.js';
import { useDeskWords } from '../../desk/desk.words.js';
import { Tag } from '../../desk/facts.js';
import { SelectField } from '../../desk/fields.js';
import { PagedRows } from '../../rows.js';
import { holds, useSession } from '../../session.js';
import { useShellWords } from '../../shell.words.js';
import { ClockState } from './breach-clocks.js';
import { FactFields, factsOf, TimeOfDiscovery } from './breach-fields.js';
import type { BreachView } from './breach.js';
import { useBreachesWords } from './breaches.words.js';

export const LIST = '/v1/breaches';

export function BreachList() {
  const say = useBreachesWords();
  const shell = useShellWords();
  const desk = useDeskWords();
  const choices = useChoices();
  const [{ status }, change] = useAddress('status');
  const list = useList<BreachView>(LIST, { status, limit: 50 }, { live: true });
  return (
    <Page title={shell('breaches')} extra={holds(useSession(), 'dpo') && <Record />}>
      <Desk>
        <div className="filters">
          <SelectField
            name="status"
            label={say('status')}
            none={desk('any')}
            value={status ?? ''}
            onChange={({ target }) => change({ status: target.value })}
            options={(['open', 'closed'] as const).map((value) => ({ value, label: say(value) }))}
          />
        </div>
        <PagedRows
          caption={say('list')}
          list={list}
          keyOf={({ breach }) => breach}
          columns={[
            {
              title: say('breach'),
              cell: ({ breach }) => (
                <Link to={breach}>
                  <code>{breach.slice(0, 8)}</code>
                </Link>
              ),
            },
            { title: say('clocks'), cell: ({ clocks }) => <Clocks of={clocks} /> },
            { title: say('risk'), cell: ({ assessment }) => <Risk of={assessment} /> },
            { title: say('nature'), cell: ({ facts }) => facts.nature.map((one) => say(one)).join(', ') },
            { title: say('categories'), cell: ({ facts }) => facts.categories.map((one) => choices.title('categories', one)).join(', ') },
            { title: say('discovered'), cell: ({ discoveredAt }) => <When time={discoveredAt} /> },
            { title: say('status'), cell: (row) => say(row.status) },
          ]}
        />
      </Desk>
    </Page>
  );
}

function Clocks({ of }: { of: BreachView['clocks'] }) {
  const choices = useChoices();
  return (
    <ul className="plain-list">
      {of.map((clock) => (
        <li key={clock.jurisdiction}>
          {choices.title('jurisdictions', clock.jurisdiction)}: <ClockState of={clock} />
        </li>
      ))}
    </ul>
  );
}

export function Risk({ of }: { of: BreachView['assessment'] }) {
  const say = useBreachesWords();
  if (of === null) return <Tag tone="warn">{say('notAssessed')}</Tag>;
  return <Tag tone={of.risk === 'high' ? 'bad' : of.risk === 'risk' ? 'warn' : 'good'}>{say(`risk-${of.risk}`)}</Tag>;
}

function Record() {
  const say = useBreachesWords();
  const desk = useDeskWords();
  const go = useNavigate();
  return (
    <Action<BreachView>
      label={say('record')}
      says={
        <p>
          {say('recordSays')} {desk('sealed')}
        </p>
      }
      kind="primary"
      act={(api, form) => api.post(LIST, factsOf(form))}
      keep={(view) => [pathOf(view.breach), view]}
      again={[LIST]}
      after={({ breach }) => void go(`/breaches/${breach}`, { state: { told: say('recordDone') } })}
      done={say('recordDone')}
    >
      <TimeOfDiscovery />
      <FactFields />
    </Action>
  );
}

export const pathOf = (breach: string): string => `${LIST}/${encodeURIComponent(breach)}`;
