import type { Decision } from '@attesta/decisions';
import { captured, ConsentRig, NOTICE, person } from './consent-rig.js';
import type { PersonConsents } from './subject-consents.controller.js';

let rig: ConsentRig;
beforeEach(async () => {
  rig = await ConsentRig.start();
});
afterEach(async () => {
  await rig.close();
  expect(rig.errors).toEqual([]);
});

const CHILD = 'account|child';
const MOTHER = 'account|mother';
type Refused = { errors?: { field: string; code: string }[] };
const give = (more: object = {}) =>
  rig.post<Refused>('/v1/consents', {
    ...{ subject: CHILD, purposes: ['marketing'], status: 'given', method: 'checkbox', noticeVersion: NOTICE },
    ...more,
  });
const age = (birthDate: string, more: object = {}) =>
  rig.post('/v1/ages', { subject: CHILD, birthDate, method: 'document', ...more }, 'dpo');
const may = async (more: object = {}, subject = CHILD) =>
  (await rig.post<Decision>('/v1/decisions', { subject, operation: 'use', categories: ['contact'], purpose: 'marketing', ...more })).body;
const codes = async (more: object = {}, subject = CHILD) => (await may(more, subject)).reasons.map(({ code }) => code);

describe('a minor', () => {
  it('cannot consent alone; the holder of parental responsibility can, once recorded', async () => {
    expect(await age('2014-06-01')).toMatchObject({ status: 201, body: { rules: ['th-ten-to-nineteen', 'eu-under-sixteen'] } });
    expect((await give()).body.errors?.map(({ code }) => code)).toEqual(['guardian-required']);
    expect((await give({ by: 'guardian' })).body.errors?.map(({ code }) => code)).toEqual(['guardian-unrecorded']);
    const recorded = await rig.post('/v1/guardians', { subject: CHILD, guardian: MOTHER, status: 'recorded', method: 'document' }, 'dpo');
    expect(recorded.status).toBe(201);
    expect((await give({ by: 'guardian' })).status).toBe(201);
    expect(await may()).toMatchObject({ decision: 'allowed' });
    expect((await give({ purposes: ['personalisation'], capacity: 'Civil and Commercial Code s.24' })).status).toBe(201);
  });

  it('found later invalidates what they consented to alone, and a corrected date of birth restores it', async () => {
    await give();
    expect(await may()).toMatchObject({ decision: 'allowed' });
    await age('2012-01-01');
    expect(await codes()).toEqual(['consent-invalidated']);
    rig.later();
    await age('2002-01-01');
    expect(await may()).toMatchObject({ decision: 'allowed' });
    expect((await rig.said()).map(({ type }) => type.split('.').slice(1, 3).join('.'))).toEqual([
      'consent.captured',
      'consent.given',
      'age.attested',
      'consent.invalidated',
      'age.attested',
      'consent.given',
    ]);
  });

  it('under ten has nothing collected, until the first moment of the tenth birthday in Bangkok', async () => {
    await age('2016-03-02');
    rig.time = new Date('2026-03-01T16:59:59.999Z');
    expect(await codes({ operation: 'collect', purpose: 'service-fulfilment' })).toEqual(['under-age']);
    expect(await may({ operation: 'store', purpose: 'service-fulfilment' })).toMatchObject({ decision: 'allowed' });
    rig.time = new Date('2026-03-01T17:00:00.000Z');
    expect(await may({ operation: 'collect', purpose: 'service-fulfilment' })).toMatchObject({ decision: 'allowed' });
    const { body } = await rig.get<PersonConsents>(`/v1/subjects/${[...rig.directory.subjects.values()][0]!}/consents?reason=case`, 'dpo');
    expect(body.ages).toEqual(['th-ten-to-nineteen', 'eu-under-sixteen']);
  });

  it('grows up in the state that others decide from, on the day', async () => {
    await age('2016-03-02');
    const ages = async () => {
      const { rows } = await rig.db.pool.query<{ ages: string[] }>(`select state->'ages' as ages from consent_state where key <> 'policy'`);
      return rows[0]?.ages;
    };
    await rig.consent.tick();
    expect(await ages()).toEqual(['th-under-ten', 'eu-under-ten']);
    rig.time = new Date('2026-03-01T17:00:00.000Z');
    await rig.consent.tick();
    expect(await ages()).toEqual(['th-ten-to-nineteen', 'eu-under-sixteen']);
  });

  it('has a date of birth that stands in no log, no state and no table in clear', async () => {
    await age('2016-03-02', { id: 'scan-1' });
    await age('2016-03-02', { id: 'scan-1' });
    await rig.carry();
    const { rows } = await rig.db.pool.query<{ tables: string }>(
      `select string_agg(t, ' ') as tables from (select f::text t from fact f union all select e::text from service_event e
         union all select s::text from consent_state s union all select p::text from person p) all_of_them`,
    );
    expect(rows[0]!.tables).not.toMatch(/2016-03-02|2026-03-02/);
    expect(rows[0]!.tables).toMatch(/th-under-ten/);
    expect(rig.ledger.stored.map(({ bytes }) => bytes.toString()).join()).not.toMatch(/2016-03-02/);
    expect((await age('2016-03-03', { id: 'scan-1' })).status).toBe(409);
  });

  it.each([['2026-02-30'], ['2026-03-02'], ['1899-01-01'], ['yesterday']])('is not born on %s', async (birthDate) => {
    expect((await age(birthDate)).status).toBe(400);
  });
});

describe('an objection', () => {
  const object = (purposes: string[], status = 'raised') =>
    rig.post<Refused>('/v1/objections', { subject: CHILD, purposes, status, method: 'letter' });
  const weigh = (purposes: string[], outcome: string, more: object = { reason: 'a case is open' }) =>
    rig.post<Refused>('/v1/objections/decisions', { subject: CHILD, purposes, outcome, ...more }, 'dpo');

  it('stops processing at once, until it is rejected with a reason', async () => {
    const about = { purpose: 'fraud-prevention' };
    expect(await may(about)).toMatchObject({ decision: 'allowed', basis: { id: 'legitimate-interest' } });
    expect((await object(['fraud-prevention'])).status).toBe(201);
    expect(await codes(about)).toEqual(['objection-pending']);
    expect(await may({ ...about, basis: 'legal-obligation', basisCitation: 'AMLA s.16' })).toMatchObject({ decision: 'allowed' });
    expect((await weigh(['fraud-prevention'], 'rejected', {})).status).toBe(400);
    rig.later();
    expect((await weigh(['fraud-prevention'], 'rejected')).status).toBe(201);
    expect(await may(about)).toMatchObject({ decision: 'allowed' });
    expect((await weigh(['fraud-prevention'], 'upheld')).status).toBe(409);
  });

  it('to marketing is absolute: no consent stands against it, and it cannot be rejected', async () => {
    await give();
    await object(['marketing']);
    expect(await codes()).toEqual(['objection-absolute']);
    expect((await weigh(['marketing'], 'rejected')).status).toBe(400);
    rig.later();
    await object(['marketing'], 'withdrawn');
    expect(await may()).toMatchObject({ decision: 'allowed' });
  });

  it('to what a contract needs is refused, with what can be done instead', async () => {
    const { status, body } = await object(['service-fulfilment']);
    expect([status, body.errors?.[0]?.code]).toEqual([400, 'not-objectable']);
  });
});

describe('a restriction', () => {
  it('leaves data where it is and nothing else, for its scope alone, until it is lifted', async () => {
    const place = { subject: CHILD, categories: ['address'], ground: 'accuracy-contested', method: 'online-form' };
    expect((await rig.post('/v1/restrictions', place)).status).toBe(201);
    const about = { purpose: 'service-fulfilment', categories: ['address'] };
    expect(await codes(about)).toEqual(['restricted']);
    expect(await may({ ...about, operation: 'store' })).toMatchObject({ decision: 'allowed' });
    expect(await may({ purpose: 'service-fulfilment', categories: ['contact'] })).toMatchObject({ decision: 'allowed' });
    const lift = { subject: CHILD, categories: ['address'], reason: 'the address was checked' };
    expect((await rig.post('/v1/restrictions/lift', lift, 'publisher')).status).toBe(403);
    rig.later();
    expect((await rig.post('/v1/restrictions/lift', lift, 'dpo')).status).toBe(200);
    expect(await may(about)).toMatchObject({ decision: 'allowed' });
  });
});

describe('forgetting', () => {
  it('leaves nothing of the person here, and tells those who decide for themselves', async () => {
    await rig.report(captured(person(1), 'given', ['marketing']));
    await rig.report(captured(person(2), 'given', ['marketing']));
    await rig.report({
      type: 'attesta.key.destroyed.v1',
      subject: person(1),
      data: { keys: [{ subject: person(1), key: 'contact.1' }], scope: 'subject', reason: 'erasure', method: 'crypto-shredding' },
    });
    const { rows } = await rig.db.pool.query<{ key: string; state: unknown }>('select key, state from consent_state order by key');
    expect(rows.map(({ key, state }) => [key, state === null])).toEqual([
      [person(1), true],
      [person(2), false],
      ['policy', false],
    ]);
    for (const table of ['fact', 'person', 'withdrawal', 'known_ref']) {
      expect((await rig.db.pool.query(`select 1 from ${table} where subject = $1`, [person(1)])).rowCount).toBe(0);
    }
    expect(await codes({}, person(1))).toEqual(['consent-missing']);
    expect(await may({}, person(2))).toMatchObject({ decision: 'allowed' });
  });

  it('of some keys alone touches no consent', async () => {
    await rig.report(captured(person(1), 'given', ['marketing']));
    const keys = [{ subject: person(1), key: 'location.1' }];
    await rig.report({
      type: 'attesta.key.destroyed.v1',
      subject: person(1),
      data: { keys, scope: 'class', reason: 'term', method: 'crypto-shredding' },
    });
    expect(await may({}, person(1))).toMatchObject({ decision: 'allowed' });
  });
});
