import fs from 'node:fs/promises';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { main as attesta } from '@attesta/cli';
import { AttestaClient } from '@attesta/sdk';
import { describeKafka } from '@attesta/testing';
import pg from 'pg';
import { collected } from './clauses/drafts.js';
import { dumpPostgres, dumpTopics } from './clauses/dumps.js';
import { Needles } from './clauses/needles.js';
import type { DumpPiece } from './clauses/system.js';
import { ObservedSystem } from './observed-system-rig.js';
import { PERSON, SOURCE } from './planted-person-rig.js';

const OTHERS = 10_000;
const BATCH = 500;
const BATCHED = { 'content-type': 'application/cloudevents-batch+json' };
const reason = 'case 7';
const SUBJECT = `email|${PERSON.email}`;

interface Disposal {
  id: string;
  status: string;
  scope: string;
  keys: string[];
}

await describeKafka('one of ten thousand is erased', () => {
  let observed: ObservedSystem;
  let person: string;
  let positions: number[];
  let last: number;
  let disposal: Disposal;
  const bundles: string[] = [];
  const client = new AttestaClient({ source: SOURCE, transport: { publish: () => Promise.resolve([]) } });

  const ask = <Body>(role: 'auditor' | 'dpo' | 'publisher', method: string, route: string, body?: unknown, headers = {}) =>
    observed.ask<Body>(role, method, route, body, headers);

  beforeAll(async () => {
    observed = await ObservedSystem.start();
    last = -1;
    for (let from = 0; from < OTHERS; from += BATCH) {
      const events = Array.from({ length: BATCH }, (_, i) =>
        client.event(
          collected(`account|other-${from + i}`, {
            categories: ['preferences'],
            purposes: ['communication'],
            personal: { preferences: { theme: `theme-${from + i}` } },
          }),
        ),
      );
      const { body } = await ask<{ receipts: { position: number }[] }>('publisher', 'POST', '/v1/events', events, BATCHED);
      last = Math.max(last, ...body.receipts.map(({ position }) => position));
    }
    const about = {
      purposes: ['communication'],
      personal: { preferences: { note: PERSON.thaiName, mail: PERSON.email, phone: PERSON.phone } },
    };
    const planted = [0, 1, 2].map(() => client.event(collected(SUBJECT, { categories: ['preferences'], ...about })));
    const { body } = await ask<{ receipts: { position: number }[] }>('publisher', 'POST', '/v1/events', planted, BATCHED);
    positions = body.receipts.map(({ position }) => position);
    last = Math.max(last, ...positions);
    await observed.registered(last);
    const lookup = await ask<{ subject: string }>('dpo', 'POST', '/v1/subjects/lookup', { subject: SUBJECT, reason });
    person = lookup.body.subject;
  }, 300_000);
  afterAll(() => observed?.stop(), 60_000);

  it('with evidence of them, and of others, taken before', async () => {
    const other = await ask<{ subject: string }>('dpo', 'POST', '/v1/subjects/lookup', { subject: 'account|other-7', reason });
    for (const subject of [person, other.body.subject]) {
      const { status, bytes } = await ask('auditor', 'POST', '/v1/evidence', { subject, reason });
      expect(status).toBe(200);
      bundles.push(path.join(observed.home, `${subject}.zip`));
      await fs.writeFile(bundles.at(-1)!, bytes);
    }
    for (const position of positions) expect(await statusesAt(position)).toEqual(['open']);
  });

  it('by a request that goes its way to the last word', async () => {
    const { body: asked } = await ask<{ request: string }>('dpo', 'POST', '/v1/requests', {
      subject: SUBJECT,
      right: 'erasure',
      channel: 'in-person',
      identity: { evidence: { kind: 'passport' } },
    });
    await observed.eventually('accepted', async () => {
      const { status } = await ask('dpo', 'POST', `/v1/requests/${asked.request}/accept`, {});
      return status === 200 || undefined;
    });
    disposal = await observed.eventually('disposed of', async () => {
      const { body } = await ask<{ data: Disposal[] }>('auditor', 'GET', `/v1/disposals?request=${asked.request}`);
      return body.data.find(({ status }) => status === 'completed');
    });
    expect(disposal).toMatchObject({ scope: 'subject', keys: ['preferences.1'] });
    const view = await observed.eventually('fulfilled', async () => {
      const { body } = await ask<{ status: string; result: string }>('auditor', 'GET', `/v1/requests/${asked.request}`);
      return body.status === 'fulfilled' ? body : undefined;
    });
    expect(view.result).toBe('complete');
    for (const position of positions) expect(await statusesAt(position)).toEqual(['destroyed']);
    expect(await ask('auditor', 'POST', '/v1/subjects/lookup', { subject: SUBJECT, reason })).toMatchObject({ status: 404 });
  }, 120_000);

  it('and every evidence taken before still verifies, and the whole log', async () => {
    const key = await keyOf();
    for (const bundle of bundles)
      expect(await cli('verify', bundle, '--key', key, '--json')).toMatchObject({ code: 0, report: { ok: true } });
    const token = await observed.system.issuer.issueToken('auditor');
    const whole = await cli('log', 'verify', '--url', observed.system.url, '--token', token, '--key', key, '--json');
    expect(whole).toMatchObject({ code: 0 });
  }, 120_000);

  it('and the certificate of destruction verifies offline, and is no certificate when it was touched', async () => {
    const { status, bytes } = await observed.eventually('a certificate', async () => {
      const answer = await ask('auditor', 'GET', `/v1/disposals/${disposal.id}/certificate`);
      return answer.status === 200 ? answer : undefined;
    });
    expect(status).toBe(200);
    const file = path.join(observed.home, 'certificate.json');
    await fs.writeFile(file, bytes);
    const key = await keyOf();
    expect(await cli('verify', file, '--key', key, '--json')).toMatchObject({ code: 0, report: { ok: true } });
    expect(await new Needles(PERSON).findIn(only('certificate', bytes.toString()))).toEqual([]);
    await fs.writeFile(file, bytes.toString().replace('preferences.1', 'preferences.2'));
    expect((await cli('verify', file, '--key', key, '--json')).code).not.toBe(0);
    const pdf = await ask('auditor', 'GET', `/v1/disposals/${disposal.id}/certificate.pdf`);
    expect(pdf).toMatchObject({ status: 200 });
    expect(pdf.bytes.subarray(0, 5).toString()).toBe('%PDF-');
  }, 60_000);

  it('and no database, topic, log or register yields what was planted, or opens it', async () => {
    expect(await new Needles(PERSON).findIn(everything())).toEqual([]);
    const living = await withDatabase('attesta_vault', (db) =>
      db.query('select from data_key where subject = $1 and wrapped is not null union all select from subject_ref where subject = $1', [
        person,
      ]),
    );
    expect(living.rowCount).toBe(0);
    const left = await withDatabase('attesta_ledger', (db) =>
      db.query<{ cipher: Buffer | null }>('select cipher from entry where position = any($1::bigint[])', [positions]),
    );
    for (const { cipher } of left.rows) expect(cipher === null || cipher.length <= 4).toBe(true);
    const others = await withDatabase('attesta_vault', (db) => db.query<{ n: number }>('select count(wrapped)::int as n from data_key'));
    expect(others.rows[0]!.n).toBe(OTHERS);
  }, 180_000);

  async function statusesAt(position: number): Promise<string[]> {
    const { body } = await ask<{ parts: { status: string }[] }>('dpo', 'POST', `/v1/entries/${position}/open`, { reason });
    return body.parts.map(({ status }) => status);
  }

  async function keyOf(): Promise<string> {
    return (await ask('auditor', 'GET', '/log/key')).bytes.toString().trim();
  }

  async function* everything(): AsyncIterable<DumpPiece> {
    const { kafka, system, printed, collector } = observed;
    yield* dumpPostgres(system.postgres.adminUrl);
    const admin = kafka.admin();
    await admin.connect();
    const topics = await admin.listTopics();
    await admin.disconnect();
    yield* dumpTopics(kafka, topics);
    for (const [service, text] of Object.entries(printed)) yield { where: `lines of ${service}`, text };
    for (const text of collector.bodies) yield { where: 'spans', text };
  }

  async function withDatabase<T>(name: string, work: (db: pg.Client) => Promise<T>): Promise<T> {
    const db = new pg.Client({ connectionString: observed.system.postgres.adminUrl(name) });
    await db.connect();
    return work(db).finally(() => db.end());
  }

  async function cli(...args: string[]): Promise<{ code: number; report: unknown }> {
    let out = '';
    const stdout = new Writable({ write: (chunk: Buffer, _encoding, done) => done(void (out += chunk.toString())) });
    const terminal = { stdin: Readable.from([]), stdout, stderr: stdout, env: {}, cwd: observed.home, now: () => new Date() };
    const code = await attesta(args, terminal);
    return { code, report: out.startsWith('{') ? (JSON.parse(out) as unknown) : out };
  }
});

async function* only(where: string, text: string): AsyncIterable<DumpPiece> {
  yield { where, text };
}
