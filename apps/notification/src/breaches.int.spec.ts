import { randomUUID } from 'node:crypto';
import { forgottenAmong, noteForgotten } from '@attesta/service-kit';
import { BreachesRig, problemOf, SOURCE } from './breaches-rig.js';
import { assessed, DISCOVERED, DUE, facts, words } from './breach-rig.js';
import type { NewBreach } from './breaches.js';

const fresh = (more: Partial<NewBreach> = {}): NewBreach => ({ ...facts, discoveredAt: DISCOVERED, id: randomUUID(), ...more });

describe('the breach register', () => {
  let rig: BreachesRig;
  beforeEach(async () => (rig = await BreachesRig.start()));
  afterEach(() => rig.stop());
  const record = async (more: Partial<NewBreach> = {}) => (await rig.breaches.record(fresh(more), 'dpo-7')).breach;
  const assess = (id: string, risk: 'none' | 'risk' | 'high') =>
    rig.breaches.handle(id, 'dpo-7', { kind: 'assess', assessment: assessed(risk) });
  const tellAuthority = (id: string) =>
    rig.breaches.handle(id, 'dpo-7', { kind: 'notify-authority', jurisdiction: 'th-pdpa', at: rig.time.toISOString(), phase: 'initial' });

  it('alerts before the deadline and after it, each once, with the event as its cause', async () => {
    const id = await record();
    await assess(id, 'risk');
    for (const hours of [23, 24, 24, 48, 66, 71.999, 72, 72, 100]) await rig.at(hours);
    expect(rig.alerts.map(({ kind }) => kind)).toEqual(['breach-warned', 'breach-warned', 'breach-warned', 'breach-overdue']);
    expect(rig.alerts[3]).toMatchObject({ urgent: true, reference: id, jurisdiction: 'th-pdpa', due: DUE });
    const { rows } = await rig.db.pool.query<{ id: string }>(`select id from service_event where type = 'attesta.breach.overdue.v1'`);
    expect(rows).toEqual([{ id: rig.alerts[3]!.cause }]);
  });

  it('alerts of what nobody has assessed', async () => {
    await record();
    await rig.at(72);
    expect(rig.alerts.map(({ kind }) => kind)).toEqual(['breach-overdue', 'breach-unassessed']);
  });

  it('is overdue at once when it is recorded after the deadline', async () => {
    await rig.at(73);
    const id = await record();
    expect(await rig.said()).toEqual(['recorded', 'overdue', 'overdue']);
    expect((await rig.breaches.view(rig.db.pool, id)).clocks).toEqual([
      {
        jurisdiction: 'th-pdpa',
        authority: 'pdpc',
        clock: 'th-breach-notice',
        due: DUE,
        state: 'overdue',
        remainingSeconds: null,
        lateSeconds: 3600,
      },
    ]);
  });

  it('says it once though several processes look, and a decision is made, at the same time', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, () => record()));
    const others = [rig.process(), rig.process(), rig.process()];
    rig.time = new Date(Date.parse(DUE));
    await Promise.all([
      ...others.map((other) => other.tick()),
      ...ids.slice(0, 5).map((id) => others[0]!.handle(id, 'dpo-7', { kind: 'assess', assessment: assessed('risk') })),
    ]);
    await rig.at(72);
    const said = await rig.said();
    expect(said.filter((type) => type === 'overdue')).toHaveLength(60);
    expect(new Set(rig.alerts.map(({ cause }) => cause)).size).toBe(60);
  });

  it('is the same breach when the same is recorded twice, even at once, and no other', async () => {
    const first = fresh();
    // Each finds its connection open.
    await Promise.all([1, 2, 3].map(() => rig.db.pool.query('select pg_sleep(0.05)')));
    const answers = await Promise.all([1, 2, 3].map(() => rig.process().record(first, 'dpo-7')));
    expect(new Set(answers.map(({ breach }) => breach))).toEqual(new Set([first.id]));
    expect(await rig.said()).toEqual(['recorded']);
    await rig.breaches.handle(first.id!, 'dpo-7', { kind: 'update', facts: { ...facts, people: 3 } });
    expect((await rig.breaches.record(first, 'dpo-7')).facts.people).toBe(3);
    expect(await problemOf(rig.breaches.record({ ...first, people: 3 }, 'dpo-7'))).toBe('409 id-conflict');
  });

  it('finds what was recorded without a time, when it is sent again later', async () => {
    const { discoveredAt: _at, ...first } = fresh();
    await rig.breaches.record(first, 'dpo-7');
    rig.time = new Date(rig.time.getTime() + 1);
    expect((await rig.breaches.record(first, 'dpo-7')).discoveredAt).not.toBe(rig.time.toISOString());
    expect(await rig.said()).toEqual(['recorded']);
  });

  it('loses nothing, and doubles nothing, when the process stops before the commit', async () => {
    const id = await record();
    await assess(id, 'high');
    rig.stopsAtCommit = true;
    rig.time = new Date(Date.parse(DUE));
    await expect(rig.breaches.tick()).rejects.toThrow('the process stopped');
    await expect(tellAuthority(id)).rejects.toMatchObject({ status: 422 });
    rig.stopsAtCommit = false;
    expect(await rig.said()).toEqual(['recorded', 'assessed']);
    await rig.process().tick();
    expect(await rig.said()).toEqual(['recorded', 'assessed', 'overdue']);
    expect(new Set(rig.alerts.map(({ cause }) => cause)).size).toBe(1);
  });

  it.each<[string, Partial<NewBreach>, string]>([
    ['a category that nobody has', { categories: ['shoe-size'] }, '422 command-refused /categories/0'],
    ['a jurisdiction that nobody has', { jurisdictions: ['us-ccpa'] }, '422 command-refused /jurisdictions/0'],
    ['a controller that nobody has', { controller: 'nobody' }, '422 command-refused /controller'],
    ['a name that is a number', { description: 'It was 0812345678 who told us.' }, '422 command-refused '],
    ['a card number', { cause: 'Card 4111 1111 1111 1111 was in it.' }, '422 command-refused /cause'],
    ['a discovery in the future', { discoveredAt: '2031-01-01T00:00:00Z' }, '422 command-refused /discoveredAt'],
  ])('%s is refused, and nothing is recorded', async (_, change, problem) => {
    expect(await problemOf(rig.breaches.record(fresh(change), 'dpo-7'))).toBe(problem);
    expect(await rig.said()).toEqual([]);
    expect(await rig.rows()).toEqual([]);
  });

  it('knows whose authority was told by whom', async () => {
    const id = await record({ controller: 'm-med' });
    await tellAuthority(id);
    await tellAuthority(id);
    const { notified } = await rig.breaches.view(rig.db.pool, id);
    expect(notified).toEqual([
      { jurisdiction: 'th-pdpa', at: rig.time.toISOString(), phase: 'initial', controller: 'm-med', authority: 'pdpc', inTime: true },
    ]);
  });

  describe('people', () => {
    const names = ['account|c-1', 'email|somchai@example.com', 'account|c-3'];
    let id: string;
    let subjects: string[];
    beforeEach(async () => {
      id = await record();
      await assess(id, 'high');
      subjects = names.map((name) => rig.person(name)).sort();
    });

    it('are added in several calls, each once, strangers left out, and told by the next order', async () => {
      expect(await rig.breaches.people.add(id, 'dpo-7', [names[0]!, names[0]!, 'account|nobody'])).toEqual({
        added: 1,
        known: 0,
        strangers: [2],
      });
      expect(await rig.breaches.people.add(id, 'dpo-7', [...names, subjects[0]!])).toEqual({ added: 2, known: 1, strangers: [] });
      await rig.breaches.orderNotice(id, 'dpo-7', words);
      await rig.breaches.orderNotice(id, 'dpo-7', words);
      expect(rig.tellings).toEqual([{ breach: id, order: 0, cause: expect.any(String), words, subjects }]);
      const late = rig.person('account|c-4');
      await rig.breaches.people.add(id, 'dpo-7', [late]);
      await rig.breaches.orderNotice(id, 'dpo-7', words);
      expect(rig.tellings[1]).toMatchObject({ order: 1, subjects: [late] });
      expect((await rig.breaches.view(rig.db.pool, id)).people).toMatchObject({
        named: 4,
        required: true,
        orders: [{ people: 3 }, { people: 1 }],
      });
    });

    it('who are named badly are all pointed at', async () => {
      const call = rig.breaches.people.add(id, 'dpo-7', ['nobody', names[0]!, 'email|']);
      await expect(call).rejects.toMatchObject({ errors: [{ field: '/subjects/0' }, { field: '/subjects/2' }] });
      expect(await rig.breaches.people.count(rig.db.pool, id)).toBe(0);
    });

    it('are found by what was collected of them', async () => {
      const criteria = { categories: ['contact'], collectedUntil: DISCOVERED };
      await rig.breaches.orderNotice(id, 'dpo-7', words, criteria);
      expect(rig.tellings).toEqual([{ breach: id, order: 0, cause: expect.any(String), words, criteria }]);
    });

    it('have to know before it is closed', async () => {
      await tellAuthority(id);
      const close = () => rig.breaches.close(id, 'dpo-7', { reason: 'All is done.' });
      await rig.breaches.people.add(id, 'dpo-7', names);
      expect(await problemOf(close())).toBe('409 people-not-told');
      await rig.breaches.orderNotice(id, 'dpo-7', words);
      expect(await problemOf(close())).toBe('409 people-not-told');
      const told = { told: 3, unreachable: 0, failed: 0 };
      for (let n = 0; n < 2; n++) await rig.breaches.host.transact((tx) => rig.breaches.noteTold(tx, id, 0, told));
      await rig.breaches.people.add(id, 'dpo-7', [rig.person('account|c-4')]);
      expect(await problemOf(close())).toBe('409 people-not-told');
      await rig.breaches.orderNotice(id, 'dpo-7', words);
      await rig.breaches.host.transact((tx) => rig.breaches.noteTold(tx, id, 1, { ...told, told: 1 }));
      expect((await close()).status).toBe('closed');
      expect(await problemOf(rig.breaches.people.add(id, 'dpo-7', names))).toBe('409 closed');
    });

    it('thousands in one call', async () => {
      const many = Array.from({ length: 4_000 }, () => randomUUID());
      expect(await rig.breaches.people.add(id, 'dpo-7', many)).toMatchObject({ added: 4_000 });
      await rig.breaches.orderNotice(id, 'dpo-7', words);
      expect(rig.tellings[0]).toMatchObject({ subjects: many.sort() });
    });

    it('who were forgotten are not named again', async () => {
      await rig.breaches.host.transact((tx) => noteForgotten(tx, [{ subject: subjects[0]! }]));
      expect(await forgottenAmong(rig.db.pool, subjects)).toHaveProperty('size', 1);
      expect(await rig.breaches.people.add(id, 'dpo-7', subjects)).toMatchObject({ added: 2, known: 0 });
    });
  });

  describe('a database that was lost', () => {
    let id: string;
    let again: BreachesRig;
    afterEach(() => again.stop());
    beforeEach(async () => {
      id = await record();
      await assess(id, 'high');
      await rig.at(50);
      await tellAuthority(id);
      await rig.breaches.people.add(
        id,
        'dpo-7',
        ['account|c-1', 'account|c-2'].map((name) => rig.person(name)),
      );
      await rig.breaches.orderNotice(id, 'dpo-7', words);
      await rig.breaches.people.add(id, 'dpo-7', [rig.person('account|c-3')]);
      await rig.breaches.orderNotice(id, 'dpo-7', words);
      await rig.breaches.host.transact((tx) => rig.breaches.noteTold(tx, id, 0, { told: 2, unreachable: 0, failed: 0 }));
      await rig.carry();
      again = await BreachesRig.start(rig);
    });
    const merged = (rigs: BreachesRig) =>
      rigs.tellings.reduce<Record<string, string[]>>((all, telling) => {
        const subjects = 'subjects' in telling ? telling.subjects : [];
        return { ...all, [telling.cause]: [...(all[telling.cause] ?? []), ...subjects].sort() };
      }, {});

    it('is built again from the log, and goes on', async () => {
      await again.follow();
      expect(await again.rows()).toEqual(await rig.rows());
      expect(again.alerts).toEqual(rig.alerts);
      expect(again.tellings).toEqual(rig.tellings);
      expect((await again.breaches.find(again.db.pool, id)).positions).toHaveProperty('0', 0);
      await again.breaches.handle(id, 'dpo-7', { kind: 'update', facts: { ...facts, people: 3 } });
      expect(await again.said()).toEqual(['updated']);
      await again.carry();
      expect((await again.breaches.view(again.db.pool, id)).facts.people).toBe(3);
    });

    it('has everybody told by the order that had them told, in whatever order people and breaches come', async () => {
      const isPerson = ({ entry }: { entry: { subject?: unknown } }) => (entry.subject === undefined ? 0 : 1);
      await again.follow((entries) => entries.toSorted((a, b) => isPerson(a) - isPerson(b)));
      expect(merged(again)).toEqual(merged(rig));
      expect(await again.rows()).toEqual(await rig.rows());
      const third = await BreachesRig.start(rig);
      await third.follow((entries) => entries.toSorted((a, b) => isPerson(b) - isPerson(a)));
      expect(merged(third)).toEqual(merged(rig));
      await third.stop();
    });

    it('learns nothing twice', async () => {
      await again.follow();
      const before = await again.rows();
      const tellings = [...again.tellings];
      const entries = again.ledger.stored.map(({ position, bytes }) => ({ position, entry: JSON.parse(bytes.toString()) as never }));
      await again.breaches.host.transact((tx) => again.breaches.take(tx, entries));
      expect(await again.rows()).toEqual(before);
      expect(again.tellings).toEqual(tellings);
    });

    it('takes no word of anybody else', async () => {
      again.ledger.seal({
        type: 'attesta.breach.closed.v1',
        data: { breach: id, reason: 'Nothing happened.' },
        source: '//storefront.test',
      });
      again.ledger.seal({
        type: 'attesta.breach.person-named.v1',
        subject: randomUUID(),
        data: { breach: id },
        source: '//storefront.test',
      });
      again.ledger.seal({
        type: 'attesta.breach.recorded.v1',
        data: { breach: randomUUID(), ...facts, discoveredAt: DISCOVERED },
        source: SOURCE,
      });
      await again.follow();
      expect(await again.rows()).toHaveLength(4);
      expect(await again.breaches.people.count(again.db.pool, id)).toBe(3);
      expect((await again.breaches.view(again.db.pool, id)).status).toBe('open');
    });
  });
});
