import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { LogReader, verifyLog } from '@attesta/proof';
import { httpLog, nodePrimitives } from '@attesta/proof/node';
import { AttestaClient, report } from '@attesta/sdk';
import { fetchIntakeKey, kafkaIntake } from '@attesta/sdk/kafka';
import { connectKafka, KafkaPublisher } from '@attesta/transport';
import { describeKafka, startOwnKafka, type OwnKafka } from '@attesta/testing';
import pg from 'pg';
import { startDistributed, type Distributed } from './distributed.js';

const POLICY = fileURLToPath(new URL('../../../policies/m-med.yaml', import.meta.url));
const SOURCE = '//storefront.m-med.example';

/** Small and repeatable: when the crashes come must not depend on the day. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

await describeKafka('the distributed system', () => {
  let home: string;
  let kafka: OwnKafka;
  let system: Distributed;
  let overHttp: AttestaClient;
  let overKafka: AttestaClient;
  let publisher: KafkaPublisher;
  let ledgerDb: pg.Pool;
  const acknowledged = new Set<string>();

  beforeAll(async () => {
    home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-distributed-'));
    await fs.chmod(home, 0o755);
    kafka = await startOwnKafka();
    system = await startDistributed({
      home,
      port: 0,
      origin: 'spec.example/distributed',
      policyFile: POLICY,
      brokers: kafka.brokers,
      logLevel: 'off',
    });
    ledgerDb = new pg.Pool({ connectionString: system.postgres.adminUrl('attesta_ledger') });
    ledgerDb.on('error', () => undefined);
    const token = () => system.issuer.issueToken('storefront');
    overHttp = new AttestaClient({ source: SOURCE, url: system.url, token, retry: { attempts: 100, maxMs: 1_000 } });
    publisher = new KafkaPublisher(connectKafka({ brokers: kafka.brokers, clientId: 'spec' }));
    const pepper = Buffer.from(await fs.readFile(path.join(home, 'keys/pepper'), 'utf8'), 'base64');
    const intakeKey = await fetchIntakeKey(system.url, { token: await token() });
    overKafka = new AttestaClient({ source: SOURCE, transport: kafkaIntake({ publisher, pepper, intakeKey }) });
  }, 240_000);

  afterAll(async () => {
    await publisher?.close();
    await ledgerDb?.end();
    await system?.stop();
    await kafka?.stop();
    await fs.rm(home, { recursive: true, force: true });
  }, 60_000);

  const drafts = (label: string, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      ...report.collection(`account|c-${i % 17}`, {
        categories: ['identity'],
        purposes: ['service-fulfilment'],
        basis: 'contract',
        occasion: 'registration',
        method: 'online-form',
        channel: 'web',
        origin: 'subject',
        ...(i % 3 === 0 && { personal: { identity: { name: `Somchai ${i}` } } }),
      }),
      id: `${label}-${i}`,
    }));

  async function publish(client: AttestaClient, label: string, count: number): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        const receipts = await client.publishMany(drafts(label, count));
        for (const { id, status } of receipts) {
          expect(['sealed', 'duplicate', 'accepted']).toContain(status);
          acknowledged.add(id);
        }
        return;
      } catch (error) {
        if (tries > 60) throw error; // the same ids again, as the SDK says
        await new Promise((wake) => setTimeout(wake, 200));
      }
    }
  }

  async function until(what: string, done: () => Promise<boolean>, seconds = 120): Promise<void> {
    const end = Date.now() + seconds * 1000;
    while (!(await done().catch(() => false))) {
      if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
      await new Promise((wake) => setTimeout(wake, 250));
    }
  }

  const sealedIds = async () =>
    (
      await ledgerDb.query<{ id: string }>(
        `select convert_from(bytes, 'UTF8')::jsonb->>'id' as id from entry where convert_from(bytes, 'UTF8')::jsonb->>'source' = '${SOURCE}'`,
      )
    ).rows.map(({ id }) => id);
  const everythingSealed = () => until('every acknowledged event sealed', async () => (await sealedIds()).length >= acknowledged.size);
  const get = async (route: string, role: string) => {
    const answer = await fetch(system.url + route, { headers: { authorization: `Bearer ${await system.issuer.issueToken(role)}` } });
    if (!answer.ok) throw new Error(`${answer.status} for ${route}`);
    return (await answer.json()) as { position: number; equal: boolean };
  };
  const registersCaughtUp = () =>
    until('the registers caught up', async () => {
      const { rows } = await ledgerDb.query<{ size: string }>('select size from log_head');
      return (await get('/ops/audit/progress', 'operator')).position >= Number(rows[0]!.size) - 1;
    });

  async function historyIsClean(): Promise<void> {
    await everythingSealed();
    await registersCaughtUp();
    const ids = await sealedIds();
    expect(ids.length).toBe(new Set(ids).size);
    expect(new Set(ids)).toEqual(acknowledged);
    const reader = new LogReader(
      nodePrimitives,
      httpLog(`${system.url}/log/`, { headers: { authorization: `Bearer ${await system.issuer.issueToken('auditor')}` } }),
    );
    const key = (await (await fetch(`${system.url}/log/key`)).text()).trim();
    await until('a checkpoint over everything', async () => {
      const { rows } = await ledgerDb.query('select (select size from log_head) = (select max(size) from checkpoint) as covered');
      return rows[0].covered === true;
    });
    expect(await verifyLog(nodePrimitives, reader, { key })).toMatchObject({ ok: true, problems: [] });
    expect(await get('/ops/audit/digest?recount=true', 'operator')).toMatchObject({ equal: true });
  }

  test('publishes through Kafka and through HTTP into one log', async () => {
    await Promise.all([publish(overHttp, 'http-first', 50), publish(overKafka, 'kafka-first', 50)]);
    await historyIsClean();
  }, 180_000);

  test('kill -9 of the ledger and of the registers, ten times under load: nothing lost, nothing doubled', async () => {
    const random = seeded(20_261_122);
    for (let crash = 0; crash < 10; crash++) {
      const load = Promise.all([publish(overHttp, `http-${crash}`, 300), publish(overKafka, `kafka-${crash}`, 300)]);
      await new Promise((wake) => setTimeout(wake, random() * 1_000)); // when it strikes must not matter
      system.kill(crash % 2 === 0 ? 'ledger' : 'audit');
      await load;
      await system.ready();
    }
    expect(acknowledged.size).toBe(100 + 10 * 600);
    await historyIsClean();
  }, 480_000);

  test('all topics wiped once: refilled from the log, and the registers never notice', async () => {
    const admin = connectKafka({ brokers: kafka.brokers, clientId: 'spec-admin' }).admin();
    await admin.connect();
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith('attesta.'));
    await admin.deleteTopics({ topics });
    await admin.disconnect();
    await Promise.all([publish(overHttp, 'http-after', 60), publish(overKafka, 'kafka-after', 60)]);
    await historyIsClean();
  }, 480_000);
});
