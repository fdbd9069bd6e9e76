import { events } from '@attesta/events';
import fc from 'fast-check';
import {
  areKeysDone,
  complete,
  evolve,
  instruct,
  isReady,
  start,
  type Answer,
  type DisposalState,
  type Found,
  type Outcome,
  type OwnEvent,
  type Survivor,
} from './disposal.decider.js';

const DISPOSAL = '00000000-0000-4000-8000-0000000000d1';
const REQUEST = '00000000-0000-4000-8000-0000000000a1';
const HOLD = '00000000-0000-4000-8000-0000000000b1';

const starting = {
  action: 'destroy' as const,
  rules: ['account-data'],
  categories: ['contact'],
  classes: ['contact'],
  collectedUntil: '2026-03-01T09:00:00.000Z',
};
const begun = start('schedule', starting);
const asked = start('erasure-request', { ...starting, request: REQUEST });
const closed = (keys = ['contact.1']): Answer => ({ type: 'attesta.key.closed.v1', data: { keys, fence: 7 } });
const answered = (
  acknowledgements: Extract<Answer, { type: 'attesta.disposal.systems-answered.v1' }>['data']['acknowledgements'] = [],
): Answer => ({
  type: 'attesta.disposal.systems-answered.v1',
  data: { acknowledgements },
});
const destroyed = (keys = ['contact.1'], scope = 'class'): Answer => ({ type: 'attesta.key.destroyed.v1', data: { keys, scope } });
const removed: Answer = { type: 'attesta.ciphertext.removed.v1', data: {} };
const part = (position: number) => ({ position, part: 0 });
const found = (changes: Partial<Found> = {}): Found => ({ scope: 'class', keys: ['contact.1'], parts: [part(3)], holds: [], ...changes });
const went = (changes: Partial<Outcome> = {}): Outcome => ({ rules: [], categories: ['contact'], parts: 1, survivors: [], ...changes });
const tax: Survivor = { category: 'contact', ground: 'tax-records', law: 'Revenue Code s.87/3' };

const after = (...happened: (OwnEvent | Answer)[]): DisposalState =>
  happened.reduce<DisposalState | undefined>((state, event) => evolve(state, event), undefined)!;
const names = (said: readonly OwnEvent[]) => said.map(({ type }) => type.slice('attesta.disposal.'.length, -'.v1'.length));

describe('a disposal begins', () => {
  it('with what it is about', () => {
    expect(begun).toEqual([{ type: 'attesta.disposal.started.v1', data: { cause: 'schedule', ...starting } }]);
    expect(after(...begun)).toEqual({
      ...starting,
      cause: 'schedule',
      status: 'started',
      scope: 'class',
      keys: [],
      awaitsKeys: false,
      removed: false,
    });
  });

  it('and nothing that comes before it is of it', () => {
    for (const event of [closed(), answered(), destroyed(), removed, ...complete(after(...asked, closed()), went())])
      expect(() => evolve(undefined, event)).toThrow('came before the disposal was started');
  });
});

describe('the ledger is told to destroy', () => {
  it('once keys are closed and systems have answered, in whatever order', () => {
    for (const waiting of [after(...begun), after(...begun, closed()), after(...begun, answered())]) {
      expect(isReady(waiting)).toBe(false);
      expect(instruct(waiting, found())).toEqual([]);
    }
    for (const ready of [after(...begun, closed(), answered()), after(...begun, answered(), closed())]) {
      expect(instruct(ready, found({ basis: 'PDPA s.37(3)' }))).toEqual([
        {
          type: 'attesta.disposal.instructed.v1',
          data: { scope: 'class', keys: ['contact.1'], parts: [part(3)], basis: 'PDPA s.37(3)' },
        },
      ]);
    }
  });

  it('without asking systems again, where a request asked them', () => {
    expect(isReady(after(...asked))).toBe(false);
    expect(names(instruct(after(...asked, closed()), found()))).toEqual(['instructed']);
  });

  it('a thousand parts at a time, keys and the person first', () => {
    const parts = Array.from({ length: 2001 }, (_, position) => part(position));
    const said = instruct(after(...begun, closed(), answered()), found({ scope: 'subject', parts }));
    expect(said.map(({ data }) => data)).toEqual([
      { scope: 'subject', keys: ['contact.1'], parts: parts.slice(0, 1000) },
      { scope: 'class', keys: [], parts: parts.slice(1000, 2000) },
      { scope: 'class', keys: [], parts: parts.slice(2000) },
    ]);
    expect(after(...begun, closed(), answered(), ...said)).toMatchObject({ scope: 'subject', keys: ['contact.1'], awaitsKeys: true });
  });

  it('never twice', () => {
    const told = after(...begun, closed(), answered(), ...instruct(after(...begun, closed(), answered()), found()));
    expect(instruct(told, found())).toEqual([]);
  });

  it('nothing, where nothing is left to do: what is due by a rule is abandoned, saying whether holds keep it', () => {
    const ready = after(...begun, closed(), answered());
    const nothing = found({ keys: [], parts: [] });
    expect(instruct(ready, nothing)).toEqual([{ type: 'attesta.disposal.abandoned.v1', data: { reason: 'no-longer-due' } }]);
    expect(instruct(ready, { ...nothing, holds: [HOLD] })).toEqual([
      { type: 'attesta.disposal.abandoned.v1', data: { reason: 'held', holds: [HOLD] } },
    ]);
    expect(instruct(after(...asked, closed()), nothing)).toEqual([]);
    expect(names(instruct(ready, { ...nothing, scope: 'subject' }))).toEqual(['instructed']);
  });
});

describe('the last word is said', () => {
  const told = (what: Partial<Found> = {}) => {
    const ready = after(...begun, closed(), answered());
    return instruct(ready, found(what)).reduce(evolve, ready);
  };

  it('when the ledger has destroyed the keys that it was told to, all of them', () => {
    expect(complete(told(), went())).toEqual([]);
    expect(areKeysDone(evolve(told(), destroyed([])))).toBe(false);
    expect(areKeysDone(evolve(told({ scope: 'subject' }), destroyed()))).toBe(false);
    expect(areKeysDone(evolve(told({ scope: 'subject' }), destroyed(['contact.1', 'account.1'], 'subject')))).toBe(true);
    expect(complete(evolve(told(), destroyed()), went({ destroyed: 9, rules: [{ rule: 'account-data', law: 'PDPA s.37(3)' }] }))).toEqual([
      {
        type: 'attesta.disposal.completed.v1',
        data: {
          cause: 'schedule',
          outcome: 'complete',
          action: 'destroy',
          scope: 'class',
          rules: [{ rule: 'account-data', law: 'PDPA s.37(3)' }],
          categories: ['contact'],
          parts: 1,
          keys: ['contact.1'],
          survivors: [],
          acknowledgements: [],
          methods: ['crypto-shredding'],
          priorNotice: 'not-required',
          fence: 7,
          destroyed: 9,
        },
      },
    ]);
  });

  it('at once, where no key had to go', () => {
    const [completed] = complete(evolve(told({ keys: [] }), removed), went());
    expect(completed?.data).toMatchObject({ keys: [], methods: ['ciphertext-removal'], outcome: 'complete' });
  });

  it('of a request also where nothing was left to destroy', () => {
    const ready = after(...asked, closed());
    expect(complete(after(...asked), went())).toEqual([]);
    const [completed] = complete(ready, went({ categories: [], parts: 0, survivors: [tax] }));
    expect(completed?.data).toMatchObject({
      request: REQUEST,
      outcome: 'partial',
      survivors: [tax],
      methods: [],
      priorNotice: 'requested-by-subject',
    });
    expect(complete(after(...begun, closed(), answered()), went())).toEqual([]);
  });

  it('with what systems did and kept; each reason once, as whoever named it first says it', () => {
    const kept = { category: 'contact', reason: 'An invoice is open.' };
    const acknowledgements = [{ system: 'crm', outcome: 'done' as const, kept: [kept] }];
    const ready = after(...begun, closed(), answered(acknowledgements));
    const state = [...instruct(ready, found()), destroyed()].reduce(evolve, ready);
    const [completed] = complete(state, went({ survivors: [{ ...tax, until: '2031-01-01T00:00:00.000Z' }, tax] }));
    expect(completed?.data).toMatchObject({
      outcome: 'partial',
      acknowledgements,
      methods: ['crypto-shredding', 'system-erasure'],
      survivors: [
        { ...tax, until: '2031-01-01T00:00:00.000Z' },
        { category: 'contact', ground: 'crm', reason: 'An invoice is open.' },
      ],
    });
  });

  it('never twice', () => {
    const state = evolve(told(), destroyed());
    const ended = complete(state, went()).reduce(evolve, state);
    expect(ended.status).toBe('completed');
    expect(complete(ended, went())).toEqual([]);
    expect(instruct(ended, found())).toEqual([]);
  });
});

describe('whatever comes, in whatever order and however often', () => {
  const survivor = fc
    .tuple(fc.constantFrom('contact', 'health'), fc.constantFrom('tax-records', 'legal-hold'))
    .map(([category, ground]) => ({ category, ground }));
  const happening = fc.oneof(
    fc.constantFrom<Answer>(closed(), closed(['contact.1', 'contact.2']), answered(), destroyed(), destroyed([], 'subject'), removed),
    fc
      .uniqueArray(
        fc.constantFrom('contact', 'health').map((category) => ({ category, reason: 'An invoice is open.' })),
        { maxLength: 2, selector: ({ category }) => category },
      )
      .map((kept) => answered([{ system: 'crm', outcome: 'done', ...(kept.length > 0 && { kept }) }])),
    fc.record({
      scope: fc.constantFrom('class' as const, 'subject' as const),
      keys: fc.subarray(['contact.1', 'contact.2']),
      parts: fc.uniqueArray(fc.nat(2500).map(part), { maxLength: 3, selector: ({ position }) => position }),
      holds: fc.subarray([HOLD]),
    }),
    fc.record({ survivors: fc.uniqueArray(survivor, { maxLength: 3, selector: (one) => JSON.stringify(one) }) }),
  );
  const histories = fc.tuple(fc.boolean(), fc.array(happening, { maxLength: 20 }));

  it('it is instructed and ended at most once, in that order, and complete only where nothing survives', () => {
    fc.assert(
      fc.property(histories, ([isAsked, happenings]) => {
        const said: OwnEvent[] = isAsked ? [...asked] : [...begun];
        let state = after(...said);
        for (const one of happenings) {
          const next = 'type' in one ? [] : 'survivors' in one ? complete(state, went(one)) : instruct(state, one);
          state = 'type' in one ? evolve(state, one) : next.reduce(evolve, state);
          said.push(...next);
        }
        for (const { type, data } of said) expect([type, events.get(type)?.validate({ disposal: DISPOSAL, ...data })]).toEqual([type, []]);
        expect(names(said).join(' ')).toMatch(/^started( instructed)?( completed)?$|^started abandoned$/);
        const last = said.at(-1)!;
        if (last.type === 'attesta.disposal.completed.v1') expect(last.data.outcome === 'complete').toBe(last.data.survivors.length === 0);
        if (isAsked) expect(names(said)).not.toContain('abandoned');
      }),
    );
  });
});
