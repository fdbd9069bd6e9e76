import { Link } from 'react-router';
import { useList } from '../../../kit/answers.js';
import { Page, When } from '../../../kit/parts.js';
import { useAddress } from '../../address.js';
import { useChoices } from '../../desk/choices.js';
import { Deadline, Tag } from '../../desk/facts.js';
import { SelectField } from '../../desk/fields.js';
import { useDeskWords } from '../../desk/desk.words.js';
import { PagedRows } from '../../rows.js';
import { holds, useSession } from '../../session.js';
import { useShellWords } from '../../shell.words.js';
import { isOpen, STATUSES, type RequestRow } from './request.js';
import { useRequestsWords } from './requests.words.js';

const LIST = '/v1/requests';

export function RequestList() {
  const say = useRequestsWords();
  const shell = useShellWords();
  const choices = useChoices();
  const isOfficer = holds(useSession(), 'dpo');
  const [{ status, right, overdue }, change] = useAddress('status', 'right', 'overdue');
  const list = useList<RequestRow>(LIST, { status, right, overdue, limit: 50 }, { live: true });
  return (
    <Page
      title={shell('requests')}
      extra={
        isOfficer && (
          <span className="buttons">
            <Link to="mail">{say('mails')}</Link>
            <Link to="new">{say('record')}</Link>
          </span>
        )
      }
    >
      <Filters {...{ status, right, overdue, change }} />
      <PagedRows
        caption={say('list')}
        list={list}
        keyOf={({ request }) => request}
        columns={[
          {
            title: say('request'),
            cell: ({ request, right: asked }) => (
              <Link to={request}>
                {choices.title('rights', asked)} <code>{request.slice(0, 8)}</code>
              </Link>
            ),
          },
          {
            title: say('deadline'),
            cell: (row) => <Deadline due={row.due} lastDay={row.lastDay} over={!isOpen(row)} />,
          },
          { title: say('status'), cell: (row) => <Status of={row} /> },
          { title: say('identity'), cell: ({ identity }) => say(identity) },
          { title: say('channel'), cell: ({ channel }) => say(channel) },
          { title: say('received'), cell: ({ receivedAt }) => <When time={receivedAt} /> },
        ]}
      />
    </Page>
  );
}

export function Status({ of: { status, overdue } }: { of: Pick<RequestRow, 'status' | 'overdue'> }) {
  const say = useRequestsWords();
  const tone = overdue ? 'bad' : status === 'requires-action' ? 'warn' : status === 'fulfilled' ? 'good' : 'plain';
  return <Tag tone={tone}>{say(status)}</Tag>;
}

type Filter = 'status' | 'right' | 'overdue';
type FilterProps = { [K in Filter]: string | undefined } & { change: (changes: Partial<Record<Filter, string>>) => void };

function Filters({ status, right, overdue, change }: FilterProps) {
  const say = useRequestsWords();
  const desk = useDeskWords();
  const choices = useChoices();
  return (
    <div className="filters">
      <SelectField
        name="status"
        label={say('status')}
        none={desk('any')}
        value={status ?? ''}
        onChange={({ target }) => change({ status: target.value })}
        options={STATUSES.map((one) => ({ value: one, label: say(one) }))}
      />
      <SelectField
        name="right"
        label={say('right')}
        none={desk('any')}
        value={right ?? ''}
        onChange={({ target }) => change({ right: target.value })}
        options={choices.all('rights')}
      />
      <SelectField
        name="overdue"
        label={say('deadlines')}
        none={desk('any')}
        value={overdue ?? ''}
        onChange={({ target }) => change({ overdue: target.value })}
        options={[
          { value: 'true', label: say('lateOnly') },
          { value: 'false', label: say('notLate') },
        ]}
      />
    </div>
  );
}
