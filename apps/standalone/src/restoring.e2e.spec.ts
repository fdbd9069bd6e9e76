import { AttestaClient } from '@attesta/sdk';
import { Backups } from './backups.js';
import { collected } from './clauses/drafts.js';
import { happened } from './clauses/retention-questions.js';
import { KilledSystem } from './killed-system-rig.js';

const DAY_MS = 86_400_000;
const reason = 'case 7';
const SERVICES = ['vault', 'audit', 'consent', 'requests', 'retention', 'notification'] as const;
const ALL = [...SERVICES, 'ledger'] as const;

/** Yesterday's backup of every database, one at a time and all at once: the erased stay erased, and the run says what it replayed. */
describe('a restored backup', () => {
  let system: KilledSystem;
  const positions: Record<'gone' | 'partly' | 'kept', number> = { gone: -1, partly: -1, kept: -1 };
  let gone: string;
  const client = new AttestaClient({ source: '//restored.example', transport: { publish: () => Promise.resolve([]) } });

  beforeAll(async () => {
    system = await KilledSystem.start();
    const [a, b, c] = await publish([
      client.event(about('account|gone', 'preferences')),
      client.event(about('account|partly', 'preferences')),
      client.event(about('account|kept', 'preferences')),
      client.event(about('account|partly', 'transaction')),
    ]);
    Object.assign(positions, { gone: a, partly: b, kept: c });
    // Refused, and kept as it came because it can be read: it names somebody who will be erased.
    await system.ask('publisher', 'POST', '/v1/events', {
      ...client.event(about('account|gone', 'preferences')),
      type: 'attesta.nothing.v1',
    });
    const { body } = await system.ask<{ subject: string }>('dpo', 'POST', '/v1/subjects/lookup', { subject: 'account|gone', reason });
    gone = body.subject;
    await system.ask('publisher', 'POST', '/v1/ages', { subject: 'account|gone', birthDate: '1990-01-01', method: 'document' });
    await system.eventually('the inventory', async () => ((await holdings(gone)).length > 0 ? true : undefined));
    await system.kill();
    await new Backups(await system.adminUrl(), 'yesterday').take(ALL);
    await system.up();
    await eraseThem();
    expect(await standing()).toEqual(ERASED);
  }, 240_000);
  afterAll(() => system.stop(), 60_000);

  const ERASED = { gone: 'destroyed', partly: 'destroyed', kept: 'open', lookup: 404, holdings: 0, requests: 0 };

  it('was there: nothing of it is erased in the copy', async () => {
    const { rows } = await system.database('backup_yesterday_vault', (db) =>
      db.query<{ n: number }>('select count(*)::int as n from data_key where subject = $1 and wrapped is not null', [gone]),
    );
    expect(rows[0]!.n).toBeGreaterThan(0);
  });

  it.each(SERVICES)(
    'of the %s database alone',
    async (database) => {
      await restore([database]);
      expect(await standing()).toEqual(ERASED);
      if (database === 'retention') return; // it holds nothing but the inventory, which the log brings up to date
      const said = await replayed();
      expect(said.map((one) => one.database)).toContain(database);
      expect(system.printed).toMatch(/erasures replayed.*"(?:people|count)":1\b/);
    },
    120_000,
  );

  it('of all databases but the log, at once', async () => {
    await restore(SERVICES);
    expect(await standing()).toEqual(ERASED);
  }, 120_000);

  it('of every database at once: the erasure journal alone remembers', async () => {
    await restore(ALL);
    expect(await standing()).toEqual(ERASED);
    const said = await replayed();
    expect(said).toContainEqual(expect.objectContaining({ database: 'vault' }));
    const { rows } = await system.database('attesta_ledger', (db) =>
      db.query<{ type: string }>(
        `select distinct event->>'type' as type from entry, lateral (select convert_from(bytes, 'UTF8')::jsonb as event) e
          where event->>'type' = 'attesta.key.destroyed.v1'`,
      ),
    );
    expect(rows).toHaveLength(1); // the log learnt of the destructions again
  }, 120_000);

  async function eraseThem(): Promise<void> {
    const { body: asked } = await system.ask<{ request: string }>('dpo', 'POST', '/v1/requests', {
      subject: 'account|gone',
      right: 'erasure',
      channel: 'in-person',
      identity: { evidence: { kind: 'passport' } },
    });
    await system.eventually('accepted', async () => {
      const { status } = await system.ask('dpo', 'POST', `/v1/requests/${asked.request}/accept`, {});
      return status === 200 || undefined;
    });
    await publish([
      client.event(happened('account|partly', { trigger: 'account-closed' }, new Date(Date.now() - 100 * DAY_MS).toISOString())),
    ]);
    for (const position of [positions.gone, positions.partly])
      await system.eventually('destroyed', async () => ((await statusAt(position)) === 'destroyed' ? true : undefined));
    await system.eventually('fulfilled', async () => {
      const { body } = await system.ask<{ status: string }>('auditor', 'GET', `/v1/requests/${asked.request}`);
      return body.status === 'fulfilled' || undefined;
    });
  }

  async function restore(databases: readonly string[]): Promise<void> {
    await system.kill();
    await new Backups(await system.adminUrl(), 'yesterday').restore(databases);
    await system.up();
  }

  /** What anybody can still learn, from the first moment that the system answers. */
  async function standing() {
    const [lookup, gone_, partly, kept] = await Promise.all([
      system.ask('auditor', 'POST', '/v1/subjects/lookup', { subject: 'account|gone', reason }),
      statusAt(positions.gone),
      statusAt(positions.partly),
      statusAt(positions.kept),
    ]);
    const secrets = await system.database('attesta_requests', (db) =>
      db.query<{ n: number }>('select count(*)::int as n from request where subject = $1 and box is not null', [gone]),
    );
    await system.eventually('the inventory', async () => ((await holdings(gone)).length === 0 ? true : undefined));
    return { gone: gone_, partly, kept, lookup: lookup.status, holdings: 0, requests: secrets.rows[0]!.n };
  }

  async function holdings(subject: string): Promise<unknown[]> {
    const { body } = await system.ask<{ data: unknown[] }>('auditor', 'GET', `/v1/subjects/${subject}/holdings?reason=case-7`);
    return body.data;
  }

  async function replayed(): Promise<{ database: string; people: number }[]> {
    const { rows } = await system.eventually('the replay sealed', async () => {
      const found = await system.database('attesta_ledger', (db) =>
        db.query<{ data: { database: string; people: number } }>(
          `select event->'data' as data from entry, lateral (select convert_from(bytes, 'UTF8')::jsonb as event) e
            where event->>'type' = 'attesta.erasures.replayed.v1' order by position`,
        ),
      );
      return found.rows.length > 0 ? found : undefined;
    });
    return rows.map(({ data }) => data);
  }

  async function statusAt(position: number): Promise<string> {
    const { body } = await system.ask<{ parts: { status: string }[] }>('dpo', 'POST', `/v1/entries/${position}/open`, { reason });
    return body.parts.map(({ status }) => status).join();
  }

  const about = (subject: string, category: string) =>
    collected(
      subject,
      {
        categories: [category],
        purposes: ['support-and-maintenance'],
        occasion: 'service-access',
        personal: { [category]: { note: 'theirs' } },
      },
      { time: new Date(Date.now() - 400 * DAY_MS).toISOString() },
    );

  async function publish(events: object[]): Promise<number[]> {
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    const { body } = await system.ask<{ receipts: { position: number }[] }>('publisher', 'POST', '/v1/events', events, headers);
    return body.receipts.map(({ position }) => position);
  }
});
