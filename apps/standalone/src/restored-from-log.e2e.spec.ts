import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { main } from '@attesta/cli';
import { dropDatabase, startPostgres, type EmbeddedServer } from '@attesta/event-log/embedded';
import { AttestaClient } from '@attesta/sdk';
import pg from 'pg';
import { Backups } from './backups.js';
import { collected } from './clauses/drafts.js';
import { playAgainst } from './demo.run.js';
import { accountOf, PEOPLE } from './sample-day/people.js';
import { SHIPPED_POLICY } from './shipped-files.js';
import { startStandalone, type Standalone } from './standalone.js';

const MINUTES = 60_000;
/** As whoever operates it runs it. Needs `npm run build`. */
const ATTESTA = fileURLToPath(new URL('../../cli/bin/attesta.mjs', import.meta.url));
const ORIGIN = 'spec.localhost/attesta';
const ASKED = accountOf(PEOPLE[0]!);
const NEXT_NOTICE = '2027-01-01';
const GONE = 'account|gone';
const SERVICES = ['audit', 'consent', 'requests', 'retention', 'notification'] as const;

/** Every database but the ledger's and the vault's is lost after a day of work, and comes back from the log. */
describe('databases restored from the log', () => {
  let home: string;
  let system: Standalone | undefined;
  const before: Record<string, unknown> = {};
  let sealed: number;

  beforeAll(async () => {
    home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-restored-spec-'));
    await fs.chmod(home, 0o755);
    await start();
    await playAgainst(system!, '2026-03-02');
    await seeLog('early.state');
    await stop();
    await onDatabases((server) => new Backups(server.adminUrl, 'early').take(['ledger']));
    await start();
    await work();
    await seeLog('late.state');
    await settled();
    sealed = await system!.ledger.reader.size();
    await stop();
    for (const service of SERVICES) before[service] = (await attesta('digest', service)).digests;
  }, 3 * MINUTES);

  afterAll(async () => {
    await stop();
    await fs.rm(home, { recursive: true, force: true });
  }, MINUTES);

  it(
    'refuses a database that still holds something',
    () => {
      const { status, stdout } = spawnSync(process.execPath, [ATTESTA, 'restore', 'consent', '--home', home, '--json'], {
        encoding: 'utf8',
      });
      expect({ status, answer: JSON.parse(stdout) as unknown }).toMatchObject({
        status: 2,
        answer: { error: { message: 'the database of consent is not empty' } },
      });
    },
    MINUTES,
  );

  it(
    'gives every digest back, and has nothing to say that it had said',
    async () => {
      expect(emptyIn(before)).toEqual(['audit.common-triggers', 'notification.breach_person']);
      await onDatabases(async (server) => {
        for (const service of SERVICES) await dropDatabase(server.adminUrl(), `attesta_${service}`);
      });
      for (const service of SERVICES) {
        const restored = await attesta('restore', service);
        expect(restored).toMatchObject({ entries: sealed, unsaid: 0, digests: before[service] });
        expect(restored.own).toBeGreaterThan(0);
      }
    },
    2 * MINUTES,
  );

  it(
    'gives them back where the environment names the databases, and refuses while somebody is connected',
    async () => {
      await onDatabases(async (server) => {
        const env = await environmentOf(server);
        for (const service of ['audit', 'consent'] as const) {
          const [restored, held] = [await attempt(['restore', service, '--replace'], env), await attempt(['restore', service], env)];
          expect(restored.json).toMatchObject({ entries: sealed, unsaid: 0, digests: before[service] });
          expect(held).toMatchObject({ code: 2, json: { error: { message: `the database of ${service} is not empty` } } });
        }
        const other = new pg.Client({ connectionString: server.adminUrl('attesta_consent'), application_name: 'somebody' });
        await other.connect();
        const refused = await attempt(['restore', 'consent', '--replace'], env);
        await other.end();
        expect(refused.json).toMatchObject({ error: { message: 'somebody is connected to the database of consent: somebody' } });
      });
    },
    2 * MINUTES,
  );

  it(
    'goes on where it was: nothing is said twice, and what comes next comes through',
    async () => {
      await start();
      await settled();
      expect(await ownSince(sealed)).toEqual([]);
      await ask('publisher', '/v1/consents', { ...choice(ASKED, 'given'), noticeVersion: NEXT_NOTICE });
      await settled();
      expect(await ownSince(sealed)).toEqual(expect.arrayContaining(['attesta.consent.captured.v1', 'attesta.consent.given.v1']));
      await stop();
    },
    2 * MINUTES,
  );

  it(
    'are checked against the log, and the log against what was seen of it',
    async () => {
      const good = await checks('late.state');
      expect(good.code).toBe(0);
      expect(Object.values(good.checks)).toEqual(Array(6).fill(expect.stringMatching(/^ok: /)));
      await onDatabases(async (server) => {
        const client = new pg.Client({ connectionString: server.adminUrl('attesta_consent') });
        await client.connect();
        await client.query(
          `update fact set body = jsonb_set(body, '{status}', '"given"') where kind = 'choice' and body->>'status' = 'withdrawn'`,
        );
        await client.end();
      });
      const altered = await checks('late.state');
      expect(altered.code).toBe(1);
      expect(altered.checks).toMatchObject({
        ledger: expect.stringMatching(/^ok/),
        consent: expect.stringMatching(/^problem: fact: not what the log says/),
      });
    },
    2 * MINUTES,
  );

  it(
    'are refused where the ledger is older than what was seen of it, and where it is older than they are',
    async () => {
      await onDatabases((server) => new Backups(server.adminUrl, 'early').restore(['ledger']));
      const rolledBack = await checks('late.state');
      expect(rolledBack.code).toBe(1);
      expect(rolledBack.checks).toMatchObject({ ledger: expect.stringMatching(/^problem: /), consent: expect.stringMatching(/^skipped/) });
      const behind = await checks('early.state');
      expect(behind.code).toBe(1);
      expect(behind.checks).toMatchObject({
        ledger: expect.stringMatching(/^ok/),
        retention: expect.stringMatching(/^problem: it has followed the log up to position \d+, and the log ends at \d+$/),
      });
    },
    2 * MINUTES,
  );

  async function start(): Promise<void> {
    system = await startStandalone({ home, port: 0, host: '127.0.0.1', origin: ORIGIN, policyFile: SHIPPED_POLICY });
  }

  async function stop(): Promise<void> {
    await system?.stop();
    system = undefined;
  }

  /** What the day has nothing of: a request that is under way, a hold, and a consent given and taken back over HTTP. */
  async function work(): Promise<void> {
    const client = new AttestaClient({ source: '//restored.example', transport: { publish: () => Promise.resolve([]) } });
    await ask(
      'publisher',
      '/v1/events',
      client.event(collected(GONE, { categories: ['preferences'], personal: { preferences: { note: 'theirs' } } })),
    );
    await ask('publisher', '/v1/consents', choice(GONE, 'given'));
    await settled();
    const identity = { evidence: { kind: 'passport' } };
    const { request: erasure } = await ask('dpo', '/v1/requests', { subject: GONE, right: 'erasure', channel: 'in-person', identity });
    await ask('dpo', `/v1/requests/${erasure}/accept`, {});
    await settled();
    await ask('publisher', '/v1/consent-state/acknowledgements', { consumer: 'mailer', changed: 0 });
    await ask('publisher', '/v1/consents', choice(ASKED, 'given'));
    await ask('publisher', '/v1/consents', choice(ASKED, 'withdrawn'));
    await ask('publisher', '/v1/consent-state/acknowledgements', { consumer: 'mailer', changed: 1_000_000 });
    await ask('dpo', '/v1/holds', { matter: 'case-7', reason: 'A claim is before the court.' });
    await ask('dpo', '/v1/notices', {
      ...{ version: NEXT_NOTICE, language: 'en', digest: createHash('sha256').update('spec').digest('hex') },
      ...{ effectiveAt: new Date().toISOString(), changes: 'A club of customers.' },
    });
    await ask('dpo', '/v1/breaches', {
      ...{ discoveredAt: new Date().toISOString(), nature: ['confidentiality'], categories: ['contact'], people: 1 },
      ...{ description: 'A list of addresses was sent to the wrong partner.', jurisdictions: ['th-pdpa'] },
    });
    await ask('dpo', '/v1/systems', {
      id: 'storefront',
      title: 'Storefront',
      source: '//storefront.m-med.example',
      categories: ['contact'],
      kinds: ['access', 'erasure'],
    });
    const { request } = await ask('dpo', '/v1/requests', { subject: ASKED, right: 'access', channel: 'in-person', identity });
    await ask('dpo', `/v1/requests/${request}/accept`, {});
    await ask('dpo', '/v1/requests', {
      subject: accountOf(PEOPLE[1]!),
      right: 'objection',
      purposes: ['marketing'],
      channel: 'in-person',
      identity,
    });
  }

  const choice = (subject: string, status: string) => ({
    subject,
    purposes: ['marketing'],
    channels: ['email'],
    status,
    method: 'preference-center',
    noticeVersion: '2022-08-10',
  });

  async function ask(role: 'publisher' | 'dpo', route: string, body: object): Promise<Record<string, string>> {
    const token = await system!.issuer.issueToken(role);
    const response = await fetch(`${system!.url}${route}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': route === '/v1/events' ? 'application/cloudevents+json' : 'application/json',
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? {} : ((await response.json()) as Record<string, string>);
  }

  /** Resolves when nothing follows any more from what was sealed: everybody has read all, and said what there was to say. */
  async function settled(): Promise<void> {
    const { ledger, audit, consent, requests, retention, notification } = system!;
    for (let last = -1; ;) {
      const size = await ledger.reader.size();
      if (size === last && (await isCarried())) return;
      last = size;
      await audit.caughtUp(size - 1);
      await audit.untoldSources.look();
      for (const service of [consent, requests, retention, notification]) {
        await service.feed.caughtUp(size - 1);
        await service.tick();
      }
      while (!(await isCarried())) await new Promise((wake) => setTimeout(wake, 20));
    }
  }

  /** Whether all that services said is in the ledger. */
  async function isCarried(): Promise<boolean> {
    for (const service of SERVICES) {
      const { rows } = await query<{ carried: boolean }>(
        `attesta_${service}`,
        `select h.size - 1 <= (select position from relay_cursor where relay = 'outbox //attesta/${service}') as carried from service_log_head h`,
      );
      if (rows[0]?.carried === false) return false;
    }
    return true;
  }

  /** Types of what our services said from a position on. Alerts wait for more of them to come: what the officer was not told of before is told after. */
  async function ownSince(position: number): Promise<string[]> {
    const { rows } = await query<{ type: string }>(
      'attesta_ledger',
      `select event->>'type' as type from entry, lateral (select convert_from(bytes, 'UTF8')::jsonb as event) e
        where position >= ${position} and event->>'source' like '//attesta/%'
          and event->'data'->>'template' is distinct from 'officer-alerts' order by position`,
    );
    return rows.map(({ type }) => type);
  }

  async function query<T extends pg.QueryResultRow>(database: string, text: string): Promise<pg.QueryResult<T>> {
    const client = new pg.Client({ connectionString: system!.adminUrl(database) });
    await client.connect();
    try {
      return await client.query<T>(text);
    } finally {
      await client.end();
    }
  }

  async function onDatabases(work: (server: EmbeddedServer) => Promise<void>): Promise<void> {
    const server = await startPostgres({ dataDir: home });
    try {
      await work(server);
    } finally {
      await server.stop();
    }
  }

  /** Tables that no digest tells anything of. */
  function emptyIn(digests: Record<string, unknown>): string[] {
    const nothing = createHash('sha256').digest('hex');
    return Object.entries(digests).flatMap(([service, tables]) =>
      Object.entries(tables as Record<string, string>).flatMap(([table, digest]) => (digest === nothing ? [`${service}.${table}`] : [])),
    );
  }

  /** As somebody outside remembers the log. */
  async function seeLog(file: string): Promise<void> {
    await settled();
    await attesta('log', 'verify', '--url', system!.url, '--home', home, '--role', 'auditor', '--state', file);
  }

  async function checks(state: string): Promise<{ code: number; checks: Record<string, string> }> {
    const { code, json } = await attempt(['backup-check', '--state', state]);
    const found = json.checks as { check: string; status: string; detail: string }[];
    return { code, checks: Object.fromEntries(found.map(({ check, status, detail }) => [check, `${status}: ${detail}`])) };
  }

  async function attesta(...args: string[]): Promise<Record<string, unknown>> {
    const { code, json, err } = await attempt(args);
    if (code !== 0) throw new Error(`attesta ${args.join(' ')} answered ${code}: ${JSON.stringify(json)} ${err}`);
    return json;
  }

  /** As a service far from any data directory is configured. */
  async function environmentOf(server: EmbeddedServer): Promise<Record<string, string>> {
    const passwords = JSON.parse(await fs.readFile(path.join(home, 'databases.json'), 'utf8')) as Record<string, string>;
    const urlOf = (database: string, user: string, password: string) => {
      const url = new URL(server.adminUrl(database));
      return Object.assign(url, { username: user, password }).href;
    };
    const keys = path.join(home, 'consent-keys-elsewhere');
    await fs.mkdir(keys, { recursive: true });
    await fs.copyFile(path.join(home, 'keys/consent-keyring.json'), path.join(keys, 'keyring.json'));
    const env: Record<string, string> = {
      LEDGER_DATABASE_URL: urlOf('attesta_ledger', 'attesta_ledger_service', passwords['ledger']!),
      LEDGER_URL: 'http://localhost:1',
      KAFKA_BROKERS: 'localhost:1',
      AUTH_CLIENT_ID: 'spec',
      AUTH_CLIENT_SECRET: 'spec',
      CONSENT_KEYS: keys,
      ATTESTA_PEPPER_FILE: path.join(home, 'keys/pepper'),
      ATTESTA_POLICY: SHIPPED_POLICY,
    };
    for (const service of SERVICES) {
      const name = `attesta_${service}`;
      env[`${service.toUpperCase()}_DATABASE_URL`] = urlOf(name, `${name}_service`, passwords[service]!);
      env[`${service.toUpperCase()}_MIGRATION_URL`] = urlOf(name, name, passwords[`${service}_owner`]!);
    }
    return env;
  }

  /** @param env without it, on the data directory */
  async function attempt(
    args: string[],
    env?: Record<string, string>,
  ): Promise<{ code: number; json: Record<string, unknown>; err: string }> {
    const written: Record<'out' | 'err', string> = { out: '', err: '' };
    const into = (name: 'out' | 'err') =>
      Object.assign(
        new Writable({
          write(chunk, _encoding, done) {
            written[name] += String(chunk);
            done();
          },
        }),
        { isTTY: false },
      );
    const code = await main([...args, ...(env || args.includes('--home') ? [] : ['--home', home]), '--json'], {
      stdin: Readable.from([]),
      stdout: into('out'),
      stderr: into('err'),
      env: env ?? {},
      cwd: home,
      now: () => new Date(),
    });
    return { code, json: (written.out === '' ? {} : JSON.parse(written.out)) as Record<string, unknown>, err: written.err };
  }
});
