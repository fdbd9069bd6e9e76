import { uuidOf, type NewEvent, type ServiceLog } from '@attesta/event-log';
import type pg from 'pg';
import { findings, raisedId } from './findings.projection.js';
import type { Compared } from './rebuild-compare.js';
import { NEXT_SCHEMA } from './rebuild.schema.js';

type Tx = Pick<pg.PoolClient, 'query'>;

const STREAM = 'findings';
const PAGE = 1_000;

/** The two sets differ: said once for each rebuild. */
export async function differenceFound(tx: Tx, log: ServiceLog, run: string, compared: Compared, now: Date): Promise<void> {
  const finding = `register-differs:${run}`;
  const id = uuidOf(`attesta.finding.raised.v1\n${finding}`);
  const { rowCount } = await tx.query('select 1 from service_event where id = $1', [id]);
  if (rowCount) return;
  const { position, differing } = compared;
  const words = differing.map(({ register, position: first }) => (first === null ? register : `${register} (first at position ${first})`));
  await log.append(tx, STREAM, 'any', [
    {
      id,
      type: 'attesta.finding.raised.v1',
      time: now.toISOString(),
      actor: 'attesta-audit',
      data: {
        finding,
        rule: 'register-differs',
        severity: 'violation',
        positions: [...new Set(differing.flatMap(({ position: first }) => first ?? []))].sort((a, b) => a - b),
        explanation: `Registers rebuilt from the log are not what they were, as of position ${position}: ${words.join(', ')}.`,
      },
    },
  ]);
}

/**
 * What the second set found and nobody said yet: what the present one had not judged, and where their findings differ, whatever it lacked. Findings that
 * are the same in both were said with their rows.
 */
export async function unsaidFindings(tx: Tx, { position, differing }: Compared): Promise<NewEvent[]> {
  const unsaid: NewEvent[] = [];
  const from = differing.some(({ register }) => register === findings.name) ? -1 : position;
  for (let after: [number, string] = [from, '\uffff']; ;) {
    const { rows } = await tx.query<FindingRow>(
      `select position, finding, rule, severity, clause, law, subject, positions, explanation, recorded_at from ${NEXT_SCHEMA}.finding
        where (position, rule) > ($1::int8, $2::text) order by position, rule limit $3`,
      [...after, PAGE],
    );
    const ids = rows.map(({ finding }) => raisedId(finding));
    const { rows: said } = await tx.query<{ id: string }>('select id from service_event where id = any($1::uuid[])', [ids]);
    const known = new Set(said.map(({ id }) => id));
    unsaid.push(...rows.filter((_, i) => !known.has(ids[i]!)).map(eventOf));
    if (rows.length < PAGE) return unsaid;
    const last = rows.at(-1)!;
    after = [Number(last.position), last.rule];
  }
}

interface FindingRow {
  position: string;
  finding: string;
  rule: string;
  severity: string;
  clause: string | null;
  law: string | null;
  subject: string | null;
  positions: string[];
  explanation: string;
  recorded_at: Date;
}

/** As the judge says it. */
const eventOf = ({ finding, rule, severity, clause, law, subject, positions, explanation, recorded_at }: FindingRow): NewEvent => ({
  id: raisedId(finding),
  type: 'attesta.finding.raised.v1',
  time: recorded_at.toISOString(),
  ...(subject !== null && { subject }),
  actor: 'attesta-audit',
  data: {
    finding,
    rule,
    severity,
    ...(clause !== null && { clause }),
    ...(law !== null && { law }),
    positions: positions.map(Number),
    explanation,
  },
});
