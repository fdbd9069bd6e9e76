import { randomUUID } from 'node:crypto';
import { refTo, RequestsRig } from './requests-rig.js';

let rig: RequestsRig;
beforeAll(async () => (rig = await RequestsRig.start()));
afterAll(() => rig.stop());

const collected = (subject: string) => ({
  type: 'attesta.collection.recorded.v1',
  subject,
  data: {
    categories: ['contact'],
    purposes: ['service-fulfilment'],
    basis: 'contract',
    occasion: 'registration',
    method: 'online-form',
    channel: 'web',
    origin: 'subject',
    context: { order: 'order-17' },
  },
});
const rowsAbout = async (subject: string) => {
  const { rows } = await rig.db.pool.query<{ n: number }>(
    `select ((select count(*) from dossier where subject = $1) + (select count(*) from known_ref where subject = $1)
      + (select count(*) from request where subject = $1 and num_nonnulls(kek, box, receipt) > 0))::int as n`,
    [subject],
  );
  return rows[0]!.n;
};

test('a database that was restored has forgotten whoever was erased since before it is asked anything, and takes nothing about them', async () => {
  const email = `email|${randomUUID()}@example.com`;
  const gone = rig.directory.same(email);
  const other = rig.directory.same(`account|${randomUUID()}`);
  await rig.seal(collected(gone), collected(other));
  const asked = await rig.post<{ request: string }>(undefined, '/v1/requests', { right: 'access', email: email.slice(6), text: 'Please' });
  expect([201, 202]).toContain(asked.status);
  expect(await rowsAbout(gone)).toBeGreaterThan(1);
  await rig.close();
  rig.directory.subjects.delete(refTo(email));
  rig.directory.erasures = (after) => Promise.resolve({ erasures: after === 0 ? [{ n: 1, subject: gone }] : [], last: 1 });

  await rig.open();
  expect(await rowsAbout(gone)).toBe(0);
  expect(await rowsAbout(other)).toBe(1);
  expect(await rig.requests.log.readStream('erasures')).toMatchObject([
    { type: 'attesta.erasures.replayed.v1', data: { database: 'requests', people: 1, keys: 0, ciphertexts: 0 } },
  ]);
  await rig.seal(collected(gone));
  expect(await rowsAbout(gone)).toBe(0);

  await rig.close();
  await rig.open();
  expect(await rig.requests.log.readStream('erasures')).toHaveLength(1);
});
