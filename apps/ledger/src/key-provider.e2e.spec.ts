import { randomUUID } from 'node:crypto';
import { KeyProviderConfig, loadConfig } from '@attesta/service-kit';
import { TransitServer } from '@attesta/testing';
import request from 'supertest';
import { keyEncryptionOf } from './ledger.options.js';
import { collection, openLedgerRig, type LedgerRig } from './spec-rig.js';

let transit: TransitServer;
let rig: LedgerRig;
beforeAll(async () => {
  transit = new TransitServer();
  transit.make('attesta');
  const env = { KEY_PROVIDER: 'transit', TRANSIT_URL: await transit.start(), TRANSIT_TOKEN: transit.token };
  rig = await openLedgerRig({ keyEncryption: keyEncryptionOf(loadConfig(KeyProviderConfig, env), () => undefined) });
});
afterAll(async () => {
  await rig.close();
  await transit.stop();
});

const about = (name: string) =>
  collection({ id: randomUUID(), subject: `account|${name}` }, { personal: { contact: { city: 'Chiang Mai' } } });
const publish = async (event: object) =>
  request(rig.server)
    .post('/v1/events')
    .set('Authorization', `Bearer ${await rig.token('publisher')}`)
    .set('Content-Type', 'application/cloudevents+json')
    .send(JSON.stringify(event));
const opened = async (position: number) =>
  request(rig.server)
    .post(`/v1/entries/${position}/open`)
    .set('Authorization', `Bearer ${await rig.token('dpo')}`)
    .send({ reason: 'the spec looks' });

describe('a ledger whose key-encryption key is in Transit', () => {
  it('asks it once for everybody new in a batch, and never for who is known', async () => {
    const batch = Array.from({ length: 20 }, (_, i) => about(`batch-${i}`));
    const asked = () => transit.asked.length;
    const start = asked();
    const answer = await request(rig.server)
      .post('/v1/events')
      .set('Authorization', `Bearer ${await rig.token('publisher')}`)
      .set('Content-Type', 'application/cloudevents-batch+json')
      .send(JSON.stringify(batch));
    expect(answer.status).toBe(200);
    expect(transit.asked.slice(start)).toEqual(['encrypt 20']);
    expect((await publish(about('batch-3'))).status).toBe(201);
    expect(asked()).toBe(start + 1);
  });

  it('while it is sealed: known people go on, new ones are answered 503, and afterwards the same event is sealed', async () => {
    await publish(about('known'));
    transit.sealed = true;
    const event = about('stranger');
    expect((await publish(about('known'))).status).toBe(201);
    expect((await publish(event)).status).toBe(503);
    transit.sealed = false;
    expect((await publish(event)).status).toBe(201);
  });

  it('while it is sealed: what is sealed is neither destroyed nor missing, but answered 503; then it opens', async () => {
    const { position } = (await publish(about('reader'))).body as { position: number };
    transit.sealed = true;
    const away = await opened(position);
    expect([away.status, away.body.type]).toEqual([503, 'https://attesta.dev/problems/keys-unavailable']);
    transit.sealed = false;
    const back = await opened(position);
    expect(JSON.stringify(back.body)).toContain('"status":"open"');
  });
});
