import { uuidOf, type NewEvent, type ServiceLog } from '@attesta/event-log';
import { transaction } from '@attesta/transport';
import type pg from 'pg';

/** What was looked at: the signed head, the ledger's entries under it, or the bytes that our own registers hold of them. */
export type IntegrityPart = 'checkpoint' | 'log' | 'registers';

export interface IntegrityProblem {
  kind: string;
  /** The first position concerned; undefined for one of the whole log. */
  position?: number | undefined;
  /** All positions that are named; those behind a tampered entry are not. */
  positions: number[];
  /** For a person; holds nothing of an entry. */
  detail: string;
}

/** More than these nobody needs named one by one. */
export const MOST_PROBLEMS = 100;
const MOST_POSITIONS = 1_000;
const STREAM = 'findings';

const keyOf = ({ kind, position }: IntegrityProblem): string => `${kind} ${position ?? ''}`;

/**
 * Takes in what a look at the whole of a part found: problems that are new are kept and raised as one finding, in the same transaction; those that are
 * gone end. What is open already is neither raised nor dated again.
 */
export async function settle(
  pool: pg.Pool,
  log: ServiceLog,
  part: IntegrityPart,
  found: readonly IntegrityProblem[],
  now: Date,
): Promise<void> {
  await transaction(pool, async (tx) => {
    await tx.query('select 1 from integrity for update');
    const { rows } = await tx.query<{ n: string; kind: string; position: string | null }>(
      'select n, kind, position from integrity_problem where part = $1 and ended_at is null',
      [part],
    );
    const named = found.slice(0, MOST_PROBLEMS);
    const open = new Map(
      rows.map(({ n, kind, position }) => [keyOf({ kind, position: numberOf(position), positions: [], detail: '' }), n]),
    );
    const fresh = named.filter((problem) => !open.has(keyOf(problem)));
    for (const problem of named) open.delete(keyOf(problem));
    if (open.size > 0) await tx.query('update integrity_problem set ended_at = $2 where n = any($1::int8[])', [[...open.values()], now]);
    for (const { kind, position, positions, detail } of fresh) {
      await tx.query('insert into integrity_problem (part, kind, position, positions, detail, found_at) values ($1, $2, $3, $4, $5, $6)', [
        part,
        kind,
        position ?? null,
        positions,
        detail,
        now,
      ]);
    }
    if (fresh.length > 0) await log.append(tx, STREAM, 'any', [findingOf(part, fresh, found.length - named.length, now)]);
  });
}

function findingOf(part: IntegrityPart, problems: readonly IntegrityProblem[], more: number, now: Date): NewEvent {
  const { kind, position } = problems[0]!;
  const finding = `log-tampered:${part}:${kind}:${position ?? 'all'}:${now.getTime()}`;
  const positions = [...new Set(problems.flatMap((problem) => problem.positions))].sort((a, b) => a - b).slice(0, MOST_POSITIONS);
  const rest = more > 0 ? ` And ${more} more.` : '';
  const words = problems.map(({ detail }) => `${detail}.`).join(' ');
  return {
    id: uuidOf(`attesta.finding.raised.v1\n${finding}`),
    type: 'attesta.finding.raised.v1',
    time: now.toISOString(),
    actor: 'attesta-audit',
    data: {
      finding,
      rule: 'log-tampered',
      severity: 'violation',
      positions,
      explanation: `${words.length > 1_800 ? `${words.slice(0, 1_800)}…` : words}${rest}`,
    },
  };
}

const numberOf = (value: string | null): number | undefined => (value === null ? undefined : Number(value));
