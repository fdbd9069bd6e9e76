import { decide, EMPTY_RECORD, policyOf, type PolicyState, type StateChange } from '@attesta/decisions';
import { subjectRef } from '@attesta/vault/client';
import fc from 'fast-check';
import { asks, forgotten, ids, NOW, person, POLICY, refs, ToldFeed } from './decision-rig.js';
import { AttestaError, DecisionCache, KnowledgeTooOld, type DecisionCacheOptions } from './index.js';

const pepper = new Uint8Array(32).fill(7);

async function started(changes: StateChange[], options: Partial<DecisionCacheOptions> = {}) {
  const feed = new ToldFeed();
  const starting = DecisionCache.start({ feed, consumer: 'mailer', pepper, now: () => NOW, ...options });
  feed.tell([POLICY, ...changes]);
  return { feed, may: await starting };
}

function refusal(ask: () => unknown): AttestaError {
  try {
    ask();
  } catch (error) {
    if (error instanceof AttestaError) return error;
    throw error;
  }
  throw new Error('it was answered');
}

describe('a decision from the cache', () => {
  it('is the one the consent service gives, with how old and how new its knowledge is', async () => {
    const given = person(1, 5, 'given');
    const { may } = await started([given]);
    const { subject: _subject, ...question } = asks(ids(1));
    const record = 'record' in given.state! ? given.state.record : EMPTY_RECORD;
    expect(may.decide(asks(ids(1)))).toEqual({
      ...decide(question, record, policyOf(POLICY.state as PolicyState), NOW),
      knowledge: { ageMs: 0, changed: 5 },
    });
    expect(may.decide(asks(ids(1))).decision).toBe('allowed');
  });

  it('finds a person by subject id, by ref and by identifier, however that is written', async () => {
    const ref = subjectRef(pepper, 'email', 'somchai@example.com');
    const { may } = await started([person(1, 5, 'given', [refs(1), ref])]);
    for (const subject of [ids(1), refs(1), ref, 'email|somchai@example.com', 'email| Somchai@EXAMPLE.com ', 'email|somchai@example.com'])
      expect(may.decide(asks(subject)).decision).toBe('allowed');
  });

  it('about somebody nobody knows is that of somebody without consents', async () => {
    const { may } = await started([]);
    for (const subject of [ids(9), refs(9), 'account|nobody'])
      expect(may.decide(asks(subject))).toMatchObject({ decision: 'denied', reasons: [{ code: 'consent-missing' }] });
  });

  it('follows a withdrawal, and forgets who was forgotten with every ref', async () => {
    const { may, feed } = await started([person(1, 5, 'given'), person(2, 6, 'given')]);
    feed.tell([person(1, 7, 'withdrawn'), forgotten(2, 8)]);
    expect(may.decide(asks(refs(1))).reasons).toMatchObject([{ code: 'consent-withdrawn' }]);
    for (const subject of [ids(2), refs(2)]) expect(may.decide(asks(subject)).reasons).toMatchObject([{ code: 'consent-missing' }]);
    feed.tell([person(2, 6, 'given')]);
    expect(may.decide(asks(ids(2))).decision).toBe('denied');
  });

  it('is refused with everything that is wrong with the question', async () => {
    const { may } = await started([], { pepper: undefined as never });
    const error = refusal(() => may.decide(asks('account|c-1', { operation: 'disclose', categories: ['moods'], basis: 'whim' })));
    expect(error.errors.map(({ field }) => field)).toEqual(['/subject', '/categories/0', '/basis', '/recipient']);
    for (const { field } of error.errors) expect(error.message).toContain(field);
    expect(refusal(() => may.decide(asks('nobody in particular', { categories: [] }))).errors).toMatchObject([
      { field: '/subject', code: 'bad-subject' },
      { field: '/categories', code: 'missing-field' },
    ]);
  });

  it('does not quote an identifier that cannot be normalised', async () => {
    const { may } = await started([]);
    const error = refusal(() => may.decide(asks('phone|call me')));
    expect(error.errors).toMatchObject([{ field: '/subject', code: 'bad-identifier' }]);
    expect(error.message).not.toContain('call me');
  });
});

describe('the age of knowledge', () => {
  it('grows while the source is silent, and past the limit nothing is allowed that the person could have ended', async () => {
    let now = NOW;
    const { may, feed } = await started([person(1, 5, 'given'), person(2, 6, 'withdrawn')], { now: () => now, maxAgeMs: 60_000 });
    now += 60_000;
    expect(may.decide(asks(ids(1)))).toMatchObject({ decision: 'allowed', knowledge: { ageMs: 60_000, changed: 6 } });
    now += 1;
    const outage = new Error('no route');
    feed.listener.trouble(outage);
    const error = refusal(() => may.decide(asks(ids(1))));
    expect(error).toBeInstanceOf(KnowledgeTooOld);
    expect(error).toMatchObject({ ageMs: 60_001, maxAgeMs: 60_000, cause: outage });
    expect(may.decide(asks(ids(2))).decision).toBe('denied');
    const contract = { purpose: 'service-fulfilment', categories: ['contact'], basis: 'contract' };
    expect(may.decide(asks(ids(1), contract)).decision).toBe('allowed');
    const interest = { purpose: 'support-and-maintenance', categories: ['contact'], basis: 'legitimate-interest' };
    expect(refusal(() => may.decide(asks(ids(1), interest)))).toBeInstanceOf(KnowledgeTooOld);
    feed.tell([], now);
    expect(may.decide(asks(ids(1)))).toMatchObject({ decision: 'allowed', knowledge: { ageMs: 0, changed: 6 } });
  });
});

describe('the start of a cache', () => {
  it('waits for the policy and for the end of what there was', async () => {
    const feed = new ToldFeed();
    let ready = false;
    const starting = DecisionCache.start({ feed, consumer: 'mailer', now: () => NOW }).then((may) => {
      ready = true;
      return may;
    });
    feed.tell([person(1, 5, 'given')]);
    feed.listener.changes([POLICY]);
    await new Promise(setImmediate);
    expect(ready).toBe(false);
    feed.tell([person(2, 6, 'given')]);
    expect((await starting).decide(asks(ids(1))).decision).toBe('allowed');
  });

  it('ends with the signal, and says what kept it', async () => {
    const feed = new ToldFeed();
    const ending = new AbortController();
    const starting = DecisionCache.start({ feed, consumer: 'mailer', signal: ending.signal });
    const refused = new Error('forbidden');
    feed.listener.trouble(refused);
    ending.abort();
    await expect(starting).rejects.toMatchObject({ name: 'AttestaError', cause: refused });
  });

  it('fails on a policy that it cannot read, and one that comes later ends decisions until it is mended', async () => {
    const unreadable = { ...POLICY, state: { source: { id: 'x' }, amendments: [] } as unknown as PolicyState };
    const feed = new ToldFeed();
    const starting = DecisionCache.start({ feed, consumer: 'mailer' });
    feed.tell([unreadable]);
    await expect(starting).rejects.toBeInstanceOf(AttestaError);
    const { may, feed: other } = await started([]);
    other.tell([{ ...unreadable, changed: 2 }]);
    expect(refusal(() => may.decide(asks(ids(1)))).message).toContain('policy');
    other.tell([{ ...POLICY, changed: 3 }]);
    expect(may.decide(asks(ids(1))).decision).toBe('denied');
  });
});

describe('changes in any order', () => {
  const PEOPLE = 4;
  /** What is known of everybody, asked in every way there is. */
  const answers = (may: DecisionCache) =>
    Array.from({ length: PEOPLE }, (_, n) => [ids(n), refs(n)]).map((names) =>
      names.map((subject) => may.decide(asks(subject)).consent?.id ?? may.decide(asks(subject)).reasons[0]?.code),
    );
  const change = fc.record({
    n: fc.nat(PEOPLE - 1),
    said: fc.constantFrom('given' as const, 'withdrawn' as const, null),
    // Refs that pass from one to another, as when two records turn out to be one person.
    known: fc.uniqueArray(fc.nat(PEOPLE - 1), { maxLength: 3 }),
  });

  it('and any number of times come out as the newest of each key alone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 25 }), fc.infiniteStream(fc.nat()), async (history, random) => {
        const changes = history.map(({ n, said, known }, i) =>
          said === null ? forgotten(n, i + 2) : person(n, i + 2, said, known.map(refs)),
        );
        const newest = [...new Map(changes.map((one) => [one.key, one])).values()];
        const twice = [...changes, ...changes.filter(() => random.next().value % 2 === 0)];
        const mixed = twice.map((one) => ({ one, at: random.next().value })).sort((a, b) => a.at - b.at);
        const { may: expected } = await started(newest);
        const { may, feed } = await started([]);
        for (const { one } of mixed) feed.tell([one]);
        expect(answers(may)).toEqual(answers(expected));
      }),
    );
  });
});

describe('acknowledging', () => {
  it('is cumulative: one request at a time, the newest number next, again until it is heard', async () => {
    const heard: number[] = [];
    const answers: ((error?: Error) => void)[] = [];
    const acknowledge = (consumer: string, changed: number) => {
      expect(consumer).toBe('mailer');
      heard.push(changed);
      return new Promise<void>((resolve, reject) => answers.push((error) => (error ? reject(error) : resolve())));
    };
    const troubles: unknown[] = [];
    const { feed } = await started([person(1, 5, 'given')], { acknowledge, onError: (error) => troubles.push(error) });
    for (const changed of [6, 7, 8]) feed.tell([person(1, changed, 'given')]);
    expect(heard).toEqual([5]);
    answers[0]!();
    while (heard.length < 2) await new Promise(setImmediate);
    feed.tell([person(1, 9, 'given')]);
    answers[1]!(new Error('away'));
    while (heard.length < 3) await new Promise(setImmediate);
    answers[2]!();
    feed.tell([]);
    await new Promise(setImmediate);
    expect(heard).toEqual([5, 8, 9]);
    expect(troubles).toEqual([new Error('away')]);
  });

  it('says nothing of changes of which others before may be missing', async () => {
    const heard: number[] = [];
    const acknowledge = (_consumer: string, changed: number) => Promise.resolve(void heard.push(changed));
    const { feed } = await started([], { acknowledge });
    feed.listener.changes([person(1, 50, 'given')]);
    feed.listener.current({ changed: 20, asOf: NOW });
    while (heard.length < 2) await new Promise(setImmediate);
    expect(heard).toEqual([1, 20]);
  });
});
