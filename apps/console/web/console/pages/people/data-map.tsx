import { useAnswer, type AsOf as Standing } from '../../../kit/answers.js';
import { date } from '../../../kit/dates.js';
import { AsOf, Loaded, When } from '../../../kit/parts.js';
import { useLanguage } from '../../../kit/words.js';
import { Code, Named, Positions } from '../../cells.js';
import { Tag } from '../../desk/facts.js';
import { Sealed } from '../../entry/sealed.js';
import { Rows } from '../../rows.js';
import type { Look } from './person-page.js';
import { usePeopleWords } from './people.words.js';

interface Evidence {
  count: number;
  positions: number[];
}

/** `apps/audit` data-map-form.ts, as far as it is shown. */
interface DataMapLine {
  category: string;
  sensitive: boolean;
  held: number;
  destroyed: number;
  since: string;
  origins: {
    origin: string;
    party: string | null;
    method: string | null;
    channel: string | null;
    occasion: string | null;
    evidence: Evidence;
  }[];
  purposes: {
    purpose: string;
    bases: { basis: string; jurisdiction: string; law: string | null; consents: number[] }[];
    keptBy: { rule: string; law: string; until: string | null }[];
    unruled: boolean;
  }[];
  due: { first: string | null; last: string | null };
  holds: { hold: string; matter: string | null; position: number }[];
  disclosures: { recipient: string; country: string | null; transferGround: string | null; last: string; evidence: Evidence }[];
  disposals: { disposal: string; cause: string; completedAt: string; position: number }[];
  evidence: Evidence;
}

/** What is held of a person: from where, why, until when, who got it, and what was destroyed. */
export function DataMap({ id, reason }: Look) {
  const say = usePeopleWords();
  const answer = useAnswer<{ data: DataMapLine[]; asOf: Standing }>(`/v1/subjects/${id}/data-map`, { reason }, { once: true });
  return (
    <Loaded answer={answer}>
      {({ data, asOf }) => (
        <>
          <AsOf asOf={asOf} />
          <Rows
            caption={say('dataMap')}
            rows={data}
            keyOf={({ category }) => category}
            columns={[
              { title: say('data'), cell: (line) => <Category of={line} /> },
              { title: say('from'), cell: (line) => <Origins of={line} /> },
              { title: say('why'), cell: (line) => <Purposes of={line} /> },
              { title: say('until'), cell: (line) => <Until of={line} /> },
              { title: say('wentTo'), cell: (line) => <Recipients of={line} /> },
              { title: say('destroyed'), cell: (line) => <Disposals of={line} /> },
              { title: say('proof'), cell: ({ evidence }) => <Positions {...evidence} /> },
            ]}
          />
        </>
      )}
    </Loaded>
  );
}

function Category({ of: { category, sensitive, held, destroyed, since } }: { of: DataMapLine }) {
  const say = usePeopleWords();
  const language = useLanguage();
  return (
    <>
      <strong>
        <Named kind="category" ids={category} />
      </strong>{' '}
      {sensitive && <Tag tone="warn">{say('sensitive')}</Tag>}
      {held > 0 && <div>{say('heldSince', { held, since: date(since, language) })}</div>}
      {destroyed > 0 && <div>{say('goneCount', { destroyed })}</div>}
    </>
  );
}

function Origins({ of: { origins } }: { of: DataMapLine }) {
  return origins.map(({ origin, party, method, channel, occasion, evidence }) => (
    <div key={`${origin} ${party} ${method} ${channel} ${occasion}`}>
      {party ? <Named kind="party" ids={party} /> : <Code code={origin} />}
      {method && (
        <>
          , <Named kind="method" ids={method} />
        </>
      )}{' '}
      <Positions {...evidence} />
    </div>
  ));
}

function Purposes({ of: { purposes } }: { of: DataMapLine }) {
  const say = usePeopleWords();
  if (purposes.length === 0) return '—';
  return purposes.map(({ purpose, bases }) => (
    <div key={purpose}>
      <Named kind="purpose" ids={purpose} />
      <ul>
        {bases.map(({ basis, jurisdiction, law, consents }) => (
          <li key={`${basis} ${jurisdiction} ${law}`}>
            <Named kind="basis" ids={basis} /> {law && `(${law})`}{' '}
            {consents.length > 0 && (
              <>
                {say('consentRelied')} <Positions positions={consents} />
              </>
            )}
          </li>
        ))}
      </ul>
    </div>
  ));
}

function Until({ of: { held, due, purposes, holds } }: { of: DataMapLine }) {
  const say = usePeopleWords();
  const language = useLanguage();
  if (held === 0) return '—';
  const [first, last] = [due.first, due.last].map((time) => (time === null ? say('openEnd') : date(time, language)));
  const rules = new Map(purposes.flatMap(({ keptBy }) => keptBy).map((kept) => [`${kept.rule} ${kept.until}`, kept]));
  return (
    <>
      {first === last ? first : say('untilRange', { first, last })}
      {[...rules].map(([key, { rule, law, until }]) => (
        <div key={key}>
          {rule} ({law}): {until ? <When time={until} /> : say('openEnd')}
        </div>
      ))}
      {holds.map(({ hold, matter, position }) => (
        <div key={hold}>
          <Tag tone="warn">{say('hold')}</Tag> {matter} <Sealed position={position} />
        </div>
      ))}
      {purposes.some(({ unruled }) => unruled) && <Tag tone="warn">{say('unruled')}</Tag>}
    </>
  );
}

function Recipients({ of: { disclosures } }: { of: DataMapLine }) {
  if (disclosures.length === 0) return '—';
  return disclosures.map(({ recipient, country, transferGround, evidence }) => (
    <div key={`${recipient} ${country} ${transferGround}`}>
      <Named kind="party" ids={recipient} /> {[country, transferGround].filter(Boolean).join(', ')} <Positions {...evidence} />
    </div>
  ));
}

function Disposals({ of: { disposals } }: { of: DataMapLine }) {
  if (disposals.length === 0) return '—';
  return disposals.map(({ disposal, cause, completedAt, position }) => (
    <div key={disposal}>
      <When time={completedAt} /> (<Code code={cause} />) <Sealed position={position} />
    </div>
  ));
}
