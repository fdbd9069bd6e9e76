import { number } from '../../../kit/dates.js';
import { Loaded, When } from '../../../kit/parts.js';
import { useLanguage } from '../../../kit/words.js';
import { Facts, Section, Tag } from '../../desk/facts.js';
import { Rows } from '../../rows.js';
import { useHealthWords } from './health.words.js';
import { usePolled } from './polled.js';

/** `GET /v1/integrity`. */
export interface IntegrityDetails {
  intact: boolean | null;
  size: number;
  root: string | null;
  signedAt: string | null;
  witnesses: string[];
  verifiedUpto: number;
  checkedAt: string | null;
  sweep: { startedAt: string | null; at: number | null; completedAt: string | null; entriesPerSecond: number | null };
  problems: {
    position: number | null;
    positions: number[];
    part: string;
    kind: string;
    detail: string;
    foundAt: string;
    endedAt: string | null;
  }[];
  registers: { position: number; lag: { parked: number } | null };
}

export const useIntegrityDetails = () => usePolled<IntegrityDetails>('/v1/integrity');

export function LogState() {
  const say = useHealthWords();
  return (
    <Section title={say('log')}>
      <Loaded answer={useIntegrityDetails()}>
        {(integrity) => (
          <>
            <State of={integrity} />
            <Problems of={integrity.problems} />
          </>
        )}
      </Loaded>
    </Section>
  );
}

function State({ of: { intact, size, root, signedAt, witnesses, verifiedUpto, checkedAt, sweep } }: { of: IntegrityDetails }) {
  const say = useHealthWords();
  const language = useLanguage();
  return (
    <Facts
      of={[
        [
          say('state'),
          <Tag key="state" tone={intact === null ? 'warn' : intact ? 'good' : 'bad'}>
            {say(intact === null ? 'unknown' : intact ? 'intact' : 'broken')}
          </Tag>,
        ],
        [say('entries'), number(size, language)],
        [say('verified'), number(verifiedUpto, language)],
        [say('checked'), <When key="checked" time={checkedAt} />],
        [say('witnesses'), witnesses.length > 0 ? witnesses.join(', ') : say('noWitness')],
        [say('signed'), signedAt && <When time={signedAt} />],
        [
          say('sweep'),
          sweep.at !== null && sweep.startedAt !== null ? (
            <>
              {say('sweepAt', { at: number(sweep.at, language) })} <When time={sweep.startedAt} />
            </>
          ) : undefined,
        ],
        [say('sweepDone'), <When key="done" time={sweep.completedAt} />],
        [say('rate'), sweep.entriesPerSecond === null ? undefined : number(sweep.entriesPerSecond, language)],
        [say('root'), root && <code>{root}</code>],
      ]}
    />
  );
}

const SHOWN = 10;

function Problems({ of }: { of: IntegrityDetails['problems'] }) {
  const say = useHealthWords();
  if (of.length === 0) return <p>{say('noProblems')}</p>;
  return (
    <>
      <h3>{say('problems')}</h3>
      <Rows
        caption={say('problems')}
        rows={of}
        keyOf={({ part, kind, position, foundAt }) => `${part} ${kind} ${position} ${foundAt}`}
        columns={[
          {
            title: say('state'),
            cell: ({ endedAt }) => <Tag tone={endedAt === null ? 'bad' : 'plain'}>{say(endedAt === null ? 'standing' : 'ended')}</Tag>,
          },
          {
            title: say('positions'),
            cell: ({ position, positions }) =>
              position === null ? say('wholeLog') : positions.slice(0, SHOWN).join(', ') + (positions.length > SHOWN ? ' …' : ''),
          },
          { title: say('part'), cell: ({ part }) => part },
          { title: say('kind'), cell: ({ kind }) => kind },
          { title: say('detail'), cell: ({ detail }) => detail },
          { title: say('found'), cell: ({ foundAt }) => <When time={foundAt} /> },
          { title: say('ended'), cell: ({ endedAt }) => <When time={endedAt} /> },
        ]}
      />
    </>
  );
}
