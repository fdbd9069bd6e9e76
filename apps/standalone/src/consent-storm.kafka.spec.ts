import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Decision } from '@attesta/decisions';
import type { Entry } from '@attesta/events';
import { describeKafka, startOwnKafka, type OwnKafka } from '@attesta/testing';
import pg from 'pg';
import { startDistributed, type Distributed } from './distributed.js';
import { SHIPPED_POLICY } from './shipped-files.js';

const PEOPLE = 60;
const KILLS = 6;

await describeKafka('a storm of withdrawals while the consent service is killed', () => {
  let home: string;
  let kafka: OwnKafka;
  let system: Distributed;
  let ledgerDb: pg.Pool;

  beforeAll(async () => {
    home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-storm-'));
    await fs.chmod(home, 0o755);
    kafka = await startOwnKafka();
    system = await startDistributed({
      home,
      port: 0,
      origin: 'spec.example/storm',
      policyFile: SHIPPED_POLICY,
      brokers: kafka.brokers,
      logLevel: 'off',
    });
    ledgerDb = new pg.Pool({ connectionString: system.postgres.adminUrl('attesta_ledger') });
    ledgerDb.on('error', () => undefined);
  }, 240_000);
  afterAll(async () => {
    await ledgerDb?.end();
    await system?.stop();
    await kafka?.stop();
    await fs.rm(home, { recursive: true, force: true });
  }, 60_000);

  /** Sends until it is answered, under the same id: who gets no answer cannot know whether it was taken. */
  async function insist<T>(route: string, body: object): Promise<T> {
    for (;;) {
      const token = await system.issuer.issueToken('publisher');
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const answer = await fetch(system.url + route, { method: 'POST', headers, body: JSON.stringify(body) }).catch(() => undefined);
      if (answer?.ok) return (await answer.json()) as T;
      const status = answer?.status ?? 503;
      const text = await answer?.text().catch(() => '');
      if (status < 500) throw new Error(`${route} answered ${status}: ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  const choose = (n: number, status: 'given' | 'withdrawn') =>
    insist<{ id: string }>('/v1/consents', {
      ...{ id: `${status}-${n}`, subject: `account|storm-${n}`, purposes: ['marketing'], status, method: 'preference-center' },
      ...(status === 'given' && { noticeVersion: '2022-08-10' }),
    });
  const decide = (n: number) =>
    insist<Decision>('/v1/decisions', { subject: `account|storm-${n}`, operation: 'use', categories: ['contact'], purpose: 'marketing' });
  const everybody = Array.from({ length: PEOPLE }, (_, n) => n);

  async function entries(type: string): Promise<Entry[]> {
    const { rows } = await ledgerDb.query<{ bytes: Buffer }>('select bytes from entry order by position');
    return rows.map(({ bytes }) => JSON.parse(bytes.toString()) as Entry).filter((entry) => entry.type === type);
  }

  it('loses none, doubles none and brings none back', async () => {
    await Promise.all(everybody.map((n) => choose(n, 'given')));
    let left = PEOPLE;
    let kills = 0;
    const storm = Promise.all(
      everybody.map(async (n) => {
        await new Promise((resolve) => setTimeout(resolve, n * 100));
        await choose(n, 'withdrawn');
        left--;
        // At once, in whatever process answers now.
        expect((await decide(n)).reasons.map(({ code }) => code)).toEqual(['consent-withdrawn']);
      }),
    );
    while (kills < KILLS || left > 0) {
      if (kills < KILLS) {
        system.kill('consent');
        kills++;
      }
      await new Promise((resolve) => setTimeout(resolve, 900));
      await system.ready();
    }
    await storm;
    system.kill('consent');
    await system.ready();
    for (const n of everybody) expect((await decide(n)).decision).toBe('denied');

    const until = Date.now() + 60_000;
    while ((await entries('attesta.consent.withdrawn.v1')).length < PEOPLE && Date.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 200));
    const captured = await entries('attesta.consent.captured.v1');
    expect(captured.filter(({ data }) => data.status === 'withdrawn').length).toBe(PEOPLE);
    expect(captured.filter(({ data }) => data.status === 'given').length).toBe(PEOPLE);
    const withdrawn = await entries('attesta.consent.withdrawn.v1');
    expect(new Set(withdrawn.map(({ subject }) => subject!.id)).size).toBe(PEOPLE);
    expect(withdrawn.length).toBe(PEOPLE);
    expect((await entries('attesta.consent.given.v1')).length).toBe(PEOPLE);
  }, 240_000);
});
