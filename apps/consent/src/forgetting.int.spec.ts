import type { Happening } from '@attesta/testing';
import { captured, ConsentRig, link, person } from './consent-rig.js';
import { consentTables } from './consent.schema.js';

const [ANNA, BEN, PHONE] = [person(1), person(2), person(3)];

const forgotten = (...people: string[]): Happening => ({
  type: 'attesta.key.destroyed.v1',
  source: '//attesta/ledger',
  ...(people.length === 1 && { subject: people[0] }),
  data: {
    keys: people.map((subject) => ({ subject, key: 'contact.1' })),
    scope: 'subject',
    reason: 'asked for',
    method: 'crypto-shredding',
  },
});

/** Anna and Ben share a telephone; she is forgotten in the middle, and is named again after it. */
const STORY: Happening[] = [
  captured(ANNA, 'given', ['marketing'], { reason: 'she-said-so' }),
  link(ANNA, PHONE),
  captured(PHONE, 'given', ['personalisation']),
  link(BEN, PHONE),
  captured(BEN, 'given', ['marketing'], { validFor: 'P1Y' }),
  captured(ANNA, 'withdrawn', ['marketing'], {}, { time: '2026-03-01T10:00:00.000Z' }),
  {
    type: 'attesta.age.attested.v1',
    subject: ANNA,
    data: { rules: ['th-ten-to-nineteen'], method: 'document' },
  },
  link(BEN, ANNA),
  forgotten(ANNA),
  captured(BEN, 'withdrawn', ['marketing'], {}, { time: '2026-03-01T11:00:00.000Z' }),
  captured(ANNA, 'given', ['marketing'], {}, { time: '2026-03-01T12:00:00.000Z' }),
  link(ANNA, PHONE, true, { time: '2026-03-01T12:00:00.000Z' }),
  captured(PHONE, 'given', ['marketing'], {}, { time: '2026-03-01T13:00:00.000Z' }),
];
const DESTROYED = STORY.findIndex(({ type }) => type === 'attesta.key.destroyed.v1');
const LAST = STORY.length - 1;

const rigs: ConsentRig[] = [];
async function openRig(...given: Parameters<typeof ConsentRig.start>): Promise<ConsentRig> {
  const rig = await ConsentRig.start(...given);
  rigs.push(rig);
  return rig;
}
afterEach(async () => {
  await Promise.all(rigs.splice(0).map((rig) => rig.close()));
});

async function purged(upto = LAST): Promise<ConsentRig> {
  const rig = await openRig();
  for (const happening of STORY.slice(0, upto + 1)) await rig.report(happening);
  return rig;
}

const TABLES = [...consentTables.matchAll(/create table (\w+)/g)].map(([, name]) => name!).filter((name) => name !== 'state_head');

/** Numbers that states were given, and those whose state is gone, hang on how often somebody looked, and tell nothing of a person. */
async function tablesOf({ db }: ConsentRig): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of [...TABLES, 'forgotten']) {
    const { rows } = await db.pool.query<{ row: string }>(
      `select (to_jsonb(t) - 'changed')::text as row from ${table} t ${table === 'consent_state' ? 'where state is not null' : ''} order by 1`,
    );
    found[table] = rows.map(({ row }) => row);
  }
  return found;
}

const textOf = async (rig: ConsentRig): Promise<string> => {
  const { forgotten: _known, ...tables } = await tablesOf(rig);
  return JSON.stringify(tables);
};

it('nothing is left of somebody who is forgotten, and nothing begins again', async () => {
  const rig = await purged();
  const text = await textOf(rig);
  expect(text).not.toContain(ANNA);
  expect(text).not.toContain('she-said-so');
  expect(text).toContain(BEN);
});

it.each([1, 2, 3, 5, 500])('a database that is built again equals the purged one, in batches of %i', async (batchSize) => {
  const live = await purged();
  const rebuilt = await openRig(live.ledger, batchSize);
  await rebuilt.consent.feed.caughtUp(LAST);
  expect(await tablesOf(rebuilt)).toEqual(await tablesOf(live));
});

it('what others say of them may come later than that they are forgotten', async () => {
  const rig = await openRig();
  await rig.report(forgotten(ANNA, PHONE));
  await rig.report(link(BEN, ANNA));
  expect((await tablesOf(rig))['person']).toHaveLength(1);
  expect(await textOf(rig)).not.toContain(ANNA);
});

it('a command about somebody who is forgotten is refused', async () => {
  const rig = await purged(DESTROYED);
  const body = { subject: ANNA, purposes: ['marketing'], status: 'given', method: 'checkbox', noticeVersion: '2022-08-10' };
  expect((await rig.post<object>('/v1/consents', body)).status).toBe(404);
  expect(await textOf(rig)).not.toContain(ANNA);
});

it('a database that was restored has forgotten whoever was erased since, before it is asked anything', async () => {
  const rig = await purged(DESTROYED - 1);
  await rig.app.close();
  rig.directory.erased.push(ANNA);
  await rig.open();
  expect(await textOf(rig)).not.toContain(ANNA);
  expect(await rig.said('erasures.replayed')).toMatchObject([{ data: { database: 'consent', people: 1, keys: 0, ciphertexts: 0 } }]);
  for (const happening of STORY.slice(DESTROYED)) await rig.report(happening);
  const rebuilt = await openRig(rig.ledger);
  await rebuilt.consent.feed.caughtUp(LAST);
  expect(await tablesOf(rig)).toEqual(await tablesOf(rebuilt));
});

it('is not served while the ledger does not tell who was erased', async () => {
  const rig = await purged(DESTROYED - 1);
  await rig.app.close();
  const { erasures } = rig.directory;
  let asked = 0;
  rig.directory.erasures = (...given) => (++asked < 3 ? Promise.reject(new Error('away')) : erasures(...given));
  await rig.open();
  expect(asked).toBe(3);
});
