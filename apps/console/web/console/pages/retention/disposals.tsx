import { Button } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { useApi, useList } from '../../../kit/answers.js';
import type { ProblemError } from '../../../kit/api.js';
import { When } from '../../../kit/parts.js';
import { ProblemAlert } from '../../../kit/problem.js';
import { useAddress } from '../../address.js';
import { Person, Positions } from '../../cells.js';
import { useChoices } from '../../desk/choices.js';
import { useDeskWords } from '../../desk/desk.words.js';
import { Section, Tag } from '../../desk/facts.js';
import { SelectField } from '../../desk/fields.js';
import { PagedRows } from '../../rows.js';
import { useRetentionWords } from './retention.words.js';

const STATES = ['started', 'instructed', 'completed', 'abandoned'] as const;
type State = (typeof STATES)[number];

/** `GET /v1/disposals`. */
interface Disposal {
  id: string;
  subject: string;
  request: string | null;
  cause: 'schedule' | 'erasure-request' | 'minor' | 'review';
  status: State;
  classes: string[];
  rules: string[];
  startedAt: string;
  endedAt: string | null;
  waitsFor: ('ledger-closes' | 'systems' | 'ledger-destroys' | 'earlier-disposals' | 'the-log')[];
  positions: number[];
}

const TONES = { started: 'warn', instructed: 'warn', completed: 'good', abandoned: 'plain' } as const;

export function Disposals() {
  const say = useRetentionWords();
  const desk = useDeskWords();
  const choices = useChoices();
  const [{ status }, change] = useAddress('status');
  const list = useList<Disposal>('/v1/disposals', { status, limit: 50 }, { live: true });
  return (
    <Section title={say('disposalsNewest')}>
      <div className="filters">
        <SelectField
          name="status"
          label={say('state')}
          none={desk('any')}
          value={status ?? ''}
          onChange={({ target }) => change({ status: target.value })}
          options={STATES.map((value) => ({ value, label: say(value) }))}
        />
      </div>
      <PagedRows
        caption={say('disposalsNewest')}
        list={list}
        keyOf={({ id }) => id}
        columns={[
          { title: say('disposal'), cell: ({ id }) => <code>{id.slice(0, 8)}</code> },
          { title: say('person'), cell: ({ subject }) => <Person id={subject} /> },
          { title: say('state'), cell: (row) => <Standing of={row} /> },
          { title: say('cause'), cell: (row) => <Cause of={row} /> },
          { title: say('class'), cell: ({ classes }) => classes.map((one) => choices.title('retentionClasses', one)).join(', ') },
          { title: say('began'), cell: ({ startedAt }) => <When time={startedAt} /> },
          { title: say('ended'), cell: ({ endedAt }) => <When time={endedAt} /> },
          { title: say('entries'), cell: ({ positions }) => <Positions positions={positions} /> },
          { title: say('certificate'), cell: ({ id, status: state }) => (state === 'completed' ? <Certificate disposal={id} /> : '—') },
        ]}
      />
    </Section>
  );
}

function Standing({ of: { status, waitsFor } }: { of: Disposal }) {
  const say = useRetentionWords();
  return (
    <>
      <Tag tone={TONES[status]}>{say(status)}</Tag>
      {waitsFor.length > 0 && (
        <div>
          {say('waitsFor')}: {waitsFor.map((one) => say(one)).join(', ')}
        </div>
      )}
    </>
  );
}

function Cause({ of: { cause, request } }: { of: Disposal }) {
  const say = useRetentionWords();
  if (request === null) return <>{say(cause)}</>;
  return <Link to={`/requests/${request}`}>{say(cause)}</Link>;
}

/** What proves the destruction, with or without this system. The look is recorded. */
function Certificate({ disposal }: { disposal: string }) {
  const say = useRetentionWords();
  const api = useApi();
  const [error, setError] = useState<ProblemError | null>(null);
  const id = disposal.slice(0, 8);
  const download = (path: string, name: string) => {
    setError(null);
    api.download(`/v1/disposals/${disposal}/${path}`, name).catch((failed: unknown) => setError(failed as ProblemError));
  };
  return (
    <span className="buttons">
      <Button aria-label={say('jsonOf', { id })} onClick={() => download('certificate', `certificate-${id}.json`)}>
        {say('json')}
      </Button>
      <Button aria-label={say('pdfOf', { id })} onClick={() => download('certificate.pdf', `certificate-${id}.pdf`)}>
        {say('pdf')}
      </Button>
      <ProblemAlert error={error} />
    </span>
  );
}
