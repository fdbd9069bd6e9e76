import fs from 'node:fs';
import { events } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import fc from 'fast-check';
import { nextOwed, policyOf, REQUEST, taken, worlds, type World } from './request-histories-rig.js';
import { clockIn, DAY, judge, lateFrom, owed, statusOf, type Turn } from './request-model-rig.js';
import { deadlineOf, nextLook } from './request.clock.js';
import { NotNow } from './not-now.js';
import { decide, received, TRANSITIONS, type Command } from './request.decider.js';
import { evolve, isOpen, openTasks, type RequestEvent, type RequestState } from './request.state.js';

/** Nothing that is given may be changed. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

const fold = (state: RequestState | undefined, said: readonly RequestEvent[], at: number) =>
  said.reduce<RequestState | undefined>((s, event) => frozen(evolve(s, event, at)), state);
const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

interface Taken {
  command: Command;
  now: number;
  before: RequestState;
  after: RequestState;
  said?: RequestEvent[];
  refusal?: unknown;
  /** What had happened, this turn included. */
  turns: Turn[];
}

/** Lets a world happen. */
function play(world: World): Taken[] {
  const policy = policyOf(world);
  const first = received(world.receipt);
  let turns: Turn[] = [{ at: world.at, events: [first] }];
  let state = frozen(evolve(undefined, first, world.at));
  return world.steps.map((step, n) => {
    const before = state;
    const { now, command } = taken(policy, world, turns, step, n);
    try {
      const said = frozen(decide(policy, before, frozen(command), now));
      state = fold(before, said, now) ?? before;
      turns = [...turns, { at: now, events: said, disposal: command.kind === 'fulfil' ? command.disposal : undefined }];
      return { command, now, before, after: state, said, turns };
    } catch (refusal) {
      return { command, now, before, after: before, refusal, turns };
    }
  });
}

const assert = (rule: (played: Taken[], world: World, policy: Policy) => void, numRuns = 250) =>
  fc.assert(
    fc.property(worlds, (world) => rule(play(world), world, policyOf(world))),
    { numRuns },
  );

describe('whatever happens to a request', () => {
  it('what it leads to is lawful', () => {
    assert((played, _, policy) => expect(judge(policy, played.at(-1)?.turns ?? [])).toEqual([]), 500);
  });

  it('what is not taken is refused, with what to do about it', () => {
    assert((played) => {
      for (const { refusal } of played.filter((one) => one.said === undefined)) {
        expect(refusal).toBeInstanceOf(NotNow);
        const { code, message, fix, field } = refusal as NotNow;
        expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
        expect(message).toMatch(/^[A-Z\d].*\.$/);
        expect(fix).toMatch(/^[A-Z].*\.$/);
        if (field !== undefined) expect(field).toMatch(/^\//);
      }
    });
  });

  it('every event is one that the catalogue knows', () => {
    assert((played, { receipt }) => {
      for (const { type, data } of [received(receipt), ...played.flatMap(({ said = [] }) => said)])
        expect([type, events.get(type)?.validate({ request: REQUEST, ...data })]).toEqual([type, []]);
    });
  });

  it('the deadline is the one its events give', () => {
    assert((played, _, policy) => {
      for (const { after, turns } of played.filter((one) => isOpen(one.after))) {
        const late = lateFrom(policy, turns);
        const due = deadlineOf(policy, after);
        expect(due && Date.parse(due.overdueFrom)).toBe(late);
        if (!due || late === undefined) continue;
        const clock = clockIn(policy, turns);
        expect(due.clock).toBe(clock?.id);
        const day = clock?.duration.startsWith('PT') ? undefined : new Date(late - 1 + 7 * 3_600_000).toISOString().slice(0, 10);
        if (day !== undefined) expect(due.lastDay).toBe(day);
      }
    }, 800);
  });

  it('the clock is looked at when there is something to see, which is seen once', () => {
    assert((played, _, policy) => {
      for (const { after, now, turns } of played) {
        const look = nextLook(policy, after);
        const at = look === undefined ? undefined : Math.max(look, now);
        expect(at).toBe(nextOwed(policy, turns, now));
        const never = decide(policy, after, { kind: 'look' }, (at ?? now + 8000 * DAY) - 1);
        if (at === undefined || at > now) expect(never).toEqual([]);
        if (at === undefined) continue;
        const seen = decide(policy, after, { kind: 'look' }, at);
        expect(seen.map(({ type }) => type)).toEqual(owed(policy, turns, at).map(({ name }) => `attesta.request.${name}.v1`));
        expect(decide(policy, fold(after, seen, at) ?? after, { kind: 'look' }, at)).toEqual([]);
      }
    }, 120);
  });

  it('its state is the fold of its events, with or without their stream’s name, and survives JSON', () => {
    assert((played, { receipt, at }) => {
      const turns = played.at(-1)?.turns ?? [];
      const all = turns.flatMap((turn) => turn.events.map((event) => ({ event, at: turn.at })));
      let kept: RequestState | undefined;
      for (const one of all) {
        const { type, data } = one.event;
        const sealed = { type, data: { request: REQUEST, ...data } } as unknown as RequestEvent;
        kept = asJson(evolve(kept, asJson(sealed), one.at));
      }
      const last = played.at(-1)?.after ?? evolve(undefined, received(receipt), at);
      expect(kept).toStrictEqual(last);
      expect(asJson(last)).toStrictEqual(last);
    });
  });

  it('it stands where its events say, and a command leads where the table of transitions says', () => {
    assert((played) => {
      for (const { command, before, after, said, turns } of played) {
        expect(after.status).toBe(statusOf(turns));
        const { from, to } = TRANSITIONS[command.kind];
        if (said === undefined || (command.kind === 'look' && !isOpen(before))) continue;
        expect(from).toContain(before.status);
        expect(to).toContain(after.status === before.status && !(to as readonly string[]).includes(after.status) ? 'same' : after.status);
        expect(after.status === 'fulfilled' && openTasks(after).length > 0).toBe(false);
      }
    });
  });
});

describe('the histories', () => {
  let sample: Taken[];
  beforeAll(() => {
    sample = fc.sample(worlds, { numRuns: 1000, seed: 8 }).flatMap(play);
  });

  it('reach every kind of event and every refusal', () => {
    const types = sample.flatMap(({ said = [] }) => said.map(({ type }) => type));
    const elsewhere = ['received', 'package-downloaded', 'message-due'].map((name) => `attesta.request.${name}.v1`);
    const known = events.all().map(({ type }) => type);
    expect([...new Set([...types, ...elsewhere])].sort()).toEqual(known.filter((type) => type.startsWith('attesta.request.')).sort());
    expect(sample.flatMap(({ refusal }) => (refusal instanceof NotNow ? [refusal.code] : []))).toEqual(
      expect.arrayContaining([
        ...['wrong-status', 'nothing-asked', 'too-many-tries', 'identity-verified', 'identity-not-verified', 'no-legal-ground'],
        ...['no-such-task', 'task-ended', 'tasks-open', 'no-extension', 'clock-not-running', 'not-later', 'too-late'],
      ]),
    );
  });

  it('go along every arrow of the diagram, and along no other', () => {
    const id = (status: string) => status.replaceAll('-', '_');
    const gone = sample
      .filter(({ command, before, after, said }) => said && (before.status !== after.status || command.kind === 'require'))
      .map(({ command, before, after }) => `${id(before.status)} --> ${id(after.status)}: ${command.kind}`);
    const page = fs.readFileSync(new URL('../../../docs/requests.md', import.meta.url), 'utf8');
    const drawn = [...page.matchAll(/^ {2}(\w+ --> \w+): (.*)$/gm)].flatMap(([, arrow, kinds = '']) =>
      kinds.split(', ').map((kind) => `${arrow}: ${kind}`),
    );
    expect(drawn.sort()).toEqual([...new Set(gone)].sort());
  });
});
