import { useList } from '../../../kit/answers.js';
import { When } from '../../../kit/parts.js';
import { Action } from '../../desk/desk.js';
import { Section, Tag } from '../../desk/facts.js';
import { ReasonField } from '../../desk/fields.js';
import { textOf } from '../../desk/form.js';
import { PagedRows } from '../../rows.js';
import { holds, useSession } from '../../session.js';
import { useHealthWords } from './health.words.js';
import { useIntegrityDetails } from './log-state.js';
import { SERVICES, type Service } from './services.js';

/** `GET /ops/<service>/dlq`. */
interface Parked {
  position: number;
  partition: number;
  /** May be a person's pseudonym: told to the service again, and shown to nobody. */
  key: string;
  /** It failed itself, and does not wait behind another. */
  poison: boolean;
  error: string | null;
  attempts: number;
  parkedAt: string;
}

/** Events set aside. Operators alone see which. */
export function ParkedEvents() {
  const say = useHealthWords();
  const isOperator = holds(useSession(), 'operator');
  return (
    <Section title={say('parked')}>
      <p className="as-of">{say('parkedHelp')}</p>
      {isOperator ? SERVICES.map((service) => <OfService key={service} service={service} />) : <Count />}
    </Section>
  );
}

function Count() {
  const say = useHealthWords();
  const count = useIntegrityDetails().data?.registers.lag?.parked;
  return <p>{count === undefined ? say('unknown') : say('parkedAuditor', { count })}</p>;
}

function OfService({ service }: { service: Service }) {
  const say = useHealthWords();
  const list = useList<Parked>(`/ops/${service}/dlq`, {}, { live: true });
  if (list.data?.rows.length === 0) {
    return (
      <p>
        {say(service)}: {say('noParked')}
      </p>
    );
  }
  return (
    <>
      <h3>{say(service)}</h3>
      <PagedRows
        caption={`${say('parked')}: ${say(service)}`}
        list={list}
        keyOf={({ position }) => position}
        columns={[
          { title: say('position'), cell: ({ position }) => position },
          { title: say('partition'), cell: ({ partition }) => partition },
          {
            title: say('state'),
            cell: ({ poison }) => <Tag tone={poison ? 'bad' : 'plain'}>{say(poison ? 'poison' : 'behind')}</Tag>,
          },
          { title: say('error'), cell: ({ error }) => error ?? '—' },
          { title: say('attempts'), cell: ({ attempts }) => attempts },
          { title: say('since'), cell: ({ parkedAt }) => <When time={parkedAt} /> },
          { title: say('actions'), cell: (event) => (event.poison ? <Mend service={service} event={event} /> : '—') },
        ]}
      />
    </>
  );
}

function Mend({ service, event: { position, key } }: { service: Service; event: Parked }) {
  const say = useHealthWords();
  const path = `/ops/${service}/dlq`;
  return (
    <span className="buttons">
      <Action<{ applied: number; left: number; error?: string }>
        label={say('replay')}
        title={say('replayTitle', { position })}
        says={<p>{say('replaySays')}</p>}
        act={(api) => api.post(`${path}/replay`, { key })}
        again={[path, '/v1/integrity']}
        done={(result) => say(result.error === undefined ? 'replayed' : 'replayFailed', { ...result })}
      />
      <Action
        label={say('discard')}
        title={say('discardTitle', { position })}
        says={<p>{say('discardSays')}</p>}
        kind="danger"
        act={(api, form) => api.post(`${path}/${position}/discard`, { reason: textOf(form, 'reason') })}
        again={[path, '/v1/integrity']}
        done={say('discarded')}
      >
        <ReasonField />
      </Action>
    </span>
  );
}
