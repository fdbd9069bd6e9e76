import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { Link, useLocation, useNavigate, useParams } from 'react-router';
import { useApi } from '../../../kit/answers.js';
import type { ProblemError } from '../../../kit/api.js';
import { Nothing, Page } from '../../../kit/parts.js';
import { ProblemAlert } from '../../../kit/problem.js';
import { useAddress } from '../../address.js';
import { Facts } from '../../desk/facts.js';
import { ReasonForm } from '../../reason-form.js';
import { giveReason, useReason } from '../../reasons.js';
import { isPerson } from '../registers/register-list.js';
import { RegisterTable } from '../registers/register-table.js';
import { Consents } from './consents.js';
import { DataMap } from './data-map.js';
import { Held } from './held.js';
import { usePeopleWords } from './people.words.js';
import { Timeline } from './timeline.js';

export interface Look {
  id: string;
  reason: string;
}

/** A person's page: nothing is asked for before there is a reason, which goes with every look. */
export function PersonPage() {
  const say = usePeopleWords();
  const id = useParams()['id']!.toLowerCase();
  const reason = useReason(id);
  return (
    <Page title={say('person', { id: id.slice(0, 8) })}>
      {!isPerson(id) ? (
        <Nothing>{say('notAnId')}</Nothing>
      ) : reason === undefined ? (
        <>
          <p>{say('gate')}</p>
          <ReasonForm onReason={(given) => giveReason(id, given)} />
        </>
      ) : (
        <Opened id={id} reason={reason} />
      )}
    </Page>
  );
}

const TABS = ['timeline', 'dataMap', 'consents', 'disclosures', 'held', 'requests', 'looks'] as const;
type Tab = (typeof TABS)[number];

function Opened({ id, reason }: Look) {
  const [{ tab }] = useAddress('tab');
  const shown = TABS.find((one) => one === tab) ?? 'timeline';
  return (
    <>
      <Head id={id} reason={reason} />
      <Tabs shown={shown} />
      <Shown tab={shown} id={id} reason={reason} />
    </>
  );
}

function Shown({ tab, id, reason }: Look & { tab: Tab }) {
  switch (tab) {
    case 'timeline':
      return <Timeline id={id} reason={reason} />;
    case 'dataMap':
      return <DataMap id={id} reason={reason} />;
    case 'consents':
      return <Consents id={id} reason={reason} />;
    case 'disclosures':
      return <RegisterTable name="disclosures" path={`/v1/subjects/${id}/disclosures`} params={{ reason }} />;
    case 'held':
      return <Held id={id} reason={reason} />;
    case 'requests':
      return <RegisterTable name="requests" params={{ subject: id, reason }} />;
    case 'looks':
      return <RegisterTable name="access-log" params={{ subject: id, reason }} />;
  }
}

function Tabs({ shown }: { shown: Tab }) {
  const say = usePeopleWords();
  const { pathname } = useLocation();
  return (
    <nav aria-label={say('tabs')} className="plain-nav">
      <ul className="tabs">
        {TABS.map((tab) => (
          <li key={tab}>
            <Link to={`${pathname}?tab=${tab}`} replace {...(tab === shown && { 'aria-current': 'page' as const })}>
              {say(tab)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Who it is, why one looks, and what can be taken away. */
function Head({ id, reason }: Look) {
  const say = usePeopleWords();
  const api = useApi();
  const client = useQueryClient();
  const navigate = useNavigate();
  const evidence = useMutation<void, ProblemError>({
    mutationFn: () => api.download('/v1/evidence', `evidence-${id.slice(0, 8)}.zip`, { subject: id, reason }),
  });
  const close = () => {
    client.removeQueries({ predicate: ({ queryKey }) => JSON.stringify(queryKey).includes(id) });
    giveReason(id, undefined);
    void navigate('/people');
  };
  return (
    <>
      <Facts
        of={[
          [say('id'), <code>{id}</code>],
          [say('reasonGiven'), reason],
        ]}
      />
      <div className="filters person-acts">
        <Button loading={evidence.isPending} title={say('evidenceSays')} onClick={() => evidence.mutate()}>
          {say('evidence')}
        </Button>
        <Button onClick={close}>{say('close')}</Button>
      </div>
      <ProblemAlert error={evidence.error} />
    </>
  );
}
