import { uuidOf, type NewEvent, type ServiceLog } from '@attesta/event-log';
import type { FindingAssigned, FindingRaised, FindingReopened, FindingResolved } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import { Problem, refuseUnsealable } from '@attesta/service-kit';
import type pg from 'pg';
import { decide, evolve, FindingRefusal, RAISED, type Command, type FindingEvent, type FindingState } from './finding-desk.decider.js';
import { raisedId, type FindingHappening } from './findings.projection.js';

/** What the desk stands on: the audit service. */
export interface DeskHost {
  policy: Policy;
  log: ServiceLog;
  source: string;
  now: () => Date;
}

/** One thing that happened to a finding. */
export interface HistoryItem {
  event: FindingHappening;
  /** RFC 3339. */
  at: string;
  actor: string | null;
  assignee: string | null;
  outcome: string | null;
  /** What is wrong, or why it was resolved or reopened, or a note with the assignment. */
  explanation: string | null;
  positions: number[] | null;
  /** Position of the event itself; null until it is back from the ledger. */
  position: number | null;
}

/** A finding with all that happened to it, also what is not sealed yet. */
export interface OpenFinding {
  finding: string;
  subject: string | null;
  state: FindingState;
  history: HistoryItem[];
  /** How much happened to it since it was raised: a command may name it, so that nobody acts on what has changed meanwhile. */
  version: number;
}

type Tx = Pick<pg.PoolClient, 'query'>;

/** Where findings are dealt with. What is decided is an event of ours; the registers follow once it is sealed. */
export class FindingDesk {
  constructor(private readonly host: DeskHost) {}

  /** @throws Problem 404 */
  async find(db: Tx, finding: string): Promise<OpenFinding> {
    const { raised, subject, history } = await historyOf(db, finding);
    if (!raised) throw noSuchFinding();
    const events = history.filter(({ event }) => event !== 'raised');
    return { finding, subject, history, state: events.map(eventOf).reduce(evolve, RAISED), version: events.length };
  }

  /**
   * Decides under a lock of the finding, on all that was said of it, sealed or not.
   * @param version the finding as the caller saw it
   * @throws Problem 404; 409 where it changed, or does not take the command; 422 for what cannot be sealed
   */
  async handle(tx: Tx, finding: string, command: Command, actor: string, version?: number): Promise<OpenFinding> {
    await tx.query(`select pg_advisory_xact_lock(hashtext('attesta finding ' || $1))`, [finding]);
    const open = await this.find(tx, finding);
    const decided = deciding(() => decide(open.state, command));
    if (decided.length === 0) return open;
    if (version !== undefined && version !== open.version) throw changed(open.version);
    if (command.kind === 'resolve') await requireSealed(tx, command.positions ?? []);
    const now = this.host.now();
    const said = decided.map((event, i): NewEvent => this.asEvent(open, event, actor, now, open.version + i));
    for (const event of said) refuseUnsealable(this.host.source, event, this.host.policy, now);
    await this.host.log.append(tx, `finding-${finding}`, 'any', said);
    return this.find(tx, finding);
  }

  /** Resolves what we raised ourselves, unless somebody did: by the entries alone, so that it is said once. */
  async resolveByItself(tx: Tx, finding: string, command: Command & { kind: 'resolve' }): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(hashtext('attesta finding ' || $1))`, [finding]);
    const { raised, subject, history } = await historyOf(tx, finding);
    const id = uuidOf(`attesta.finding.resolved.v1\n${finding}\n${String(command.positions)}`);
    if (!raised || (await isSaid(tx, id))) return;
    const state = history
      .filter(({ event }) => event !== 'raised')
      .map(eventOf)
      .reduce(evolve, RAISED);
    if (state.state === 'resolved') return;
    const event = this.asEvent({ finding, subject }, decide(state, command)[0]!, 'attesta-audit', this.host.now(), 0);
    await this.host.log.append(tx, `finding-${finding}`, 'any', [{ ...event, id }]);
  }

  private asEvent(
    { finding, subject }: Pick<OpenFinding, 'finding' | 'subject'>,
    { type, ...data }: FindingEvent,
    actor: string,
    now: Date,
    version: number,
  ): NewEvent {
    const time = now.toISOString();
    return {
      id: uuidOf([type, finding, version, actor, time].join('\n')),
      type,
      time,
      ...(subject !== null && { subject }),
      actor,
      data: { finding, ...data },
    };
  }
}

interface Row {
  id: string;
  event: FindingHappening;
  position: string | null;
  subject: string | null;
  actor: string | null;
  assignee: string | null;
  outcome: string | null;
  explanation: string | null;
  positions: string[] | null;
  at: Date;
}

interface Said {
  id: string;
  type: string;
  time: Date;
  subject: string | null;
  actor: string | null;
  data: FindingRaised & Partial<FindingAssigned & FindingResolved & FindingReopened>;
}

/** What the log says of a finding, then what we said that is not back yet; each event once. */
async function historyOf(db: Tx, finding: string): Promise<{ raised: boolean; subject: string | null; history: HistoryItem[] }> {
  const sealed = await db.query<Row>(
    `select id, event, position, subject, actor, assignee, outcome, explanation, positions, occurred_at as at
       from finding_event where finding = $1 order by position`,
    [finding],
  );
  const said = await db.query<Said>(
    `select id, type, time, subject, actor, data from service_event where stream = 'finding-' || $1 or id = $2 order by position`,
    [finding, raisedId(finding)],
  );
  const known = new Set(sealed.rows.map(({ id }) => id));
  const rows = [...sealed.rows, ...said.rows.filter(({ id }) => !known.has(id)).map(unsealed)];
  const { rows: own } = await db.query<{ subject: string | null }>('select subject from finding where finding = $1', [finding]);
  const raised = own.length > 0 || rows.some(({ event }) => event === 'raised');
  return { raised, subject: own[0]?.subject ?? rows[0]?.subject ?? null, history: rows.map(itemOf) };
}

function unsealed({ id, type, time, subject, actor, data }: Said): Row {
  const { to, outcome, reason, note, explanation, positions } = data;
  return {
    id,
    event: type.split('.')[2] as FindingHappening,
    position: null,
    subject,
    actor,
    assignee: to ?? null,
    outcome: outcome ?? null,
    explanation: explanation ?? reason ?? note ?? null,
    positions: positions?.map(String) ?? null,
    at: time,
  };
}

const itemOf = ({ event, position, actor, assignee, outcome, explanation, positions, at }: Row): HistoryItem => ({
  event,
  at: at.toISOString(),
  actor,
  assignee,
  outcome,
  explanation,
  positions: positions?.map(Number) ?? null,
  position: position === null ? null : Number(position),
});

function eventOf({ event, assignee, outcome, explanation, positions }: HistoryItem): FindingEvent {
  const why = explanation ?? undefined;
  switch (event) {
    case 'assigned':
      return { type: 'attesta.finding.assigned.v1', to: assignee!, note: why };
    case 'reopened':
      return { type: 'attesta.finding.reopened.v1', reason: why };
    default:
      return {
        type: 'attesta.finding.resolved.v1',
        outcome: (outcome ?? undefined) as Extract<FindingEvent, { outcome?: unknown }>['outcome'],
        reason: why,
        ...(positions && { positions }),
      };
  }
}

async function isSaid(db: Tx, id: string): Promise<boolean> {
  const { rows } = await db.query('select 1 from service_event where id = $1', [id]);
  return rows.length > 0;
}

/** What shows that a finding was remedied is in the log. */
async function requireSealed(db: Tx, positions: readonly number[]): Promise<void> {
  if (positions.length === 0) return;
  const { rows } = await db.query<{ n: string }>('select count(*) as n from timeline where position = any($1::int8[])', [positions]);
  if (Number(rows[0]!.n) < new Set(positions).size) throw problemOf(notSealed());
}

const notSealed = () =>
  new FindingRefusal('not-sealed', 'The registers have no entry at one of these positions.', 'Name entries that are sealed.', '/positions');

function deciding<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof FindingRefusal ? problemOf(error) : error;
  }
}

function problemOf({ code, message, fix, field }: FindingRefusal): Problem {
  if (field === undefined) return Problem.conflict(message, fix, code);
  return new Problem({
    slug: 'command-refused',
    status: 422,
    title: 'The command cannot be carried out as it is',
    detail: 'Nothing was recorded.',
    fix,
    errors: [{ field, code, message, fix }],
  });
}

export const noSuchFinding = () =>
  Problem.notFound('There is no such finding.', 'Findings are listed at GET /v1/findings.', 'no-such-finding');
const changed = (version: number) =>
  Problem.conflict(
    `Somebody has dealt with the finding meanwhile: it is at version ${version}.`,
    'Look at it again, and decide on what it is now.',
    'finding-changed',
  );
