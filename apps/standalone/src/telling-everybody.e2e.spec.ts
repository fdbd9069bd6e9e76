import { createHash } from 'node:crypto';
import { LogReader, verifyLog } from '@attesta/proof';
import { httpLog, nodePrimitives } from '@attesta/proof/node';
import { AttestaClient, report } from '@attesta/sdk';
import { startSmtpProcess, type SmtpProcess } from '@attesta/testing';
import { generator } from '@attesta/testing/random';
import pg from 'pg';
import { collected, consented, NOTICE_VERSION } from './clauses/drafts.js';
import { KilledSystem } from './killed-system-rig.js';

const PEOPLE = Number(process.env['WAVE_PEOPLE'] ?? 1_000);
const PACE = Number(process.env['MESSAGES_PER_SECOND'] ?? 500);
const KILLS = Number(process.env['WAVE_KILLS'] ?? 5);
const SEED = Number(process.env['SEED'] ?? 20_261_127);
const SOURCE = '//killed.example';
const VERSION = 'v-everybody';
const BATCH = 500;
/** One test, minutes long with many people. */
const LIMIT_MS = 120_000 + PEOPLE * 60;

const everybody = Array.from({ length: PEOPLE }, (_, n) => n);
const nameOf = (n: number) => `account|everybody-${n}`;
const addressOf = (n: number) => `everybody-${n}@example.co.th`;
const readsThai = (n: number) => n % 2 === 1;
/** One of ten agreed to marketing, and every second of them says stop meanwhile. */
const agreed = everybody.filter((n) => Math.floor(n / 2) % 10 === 0);
const leaving = agreed.filter((n) => Math.floor(n / 20) % 2 === 0);

interface Progress {
  state: string;
  people: number;
  told: number;
}

interface SentRow {
  id: string;
  subject: string;
  template: string;
  status: string;
  reason: string | null;
}

/** Issue: everybody is told of a new notice while the process is killed, each once; whoever says stop meanwhile is heard. */
describe('a notice that everybody is told of, under kill -9', () => {
  let system: KilledSystem;
  let smtp: SmtpProcess;
  let messages: pg.Pool;
  const random = generator(SEED);
  const client = new AttestaClient({ source: SOURCE, transport: { publish: () => Promise.resolve([]) } });

  beforeAll(async () => {
    smtp = await startSmtpProcess({ keep: 0 });
    system = await KilledSystem.start({ SMTP_URL: smtp.url, MESSAGES_PER_SECOND: String(PACE) });
    messages = new pg.Pool({ connectionString: (await system.adminUrl())('attesta_notification'), max: 4 });
    await enrol();
  }, LIMIT_MS);
  afterAll(async () => {
    await messages?.end();
    await smtp?.stop();
    await system?.stop();
  }, 60_000);

  it(
    'reaches each once, and whoever said stop meanwhile gets no more marketing',
    async () => {
      const position = (await ledger<{ size: string }>('select size from log_head'))[0]!.size;
      await announceOverTime((PEOPLE / PACE) * 1_000 + KILLS * 2_000);
      const began = Date.now();
      const digest = createHash('sha256').update(VERSION).digest('hex');
      await insist('dpo', '/v1/notices', {
        ...{ version: VERSION, language: 'en', digest, effectiveAt: new Date().toISOString(), changes: 'A club of customers.' },
      });
      const seen: Progress[] = [];
      const watching = watchProgress(seen);
      const withdrawing = withdrawSome();
      let underWay = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        const share = (kill + random()) / (KILLS + 1);
        await system.eventually(
          `${Math.round(share * 100)}% told`,
          () => Promise.resolve((seen.at(-1)?.told ?? 0) >= share * PEOPLE || undefined),
          LIMIT_MS / 1_000,
        );
        await new Promise((wake) => setTimeout(wake, random() * 100));
        await system.kill();
        underWay += (await sent(`status = 'handing'`)).length;
        await system.up();
      }
      await watching;
      const seconds = (Date.now() - began) / 1_000;
      const stops = await withdrawing;
      await system.eventually(
        'nothing waits',
        async () => ((await sent(`status in ('queued', 'handing')`)).length === 0 ? true : undefined),
        120,
      );
      await system.eventually('everything sealed', everythingSealed, 120);

      expect(seen.at(-1)).toMatchObject({ state: 'completed', people: PEOPLE, told: PEOPLE });
      expect(seen.map(({ told: n }) => n)).toEqual(seen.map(({ told: n }) => n).toSorted((a, b) => a - b));
      expect(new Set(seen.map(({ told: n }) => n)).size).toBeGreaterThan(KILLS);
      const communicated = await ledger<{ subject: string }>(
        `select event->'subject'->>'id' as subject from entry, lateral (select convert_from(bytes, 'UTF8')::jsonb as event) e
          where position >= $1 and event->>'type' = 'attesta.notice.communicated.v1' and event->'data'->>'version' = $2`,
        [position, VERSION],
      );
      expect([communicated.length, new Set(communicated.map(({ subject }) => subject)).size]).toEqual([PEOPLE, PEOPLE]);

      const notices = new Map((await sent(`template = 'notice-changed'`)).map((row) => [row.id, row]));
      const arrivals = await smtp.arrivals();
      const byPerson = new Map<string, Set<string>>(everybody.map((n) => [addressOf(n), new Set()]));
      let repeats = 0;
      for (const { messageId, to } of arrivals) {
        const id = messageId.split('@')[0]!;
        if (!notices.has(id)) continue;
        if (byPerson.get(to)!.has(id)) repeats++;
        byPerson.get(to)!.add(id);
      }
      expect([...byPerson.values()].filter(({ size }) => size !== 1)).toEqual([]);
      expect(repeats).toBeLessThanOrEqual(underWay);

      const late = await expectHeard(arrivals, stops);
      const { body: lag } = await system.ask<Record<string, number | null>>('auditor', 'GET', '/v1/messages/lag');
      expect(lag).toMatchObject({ withdrawals: leaving.length, afterKnown: 0 });
      await expectLogVerifies();
      process.stderr.write(
        `told ${PEOPLE} people in ${seconds.toFixed(1)} s, ${((notices.size + late.marketing) / seconds).toFixed(0)} messages a second; ${KILLS} kills, ` +
          `${underWay} messages under way then, ${repeats} repeated under the same Message-ID; ${stops.size} withdrawals, ` +
          `${late.after} messages arrived after one (at most ${late.mostMs} ms), lag ${JSON.stringify(lag)}\n`,
      );
    },
    LIMIT_MS,
  );

  /** Everybody, by events; then the choices about marketing, once they are in force. */
  async function enrol(): Promise<void> {
    const consents = everybody.filter((n) => readsThai(n) || agreed.includes(n));
    const drafts = [
      ...everybody.map((n) => collected(nameOf(n), { categories: ['contact'], personal: { contact: { email: addressOf(n) } } })),
      ...consents.map((n) =>
        readsThai(n)
          ? report.consent(nameOf(n), {
              ...{ purposes: ['marketing'], method: 'preference-center', noticeVersion: NOTICE_VERSION, language: 'th' },
              status: Math.floor(n / 2) % 10 === 0 ? 'given' : 'refused',
            })
          : consented(nameOf(n), 'marketing', 'given'),
      ),
    ];
    for (let from = 0; from < drafts.length; from += BATCH) {
      const batch = drafts.slice(from, from + BATCH).map((draft) => client.event(draft));
      const headers = { 'content-type': 'application/cloudevents-batch+json' };
      expect((await system.ask('publisher', 'POST', '/v1/events', batch, headers)).status).toBe(200);
    }
    await system.eventually(
      'people known',
      async () => {
        const { rows } = await messages.query<{ n: number; thai: number }>(
          `select count(*)::int as n, count(*) filter (where language = 'th')::int as thai from person`,
        );
        return (rows[0]!.n === PEOPLE && rows[0]!.thai === Math.floor(PEOPLE / 2)) || undefined;
      },
      LIMIT_MS / 1_000,
    );
    await system.eventually(
      'consents in force',
      async () => {
        const asked = {
          subject: nameOf(agreed.at(-1)!),
          operation: 'use',
          categories: ['contact'],
          purpose: 'marketing',
          channel: 'email',
        };
        const { body } = await system.ask<{ decision: string }>('publisher', 'POST', '/v1/decisions', asked);
        return body.decision === 'allowed' || undefined;
      },
      LIMIT_MS / 1_000,
    );
  }

  /** Marketing that leaves at any time of the wave. */
  async function announceOverTime(ms: number): Promise<void> {
    const all = agreed.map((n) => ({
      ...{ id: `news-${n}`, subject: nameOf(n), template: 'announcement', channel: 'email' },
      values: { heading: 'A new clinic', body: 'It opens in May.' },
      sendAt: new Date(Date.now() + random() * ms).toISOString(),
    }));
    for (let from = 0; from < all.length; from += BATCH)
      await insist('publisher', '/v1/messages', { source: SOURCE, messages: all.slice(from, from + BATCH) });
  }

  /** Progress as it is seen, until everybody was told; while the process is dead nobody sees any. */
  async function watchProgress(seen: Progress[]): Promise<void> {
    while (seen.at(-1)?.state !== 'completed') {
      const found = await system.ask<Progress>('dpo', 'GET', `/v1/notice-changes/${VERSION}`).catch(() => undefined);
      if (found?.status === 200) seen.push(found.body);
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }

  /** @returns when the consent service had taken each, by person */
  async function withdrawSome(): Promise<Map<number, number>> {
    const stops = new Map<number, number>();
    const pause = ((PEOPLE / PACE) * 1_000 + KILLS * 2_000) / leaving.length;
    for (const n of leaving) {
      await new Promise((wake) => setTimeout(wake, random() * 2 * pause));
      await insist('publisher', '/v1/consents', {
        ...{ id: `stop-${n}`, subject: nameOf(n), purposes: ['marketing'], status: 'withdrawn', method: 'preference-center' },
      });
      stops.set(n, Date.now());
    }
    return stops;
  }

  /** Marketing that arrived after a withdrawal was under way by then, and is sealed as such, or nobody knew whether it had left. */
  async function expectHeard(arrivals: { messageId: string; to: string; at: number }[], stops: Map<number, number>) {
    const marketing = new Map((await sent(`template = 'announcement'`)).map((row) => [row.id, row]));
    expect(marketing.size).toBe(agreed.length);
    const came = arrivals.flatMap((arrival) => {
      const row = marketing.get(arrival.messageId.split('@')[0]!);
      return row ? [{ ...arrival, row }] : [];
    });
    expect(came.length).toBe(new Set(came.map(({ messageId }) => messageId)).size);
    const after = came.flatMap(({ to, at, row }) => {
      const stop = stops.get(Number(/\d+/.exec(to)![0]));
      return stop !== undefined && at > stop ? [{ row, ms: at - stop }] : [];
    });
    expect(after.filter(({ row }) => row.status !== 'in-flight' && row.reason !== 'outcome-unknown')).toEqual([]);
    expect([...marketing.values()].filter(({ status }) => status === 'suppressed').length).toBeGreaterThan(0);
    return { marketing: came.length, after: after.length, mostMs: Math.max(0, ...after.map(({ ms }) => ms)) };
  }

  async function expectLogVerifies(): Promise<void> {
    await system.eventually('a checkpoint over everything', async () => {
      const [found] = await ledger<{ covered: boolean }>(
        'select (select size from log_head) = (select max(size) from checkpoint) as covered',
      );
      return found!.covered || undefined;
    });
    const key = (await (await fetch(`${system.url}/log/key`)).text()).trim();
    const reader = new LogReader(
      nodePrimitives,
      httpLog(`${system.url}/log/`, { headers: { authorization: await system.bearer('auditor') } }),
    );
    expect(await verifyLog(nodePrimitives, reader, { key })).toMatchObject({ ok: true, problems: [] });
  }

  /** What the notification service said is in the ledger. */
  async function everythingSealed(): Promise<true | undefined> {
    const { rows } = await messages.query<{ done: boolean }>(
      'select (select size from service_log_head) - 1 = (select max(position) from relay_cursor) as done',
    );
    return rows[0]!.done || undefined;
  }

  const sent = async (where: string): Promise<SentRow[]> =>
    (await messages.query<SentRow>(`select id, subject, template, status, reason from message where ${where}`)).rows;

  const ledger = <T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> =>
    system.database('attesta_ledger', async (db) => (await db.query<T>(sql, values)).rows);

  /** Until it is answered: who gets no answer sends the same again. */
  async function insist(role: 'dpo' | 'publisher', route: string, body: object): Promise<void> {
    for (;;) {
      const answer = await system.ask(role, 'POST', route, body).catch(() => undefined);
      if (answer && answer.status < 300) return;
      if (answer && answer.status < 500) throw new Error(`${route} answered ${answer.status}: ${answer.bytes.toString().slice(0, 1_000)}`);
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }
});
