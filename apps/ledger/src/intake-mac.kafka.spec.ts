import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { CloudEvent } from '@attesta/events';
import { fetchIntakeKey, intakeSigner, kafkaIntake, type IntakeKeys } from '@attesta/sdk/kafka';
import { describeKafka, startOwnKafka, type OwnKafka } from '@attesta/testing';
import { connectKafka, KafkaPublisher } from '@attesta/transport';

import { IntakeMacSigner } from '@attesta/vault';
import { KafkaSide } from './kafka-side.js';
import { loadSecrets } from './ledger.secrets.js';
import { collection, openLedgerRig, type LedgerRig } from './spec-rig.js';

await describeKafka('who may speak for a source over Kafka', () => {
  let rig: LedgerRig;
  let kafka: OwnKafka;
  let side: KafkaSide;
  let publisher: KafkaPublisher;
  let url: string;
  const failures: unknown[] = [];

  beforeAll(async () => {
    [rig, kafka] = await Promise.all([openLedgerRig(), startOwnKafka()]);
    side = await KafkaSide.start({ ledger: rig.ledger, kafka: client(), partitions: 2, onError: (error) => failures.push(error) });
    publisher = new KafkaPublisher(client());
    url = (await rig.app.getUrl()).replace('[::1]', 'localhost');
  }, 120_000);

  afterAll(async () => {
    await publisher?.close();
    await side?.stop();
    await rig?.close();
    await kafka?.stop();
  });

  const client = () => connectKafka({ brokers: kafka.brokers });
  const about = (change: Record<string, unknown> = {}) =>
    collection({ subject: `ref1.${'a'.repeat(43)}`, id: randomUUID(), ...change }) as CloudEvent;
  const keysOf = async (who: 'storefront' | 'consent') => fetchIntakeKey(url, { token: await rig.token(who) });
  const overSdk = (intakeKey: IntakeKeys) => kafkaIntake({ publisher, pepper: rig.ledger.secrets.pepper, intakeKey });

  /** What became of an event: sealed, or the code of its rejection. */
  async function outcome({ id }: CloudEvent): Promise<string> {
    for (const until = Date.now() + 30_000; ; await new Promise((wake) => setTimeout(wake, 50))) {
      const { rows } = await rig.ledger.pool.query<{ found: string }>(
        `select problems->0->>'code' as found from rejection where event_id = $1
         union all select 'sealed' from entry where convert_from(bytes, 'UTF8')::jsonb->>'id' = $1`,
        [id],
      );
      if (rows[0]) return rows[0].found;
      if (Date.now() > until) throw new Error(`nothing became of the event in time: ${failures.map(String).join('; ')}`);
    }
  }

  it('lets a publisher speak for the sources in its token, signed by the SDK alone', async () => {
    const event = about();
    await overSdk(await keysOf('storefront')).publish([event]);
    expect(await outcome(event)).toBe('sealed');
  });

  it('refuses whoever only has the right to write to the topic, and keeps what they sent', async () => {
    const event = about();
    await publisher.publish([event]);
    expect(await outcome(event)).toBe('mac-missing');
    const [kept] = await rig.ledger.rejections.list({ code: 'mac-missing', limit: 1 });
    expect((await rig.ledger.rejections.get(kept!.position))?.original).toContain(event.id);
  });

  it("refuses a publisher that poses as one of Attesta's own services, before and after it signs", async () => {
    const posing = about({ source: '//attesta/consent' });
    const keys = await keysOf('storefront');
    await expect(overSdk(keys).publish([posing])).rejects.toThrow(/does not name the source/);
    const signer = { sign: (_: string, record: { attributes: string; value: Uint8Array }) => signerFor(keys, record) };
    await publisher.publish([posing], signer);
    expect(await outcome(posing)).toBe('source-not-allowed');
  });

  it('refuses a record that was changed after it was signed', async () => {
    const event = about();
    const keys = await keysOf('storefront');
    await publisher.publish([event], {
      sign: (_, record) => signerFor(keys, { ...record, value: Buffer.from('{}') }),
    });
    expect(await outcome(event)).toBe('mac-wrong');
  });

  it("lets Attesta's own services speak, whose relays fetch their keys by themselves", async () => {
    const signer = intakeSigner({ url, token: () => rig.token('consent') });
    await signer.ready();
    const event = about({ source: '//attesta/consent' });
    await publisher.publish([event], signer);
    expect(await outcome(event)).toBe('sealed');
  });

  it('gives keys for the sources in a token, and none to who speaks for nobody', async () => {
    expect((await keysOf('storefront')).mac?.keys.map(({ prefix }) => prefix)).toEqual(['//storefront.m-med.example']);
    expect((await fetchIntakeKey(url, { token: await rig.token('operator') })).mac).toBeUndefined();
  });

  it('goes on under a new secret, and makes one for a log that was begun without', async () => {
    const keys = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-macs-'));
    const made = await loadSecrets(keys, 'spec.example/log', true);
    await fs.rm(path.join(keys, 'intake-mac-secrets.json'));
    const again = await loadSecrets(keys, 'spec.example/log', false);
    expect(again.intakeMac.keysFor(['//a'])).not.toEqual(made.intakeMac.keysFor(['//a']));
    await fs.rm(keys, { recursive: true });
  });

  const signerFor = (keys: IntakeKeys, record: { attributes: string; value: Uint8Array }) => {
    return new IntakeMacSigner(keys.mac!).sign(keys.mac!.keys[0]!.prefix, record)!;
  };
});
