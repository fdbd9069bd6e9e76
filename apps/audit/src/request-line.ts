import { clockFor, requestDeadline, type Clock, type Policy } from '@attesta/policy';
import type { RequestEventRow } from './requests.projection.js';

export type RequestStatus =
  'initiated' | 'acknowledged' | 'requires-action' | 'action-performed' | 'accepted' | 'rejected' | 'fulfilled' | 'unfulfilled';

/** A request as the register shows it. Nothing of what a person wrote is in it. */
export interface RequestLine {
  /** Of request.received; the line's place in the list. */
  position: number;
  request: string;
  subject: string;
  right: string;
  rightTitle: string | null;
  rightTitleTh: string | null;
  jurisdiction: string;
  channel: string;
  receivedAt: string;
  status: RequestStatus;
  state: 'open' | 'ended';
  /** The clock of the policy that runs for it; null where there is none. */
  clock: string | null;
  /** The first instant at which it is too late; null while its clock does not run. */
  due: string | null;
  /** Until when it was extended, and why. */
  extendedUntil: string | null;
  extensionReason: string | null;
  /** Open, and too late at `at`. */
  overdue: boolean;
  /** Late by how many seconds: at `at` while it is open, else when it ended. 0: in time; null: no deadline. */
  lateSeconds: number | null;
  ended: RequestEnd | null;
  /** Categories that were refused when it was accepted, each on its ground. */
  refused: { category: string; ground: string; law: string }[];
  reopened: number;
  systems: { system: string; kind: string; askedAt: string; answeredAt: string | null; outcome: string | null; stuck: boolean }[];
  duplicateOf: string | null;
  /** Entries it is put together from, in the order of the log. */
  positions: number[];
}

export interface RequestEnd {
  how: 'fulfilled' | 'rejected' | 'unfulfilled';
  at: string;
  /** Of what was fulfilled: complete or partial. Of what was not: why. */
  outcome: string | null;
  /** Of what was refused. */
  ground: string | null;
  law: string | null;
  reason: string | null;
  position: number;
}

interface Task {
  system: string;
  kind: string;
  askedAt: string;
  answeredAt: string | null;
  outcome: string | null;
  stuck: boolean;
}

/** What a request has come to. Times are milliseconds. */
class Story {
  status: RequestStatus = 'initiated';
  verifiedAt: number | undefined;
  /** When everything that was needed to begin was there for the first time. */
  sufficientAt: number | undefined;
  needs: string[] = [];
  /** When the clock stood still. */
  waits: { from: number; to: number }[] = [];
  waitingSince: number | undefined;
  extended: { until: number; reason: string | null } | undefined;
  end: RequestEnd | null = null;
  refused: RequestLine['refused'] = [];
  reopened = 0;
  tasks = new Map<string, Task>();
  /** The deadline as the last event told it, while it stays so. */
  told: string | null = null;

  constructor(
    public startedAt: number,
    private readonly clock: Clock | undefined,
  ) {}

  take({ event, details, occurredAt, position, due }: RequestEventRow): void {
    const at = Date.parse(occurredAt);
    const said = details as Details;
    if (due !== null) this.told = due;
    switch (event) {
      case 'acknowledged':
        this.status = 'acknowledged';
        break;
      case 'action-required':
        this.pauseUntil(at);
        this.needs = [...new Set([...this.needs, said.justification!])];
        this.waitingSince = at;
        this.status = 'requires-action';
        break;
      case 'action-performed':
        this.pauseUntil(at);
        this.needs = this.needs.filter((need) => need !== said.justification);
        this.waitingSince = this.needs.length > 0 ? at : undefined;
        if (this.needs.length === 0) this.status = 'action-performed';
        this.begin(at);
        break;
      case 'identity-verified':
        this.verifiedAt ??= at;
        this.begin(at);
        break;
      case 'delayed':
        this.extended = { until: Date.parse(due!), reason: said.reason ?? null };
        break;
      case 'accepted':
        this.status = 'accepted';
        this.refused = said.refused ?? [];
        break;
      case 'task-issued':
        this.tasks.set(said.task!, {
          system: said.system!,
          kind: said.kind!,
          askedAt: occurredAt,
          answeredAt: null,
          outcome: null,
          stuck: false,
        });
        break;
      case 'task-answered':
        this.task(said.task!, { answeredAt: occurredAt, outcome: said.outcome!, stuck: false });
        break;
      case 'task-overridden':
        this.task(said.task!, { answeredAt: occurredAt, outcome: 'overridden', stuck: false });
        break;
      case 'task-stuck':
        this.task(said.task!, { stuck: true });
        break;
      case 'fulfilled':
      case 'rejected':
      case 'unfulfilled':
        this.status = event;
        this.waitingSince = undefined;
        this.end = {
          how: event,
          at: occurredAt,
          outcome: event === 'unfulfilled' ? (said.reason ?? null) : (said.outcome ?? null),
          ground: said.ground ?? null,
          law: said.law ?? null,
          reason: event === 'rejected' ? (said.reason ?? null) : null,
          position,
        };
        break;
      case 'reopened':
        Object.assign(this, new Story(at, this.clock), {
          verifiedAt: this.verifiedAt,
          reopened: this.reopened + 1,
          status: 'acknowledged',
        });
        this.begin(at);
    }
  }

  private task(name: string, change: Partial<Task>): void {
    const known = this.tasks.get(name);
    if (known) Object.assign(known, change);
  }

  /** Whether the clock stands still for what is needed of the person. */
  private stands(needs: readonly string[]): boolean {
    return needs.some((need) => this.clock?.pausesOn.includes(need));
  }

  private begin(at: number): void {
    if (this.verifiedAt !== undefined && this.needs.length === 0) this.sufficientAt ??= at;
  }

  private pauseUntil(at: number): void {
    if (this.waitingSince === undefined || !this.stands(this.needs)) return;
    this.waits.push({ from: this.waitingSince, to: at });
    this.told = null;
  }

  /** By when it must be done (RFC 3339): as the events told it, where none did by the clock of the policy; null while the clock does not run. */
  due(): string | null {
    const { clock } = this;
    if (this.waitingSince !== undefined && this.stands(this.needs)) return null;
    if (!clock || this.told !== null) return this.told;
    const begun = { receipt: this.startedAt, verified: this.verifiedAt, sufficient_information: this.sufficientAt }[clock.starts];
    if (begun === undefined) return null;
    const start = Math.max(begun, this.startedAt);
    const paused = this.waits.reduce((sum, { from, to }) => sum + Math.max(0, to - Math.max(from, start)), 0);
    // The extension tells the first instant that is too late.
    const announced = this.extended && new Date(this.extended.until - 1).toISOString();
    return iso(requestDeadline(clock, new Date(start).toISOString(), paused, announced).overdueFrom);
  }
}

/** Members of the events of requests that are read here. */
interface Details {
  justification?: string;
  reason?: string;
  refused?: RequestLine['refused'];
  task?: string;
  system?: string;
  kind?: string;
  outcome?: string;
  ground?: string;
  law?: string;
  duplicateOf?: string;
}

/**
 * A request from what was sealed of it.
 * @param rows in the order of the log, the first of which is request.received
 * @param at the instant that lateness is counted to (milliseconds)
 */
export function requestLine(policy: Policy, rows: readonly RequestEventRow[], at: number): RequestLine {
  const [received, ...later] = rows as [RequestEventRow, ...RequestEventRow[]];
  const [right, jurisdiction] = [received.rightId!, received.jurisdiction!];
  const clock = clockFor(policy, right, jurisdiction);
  const story = new Story(Date.parse(received.occurredAt), clock);
  for (const row of later) story.take(row);
  const due = story.due();
  const known = policy.rights.get(right);
  const until = story.end ? Date.parse(story.end.at) : at;
  const late = due === null ? null : Math.max(0, Math.floor((until - Date.parse(due)) / 1000));
  return {
    position: received.position,
    request: received.request,
    subject: received.subject,
    right,
    rightTitle: known?.title ?? null,
    rightTitleTh: known?.title_th ?? null,
    jurisdiction,
    channel: received.channel!,
    receivedAt: received.occurredAt,
    status: story.status,
    state: story.end ? 'ended' : 'open',
    clock: clock?.id ?? null,
    due,
    extendedUntil: story.extended ? new Date(story.extended.until).toISOString() : null,
    extensionReason: story.extended?.reason ?? null,
    overdue: !story.end && due !== null && until >= Date.parse(due),
    lateSeconds: late,
    ended: story.end,
    refused: story.refused,
    reopened: story.reopened,
    systems: [...story.tasks.values()],
    duplicateOf: (received.details as Details).duplicateOf ?? null,
    positions: rows.map(({ position }) => position),
  };
}

const iso = (time: string): string => new Date(time).toISOString();
