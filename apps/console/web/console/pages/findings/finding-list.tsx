import { Link } from 'react-router';
import { useList } from '../../../kit/answers.js';
import { Page, When } from '../../../kit/parts.js';
import { useAddress } from '../../address.js';
import { Positions } from '../../cells.js';
import { useDeskWords } from '../../desk/desk.words.js';
import { Tag } from '../../desk/facts.js';
import { SelectField, TextField } from '../../desk/fields.js';
import { PagedRows } from '../../rows.js';
import { useSession } from '../../session.js';
import { useShellWords } from '../../shell.words.js';
import { SEVERITIES, type FindingView, type State } from './finding.js';
import { useFindingsWords } from './findings.words.js';

const FILTERS = ['rule', 'severity', 'state', 'assigned_to'] as const;

export function FindingList() {
  const say = useFindingsWords();
  const shell = useShellWords();
  const [filters] = useAddress(...FILTERS);
  const list = useList<FindingView>('/v1/findings', { ...filters, limit: 50 }, { live: true });
  return (
    <Page title={shell('findings')}>
      <Filters />
      <PagedRows
        caption={say('list')}
        list={list}
        keyOf={({ finding }) => finding}
        columns={[
          { title: say('finding'), cell: ({ finding, rule }) => <Link to={encodeURIComponent(finding)}>{rule}</Link> },
          { title: say('severity'), cell: ({ severity }) => <Severity of={severity} /> },
          { title: say('what'), cell: ({ explanation }) => explanation },
          { title: say('clause'), cell: ({ clause }) => clause ?? '—' },
          { title: say('law'), cell: ({ law }) => law ?? '—' },
          { title: say('entries'), cell: ({ positions }) => <Positions positions={positions} /> },
          { title: say('state'), cell: ({ state, assignee }) => <Standing state={state} assignee={assignee} /> },
          { title: say('found'), cell: ({ recordedAt }) => <When time={recordedAt} /> },
        ]}
      />
    </Page>
  );
}

export function Severity({ of }: { of: FindingView['severity'] }) {
  const say = useFindingsWords();
  return <Tag tone={of === 'violation' ? 'bad' : of === 'warning' ? 'warn' : 'plain'}>{say(of)}</Tag>;
}

export function Standing({ state, assignee }: { state: State; assignee: string | null }) {
  const say = useFindingsWords();
  return (
    <>
      <Tag tone={state === 'resolved' ? 'good' : 'plain'}>{say(state)}</Tag>
      {state !== 'resolved' && assignee !== null && <div>{assignee}</div>}
    </>
  );
}

function Filters() {
  const say = useFindingsWords();
  const desk = useDeskWords();
  const { sub } = useSession();
  const [{ rule, severity, state, assigned_to }, change] = useAddress(...FILTERS);
  return (
    <div className="filters">
      <SelectField
        name="state"
        label={say('state')}
        none={desk('any')}
        value={state ?? ''}
        onChange={({ target }) => change({ state: target.value })}
        options={[
          { value: 'open', label: say('allOpen') },
          { value: 'unassigned', label: say('unassigned') },
          { value: 'assigned', label: say('assigned') },
          { value: 'resolved', label: say('resolved') },
        ]}
      />
      <SelectField
        name="severity"
        label={say('severity')}
        none={desk('any')}
        value={severity ?? ''}
        onChange={({ target }) => change({ severity: target.value })}
        options={SEVERITIES.map((value) => ({ value, label: say(value) }))}
      />
      <SelectField
        name="assigned_to"
        label={say('whose')}
        none={desk('any')}
        value={assigned_to ?? ''}
        onChange={({ target }) => change({ assigned_to: target.value })}
        options={[
          { value: sub, label: say('mine') },
          ...(assigned_to !== undefined && assigned_to !== sub ? [{ value: assigned_to, label: assigned_to }] : []),
        ]}
      />
      <TextField
        name="rule"
        label={say('rule')}
        key={rule}
        defaultValue={rule}
        maxLength={64}
        onBlur={({ target }) => change({ rule: target.value.trim() })}
        onKeyDown={({ key, currentTarget }) => key === 'Enter' && change({ rule: currentTarget.value.trim() })}
      />
    </div>
  );
}
