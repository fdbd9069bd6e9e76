import { personalKind } from '@attesta/policy';

/** What somebody may do about a finding. */
export type Command =
  | { kind: 'assign'; to: string; note?: string | undefined }
  | { kind: 'resolve'; outcome: Outcome; reason: string; positions?: readonly number[] | undefined }
  | { kind: 'reopen'; reason: string };

export const OUTCOMES = ['remedied', 'not-an-infringement', 'accepted-risk'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What happened to a finding since it was raised. */
export type FindingEvent =
  | { type: 'attesta.finding.assigned.v1'; to: string; note?: string | undefined }
  | {
      type: 'attesta.finding.resolved.v1';
      outcome?: Outcome | undefined;
      reason?: string | undefined;
      positions?: readonly number[] | undefined;
    }
  | { type: 'attesta.finding.reopened.v1'; reason?: string | undefined };

type Resolution = Extract<FindingEvent, { type: 'attesta.finding.resolved.v1' }>;
type Assignment = Extract<FindingEvent, { type: 'attesta.finding.assigned.v1' }>;

/** Who had it last stays with it, also while it is resolved. */
export type FindingState =
  | { state: 'open'; assignment?: undefined; last?: FindingEvent | undefined }
  | { state: 'assigned'; assignment: Assignment; last: FindingEvent }
  | { state: 'resolved'; assignment?: Assignment | undefined; resolution: Resolution; last: FindingEvent };

export const RAISED: FindingState = { state: 'open' };

export function evolve({ assignment }: FindingState, event: FindingEvent): FindingState {
  switch (event.type) {
    case 'attesta.finding.assigned.v1':
      return { state: 'assigned', assignment: event, last: event };
    case 'attesta.finding.resolved.v1':
      return { state: 'resolved', assignment, resolution: event, last: event };
    case 'attesta.finding.reopened.v1':
      return assignment ? { state: 'assigned', assignment, last: event } : { state: 'open', last: event };
  }
}

/** A command that a finding, as it stands, does not take. */
export class FindingRefusal extends Error {
  override readonly name = 'FindingRefusal';

  constructor(
    readonly code: string,
    message: string,
    readonly fix: string,
    /** JSON pointer into the command, when it is the command that is wrong and not its moment. */
    readonly field?: string,
  ) {
    super(message);
  }
}

/**
 * What a command leads to. What was just said in these very words is not said again, so that a command may be sent twice.
 * @throws FindingRefusal
 */
export function decide(state: FindingState, command: Command): FindingEvent[] {
  screen(command);
  switch (command.kind) {
    case 'assign': {
      const { to, note } = command;
      if (state.state === 'resolved') throw resolvedAlready();
      if (state.assignment?.to === to && state.assignment.note === note) return [];
      return [{ type: 'attesta.finding.assigned.v1', to, ...(note !== undefined && { note }) }];
    }
    case 'resolve': {
      const { outcome, reason, positions } = command;
      const event: Resolution = { type: 'attesta.finding.resolved.v1', outcome, reason, ...(positions && { positions }) };
      if (state.state !== 'resolved') return [event];
      if (isSame(state.resolution, event)) return [];
      throw resolvedAlready();
    }
    case 'reopen': {
      const { reason } = command;
      if (state.state === 'resolved') return [{ type: 'attesta.finding.reopened.v1', reason }];
      if (state.last?.type === 'attesta.finding.reopened.v1' && state.last.reason === reason) return [];
      throw new FindingRefusal('not-resolved', 'The finding is not resolved.', 'There is nothing to reopen: assign it, or resolve it.');
    }
  }
}

const isSame = (a: Resolution, b: Resolution): boolean =>
  a.outcome === b.outcome && a.reason === b.reason && String(a.positions ?? '') === String(b.positions ?? '');

const resolvedAlready = () =>
  new FindingRefusal('already-resolved', 'The finding is resolved.', 'Look at its history; if that was wrong, reopen it with the reason.');

/** It is sealed unencrypted and for ever. Whoever gets the finding is named by the pseudonym that events have as their actor. */
function screen(command: Command): void {
  const texts = { to: undefined, note: undefined, reason: undefined, ...command };
  for (const field of ['to', 'note', 'reason'] as const) {
    const kind = personalKind(texts[field] ?? '');
    if (kind === undefined) continue;
    throw new FindingRefusal(
      'personal-value-in-clear',
      `There is what looks like ${kind}; what is recorded here is sealed unencrypted and for ever.`,
      field === 'to' ? 'Name the officer by the pseudonym that the access log has as their actor.' : 'Refer to a case number instead.',
      `/${field}`,
    );
  }
}
