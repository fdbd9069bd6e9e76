import fs from 'node:fs/promises';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { main as attesta } from '@attesta/cli';
import { fetchIntakeKey, kafkaIntake } from '@attesta/sdk/kafka';
import { describeKafka } from '@attesta/testing';
import { INTAKE_TOPIC, KafkaPublisher, REJECTED_TOPIC, SEALED_TOPIC } from '@attesta/transport';
import pg from 'pg';
import { dumpPostgres, dumpTopics } from './clauses/dumps.js';
import { Needles } from './clauses/needles.js';
import type { DumpPiece } from './clauses/system.js';
import { ObservedSystem } from './observed-system-rig.js';
import {
  oddEvents,
  goodEvent,
  INDISCREET_HEADERS,
  indiscreetRequests,
  PERSON,
  SOURCE,
  SUBJECTS,
  TRACE_ID,
  unreadableBodies,
} from './planted-person-rig.js';

const STRUCTURED = { ...INDISCREET_HEADERS, 'content-type': 'application/cloudevents+json' };
const BATCH = { ...INDISCREET_HEADERS, 'content-type': 'application/cloudevents-batch+json' };
const reason = 'case 7';

interface Receipt {
  status: string;
  position: number;
}

await describeKafka('values of a person, planted through every way in', () => {
  let observed: ObservedSystem;

  beforeAll(async () => {
    observed = await ObservedSystem.start();
  }, 240_000);
  afterAll(() => observed?.stop(), 60_000);

  const publish = <Body>(body: unknown, headers: Record<string, string> = STRUCTURED) =>
    observed.ask<Body>('publisher', 'POST', '/v1/events', body, headers);

  /** Where their values are sealed, by events whose ids begin like this. */
  const sealed = async (ids = ''): Promise<number[]> => {
    const { rows } = await withDatabase('attesta_ledger', (client) =>
      client.query<{ position: string }>(
        `select position from entry, lateral (select convert_from(bytes, 'UTF8')::jsonb as event) e
          where event->>'source' = $1 and event->>'id' like $2 || '%' order by 1`,
        [SOURCE, ids],
      ),
    );
    return rows.map(({ position }) => Number(position));
  };

  it('are sealed when they come over HTTP as they should', async () => {
    const single = await publish<Receipt>(goodEvent('single', SUBJECTS[0]!));
    expect(single).toMatchObject({ status: 201, body: { status: 'sealed' } });
    const { status, body } = await publish<{ receipts: Receipt[] }>(
      [goodEvent('first-of-two', SUBJECTS[1]!), Object.values(oddEvents())[0], goodEvent('second-of-two', SUBJECTS[2]!)],
      BATCH,
    );
    expect({ status, statuses: body.receipts.map((receipt) => receipt.status) }).toEqual({
      status: 200,
      statuses: ['sealed', 'rejected', 'sealed'],
    });
  });

  it.each(Object.keys(oddEvents()))('are refused, or left behind, with %s', async (what) => {
    const { status } = await publish(JSON.stringify(oddEvents()[what]));
    expect([201, 400, 422]).toContain(status);
  });

  it.each(Object.keys(unreadableBodies()))('are refused in %s', async (what) => {
    const [type, body, headers] = unreadableBodies()[what]!;
    const { status } = await publish(body, { ...INDISCREET_HEADERS, ...headers, 'content-type': type });
    expect([400, 413, 415, 422]).toContain(status);
  });

  it('are sealed or refused when they come over Kafka through the SDK', async () => {
    const { kafka, home, system } = observed;
    const publisher = new KafkaPublisher(kafka);
    const pepper = Buffer.from(await fs.readFile(path.join(home, 'keys/pepper'), 'utf8'), 'base64');
    const intakeKey = await fetchIntakeKey(system.url, { token: await system.issuer.issueToken('publisher') });
    const bad = { ...goodEvent('refused-over-kafka', SUBJECTS[0]!), type: 'attesta.collection.recorded.v99' };
    await kafkaIntake({ publisher, pepper, intakeKey }).publish([
      bad,
      ...SUBJECTS.map((subject, i) => goodEvent(`over-kafka-${i}`, subject)),
    ]);
    await publisher.close();
    await observed.eventually('those over Kafka sealed', async () => (await sealed('over-kafka-')).length === SUBJECTS.length || undefined);
  });

  it('are named in requests where no value belongs, which nobody answers with an error of ours', async () => {
    for (const [method, route, body] of indiscreetRequests()) {
      for (const role of ['auditor', 'operator'] as const) {
        expect((await observed.ask(role, method, route, body, INDISCREET_HEADERS)).status).toBeLessThan(500);
      }
    }
  });

  it('stand in no table, topic, log line, span or file in clear', async () => {
    await observed.registered((await sealed()).at(-1)!);
    await observed.eventually('every rejection in its topic', async () => {
      const { rows } = await withDatabase('attesta_ledger', (client) =>
        client.query<{ all: boolean }>(
          `select (select position from relay_cursor where relay = $1) + 1 = size as all from rejection_head`,
          [REJECTED_TOPIC],
        ),
      );
      return rows[0]?.all || undefined;
    });
    await observed.eventually('spans of the registers', () =>
      observed.collector.spans.some(({ traceId, service }) => traceId === TRACE_ID && service === 'attesta-audit'),
    );
    expect(await new Needles(PERSON).findIn(everything())).toEqual([]);
  }, 180_000);

  it('would have been found: what may be in clear is, in each of them', async () => {
    const found = await new Needles({ trace: TRACE_ID, source: SOURCE, service: '"service":"' }).findIn(everything());
    expect(found).toEqual(
      expect.arrayContaining([
        'trace in attesta_ledger.public.entry',
        'source in attesta_ledger.public.rejection',
        'source in attesta_audit.public.collection',
        `trace in ${INTAKE_TOPIC}`,
        `trace in ${SEALED_TOPIC}`,
        `source in ${REJECTED_TOPIC}`,
        'service in lines of ledger',
        'service in lines of audit',
        'trace in spans',
        'trace in files of Kafka',
        'source in files of PostgreSQL',
      ]),
    );
  }, 180_000);

  it('would have been found: they are where somebody puts them', async () => {
    const { kafka } = observed;
    await withDatabase('attesta_vault', async (client) => {
      await client.query('create table careless (said text, bytes bytea, document jsonb)');
      const { nationalId, latinName, thaiName } = PERSON;
      await client.query('insert into careless values ($1, $2, $3)', [nationalId, Buffer.from(latinName), { name: thaiName }]);
    });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'careless', numPartitions: 1 }] });
    await admin.disconnect();
    const carelessly = new KafkaPublisher(kafka, 'careless');
    await carelessly.send([{ key: PERSON.phone, value: Buffer.from(PERSON.email), headers: {} }]);
    await carelessly.close();

    expect(await new Needles(PERSON).findIn(everything())).toEqual(
      expect.arrayContaining([
        ...['nationalId', 'latinName', 'thaiName'].map((name) => `${name} in attesta_vault.public.careless`),
        ...['phone', 'email'].map((name) => `${name} in careless`),
        'email in files of Kafka',
      ]),
    );
  }, 180_000);

  it('can be opened by nobody once the keys are destroyed, and the evidence made before still verifies', async () => {
    const open = async (position: number) =>
      (await observed.ask<{ parts: { status: string; values?: unknown }[] }>('dpo', 'POST', `/v1/entries/${position}/open`, { reason }))
        .body.parts;
    for (const position of await sealed()) expect((await open(position)).map(({ status }) => status)).toEqual(['open', 'open', 'open']);

    const people: string[] = [];
    for (const subject of SUBJECTS) {
      const { body } = await observed.ask<{ subject: string }>('dpo', 'POST', '/v1/subjects/lookup', { subject, reason });
      people.push(body.subject);
      await observed.registered((await sealed()).at(-1)!);
      const { status, bytes } = await observed.ask('auditor', 'POST', '/v1/evidence', { subject: body.subject, reason });
      expect(status).toBe(200);
      await fs.writeFile(path.join(observed.home, `${body.subject}.zip`), bytes);
    }
    expect((await keptOfRefused()).length).toBeGreaterThan(10);
    for (const id of people) {
      const { status, body } = await observed.ask('dpo', 'POST', `/v1/subjects/${id}/shred`, { reason });
      expect({ status, body }).toMatchObject({ status: 200, body: { destroyed: expect.arrayContaining([expect.any(String)]) as unknown } });
    }

    for (const position of await sealed()) {
      const parts = await open(position);
      expect(parts.map(({ status, values }) => ({ status, values }))).toEqual(
        parts.map(() => ({ status: 'destroyed', values: undefined })),
      );
    }
    for (const subject of SUBJECTS) {
      expect((await observed.ask('dpo', 'POST', '/v1/subjects/lookup', { subject, reason })).status).toBe(404);
    }
    expect(await keptOfRefused()).toEqual([]);
    const keys = await withDatabase('attesta_vault', (client) =>
      client.query('select count(wrapped)::int as wrapped, count(*)::int as destroyed from data_key where subject = any ($1)', [people]),
    );
    expect(keys.rows[0]).toEqual({ wrapped: 0, destroyed: expect.any(Number) as number });
    expect((keys.rows[0] as { destroyed: number }).destroyed).toBeGreaterThanOrEqual(SUBJECTS.length);
    const refs = await withDatabase('attesta_vault', (client) =>
      client.query('select from subject_ref where subject = any ($1)', [people]),
    );
    expect(refs.rowCount).toBe(0);

    const key = (await observed.ask('auditor', 'GET', '/log/key')).bytes.toString().trim();
    for (const id of people) expect(await verifyOffline(`${id}.zip`, key)).toMatchObject({ code: 0, report: { ok: true } });
  }, 120_000);

  /** Refused events that named the person so that it could be read, as far as they are still kept as they came. */
  async function keptOfRefused(): Promise<unknown[]> {
    const route = `/v1/rejections?limit=500&source=${encodeURIComponent(SOURCE)}`;
    const { body } = await observed.ask<{ data: { position: number; problems: { field: string }[] }[] }>('dpo', 'GET', route);
    const naming = body.data.filter(({ problems }) => problems.every(({ field }) => field !== '/subject'));
    const originals = naming.map(({ position }) => observed.ask<{ original: unknown }>('dpo', 'GET', `/v1/rejections/${position}`));
    return (await Promise.all(originals)).map((answer) => answer.body.original).filter((original) => original !== null);
  }

  /** All that is kept anywhere: databases, topics, what was printed and exported, and the files below them. */
  async function* everything(): AsyncIterable<DumpPiece> {
    const { kafka, system, printed, collector, broker, home } = observed;
    yield* dumpPostgres(system.postgres.adminUrl);
    const admin = kafka.admin();
    await admin.connect();
    const topics = await admin.listTopics();
    await admin.disconnect();
    yield* dumpTopics(kafka, topics);
    for (const [service, text] of Object.entries(printed)) yield { where: `lines of ${service}`, text };
    for (const text of collector.bodies) yield { where: 'spans', text };
    await withDatabase('postgres', (client) => client.query('checkpoint'));
    yield* filesBelow(path.join(home, 'postgres'), 'files of PostgreSQL');
    yield* filesBelow(broker.dataDir, 'files of Kafka');
  }

  async function withDatabase<T>(name: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: observed.system.postgres.adminUrl(name) });
    await client.connect();
    return work(client).finally(() => client.end());
  }

  async function verifyOffline(bundle: string, key: string): Promise<{ code: number; report: unknown }> {
    let out = '';
    const stdout = new Writable({ write: (chunk: Buffer, _encoding, done) => done(void (out += chunk.toString())) });
    const terminal = { stdin: Readable.from([]), stdout, stderr: stdout, env: {}, cwd: observed.home, now: () => new Date() };
    const code = await attesta(['verify', bundle, '--key', key, '--json'], terminal);
    return { code, report: JSON.parse(out) as unknown };
  }
});

async function* filesBelow(directory: string, where: string): AsyncIterable<DumpPiece> {
  for (const entry of await fs.readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await fs.readFile(path.join(entry.parentPath, entry.name)).catch(() => undefined); // gone meanwhile
    if (bytes) yield { where, text: bytes.toString() };
  }
}
