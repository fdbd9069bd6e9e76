import { events } from '@attesta/events';
import fc from 'fast-check';
import { dated, isOpen, judge, momentOf, nextOwed, owed, running, worlds, type Turn, type World } from './breach-model-rig.js';
import { BreachRefusal } from './breach-refusal.js';
import { DISCOVERED, policy } from './breach-rig.js';
import { nextLook } from './breach.clock.js';
import { decide, record, type Command } from './breach.decider.js';
import { evolve, type BreachEvent, type BreachState } from './breach.state.js';

/** Nothing that is given may be changed. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

const BREACH = '00000000-0000-4000-8000-00000000dead';
const fold = (state: BreachState | undefined, said: readonly BreachEvent[], at: number) =>
  said.reduce<BreachState | undefined>((s, event) => frozen(evolve(s, event, at)), state)!;
const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

interface Taken {
  command?: Command;
  now: number;
  after: BreachState;
  refusal?: unknown;
  /** What had happened, this turn included. */
  turns: Turn[];
}

/** Lets a world happen. */
function play({ first, at, steps }: World): Taken[] {
  let now = momentOf(at, Date.parse(DISCOVERED));
  const said = frozen(record(policy, frozen(first), now));
  let state = fold(undefined, said, now);
  let turns: Turn[] = [{ at: now, events: said }];
  return [
    { now, after: state, turns },
    ...steps.map(({ time, command: commandAt }): Taken => {
      now = momentOf(time, now);
      const command = frozen(commandAt(now));
      try {
        const events = frozen(decide(policy, state, command, now));
        state = fold(state, events, now);
        turns = [...turns, { at: now, events }];
        return { command, now, after: state, turns };
      } catch (refusal) {
        return { command, now, after: state, refusal, turns };
      }
    }),
  ];
}

const assert = (rule: (played: Taken[]) => void, numRuns = 100) =>
  fc.assert(
    fc.property(worlds, (world) => rule(play(world))),
    { numRuns },
  );

describe('whatever happens to a breach', () => {
  it('what it leads to is lawful', () => {
    assert((played) => expect(judge(played.at(-1)!.turns)).toEqual([]), 400);
  });

  it('what is not taken is refused, with what to do about it', () => {
    assert((played) => {
      for (const { refusal } of played.filter((one) => one.refusal !== undefined)) {
        expect(refusal).toBeInstanceOf(BreachRefusal);
        const { message, fix } = refusal as BreachRefusal;
        expect(message).toMatch(/^[A-Z\d].*\.$/s);
        expect(fix).toMatch(/^[A-Z].*\.$/s);
      }
    });
  });

  it('every event is one that the catalogue knows', () => {
    assert((played) => {
      for (const { type, data } of dated(played.at(-1)!.turns))
        expect([type, events.get(type)?.validate({ breach: BREACH, ...data })]).toEqual([type, []]);
    });
  });

  it('clocks are looked at when there is something to see, which is seen once', () => {
    assert((played) => {
      for (const { after, now, turns } of played) {
        const next = nextLook(policy, after);
        const look = next === undefined ? undefined : Math.max(next, now);
        expect(look).toBe(nextOwed(dated(turns), now));
        if (look === undefined) continue;
        if (look > now) expect(decide(policy, after, { kind: 'look' }, look - 1)).toEqual([]);
        const seen = decide(policy, after, { kind: 'look' }, look);
        expect(seen).toHaveLength(owed(dated(turns), look).length);
        expect(decide(policy, fold(after, seen, look), { kind: 'look' }, look)).toEqual([]);
      }
    });
  });

  it('the same command twice is said once', () => {
    assert((played) => {
      for (const { command, after, now, refusal } of played) {
        if (!command || refusal !== undefined) continue;
        const isNews = command.kind === 'order-notice' && (command.notice.people ?? 0) > 0;
        if (!isNews) expect(decide(policy, after, command, now)).toEqual([]);
      }
    });
  });

  it('its state is the fold of its events, with or without their stream’s name, and survives JSON', () => {
    assert((played) => {
      const { turns, after } = played.at(-1)!;
      let kept: BreachState | undefined;
      for (const { at, type, data } of dated(turns)) kept = asJson(evolve(kept, asJson({ type, data } as BreachEvent), at));
      expect(kept).toStrictEqual(after);
      expect(asJson(after)).toStrictEqual(after);
      expect(after.status).toBe(isOpen(dated(turns)) ? 'open' : 'closed');
    });
  });
});

it('the histories reach every kind of event and every refusal', () => {
  const sample = fc.sample(worlds, { numRuns: 600, seed: 8 }).flatMap(play);
  const known = events.all().flatMap(({ type }) => (/^attesta\.breach\.(?!person-named)/.test(type) ? [type] : []));
  expect([...new Set(sample.flatMap(({ turns }) => dated(turns).map(({ type }) => type)))].sort()).toEqual(known.sort());
  expect(new Set(sample.flatMap(({ refusal }) => (refusal instanceof BreachRefusal ? [refusal.code] : [])))).toEqual(
    new Set([
      ...['authority-has-to-know', 'no-such-order', 'authority-knows', 'reason-needed', 'no-such-jurisdiction', 'closed', 'time-in-future'],
      ...['before-discovery', 'authority-does-not-know', 'explanation-needed', 'nobody-named', 'not-assessed', 'authority-not-told'],
      ...['no-exemption-needed', 'public-communication-needed', 'people-not-told', 'people-not-reached'],
    ]),
  );
  expect(sample.some(({ turns }) => running(dated(turns)).length === 3)).toBe(true);
});
