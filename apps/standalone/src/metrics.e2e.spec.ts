import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { COUNTERS, GAUGES, HISTOGRAMS, LABELS, serveMetrics, type MetricsServer, type Role } from '@attesta/service-kit';
import pg from 'pg';
import { scrape, valueOf, type Sample } from './metrics-rig.js';
import { SHIPPED_POLICY } from './shipped-files.js';
import { startStandalone, type Standalone } from './standalone.js';

const COMPONENTS = ['ledger', 'audit', 'consent', 'requests', 'retention', 'notification'];
const PERSON = 'account|metrics-somchai';
const NOBODY = '5f0c2d1e-7a33-4c7b-9d2f-0b5e8f6a1c44';

describe('a scrape of the running system', () => {
  let home: string;
  let metrics: MetricsServer;
  let system: Standalone;
  beforeAll(async () => {
    home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-metrics-'));
    await fs.chmod(home, 0o755); // PostgreSQL runs as another user when we are root
    metrics = await serveMetrics({ port: 0, host: '127.0.0.1' });
    const options = { home, port: 0, host: '127.0.0.1', origin: 'metrics.localhost/log', policyFile: SHIPPED_POLICY };
    system = await startStandalone({ ...options, logLevel: 'off' });
  }, 120_000);
  afterAll(async () => {
    await system?.stop();
    await metrics?.stop();
    await fs.rm(home, { recursive: true, force: true });
  });

  const look = () => scrape(metrics.port);
  const seen = async (name: string, labels?: Record<string, string>) => valueOf(await look(), name, labels);

  /** The first scrape that is as wanted. */
  async function eventually(what: string, wanted: (samples: Sample[]) => boolean): Promise<Sample[]> {
    for (const end = Date.now() + 60_000; ; await new Promise((wake) => setTimeout(wake, 50))) {
      const samples = await look();
      if (wanted(samples)) return samples;
      if (Date.now() > end) throw new Error(`not within a minute: ${what}`);
    }
  }

  async function ask(role: Role | undefined, method: string, route: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const response = await fetch(system.url + route, {
      method,
      headers: {
        ...(role && { authorization: `Bearer ${await system.issuer.issueToken(role)}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text };
  }

  async function publish(id: string, basis = 'contract'): Promise<void> {
    const response = await fetch(`${system.url}/v1/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await system.issuer.issueToken('publisher')}`,
        'content-type': 'application/cloudevents+json',
      },
      body: JSON.stringify({
        specversion: '1.0',
        id,
        source: '//metrics.example/registration',
        type: 'attesta.collection.recorded.v1',
        time: new Date().toISOString(),
        subject: PERSON,
        data: {
          categories: ['contact'],
          purposes: ['service-fulfilment'],
          basis,
          occasion: 'registration',
          method: 'online-form',
          channel: 'web',
          origin: 'subject',
          noticeVersion: '2022-08-10',
        },
      }),
    });
    expect(response.status).toBeLessThan(500);
    await response.text();
  }

  async function asSuperuser(database: string, statement: string, values: unknown[] = []): Promise<void> {
    const client = new pg.Client({ connectionString: system.adminUrl(database) });
    await client.connect();
    await client.query(statement, values).finally(() => client.end());
  }

  it('has the gauges of every service, and no component failed to be read', async () => {
    const samples = await eventually('everything is known', (found) => valueOf(found, 'attesta_feed_applied_entries') !== undefined);
    expect(new Set(samples.flatMap(({ labels }) => labels['component'] ?? []))).toEqual(new Set(COMPONENTS));
    const failures = COMPONENTS.map((component) => [component, valueOf(samples, 'attesta_readings_failed_total', { component })]);
    expect(failures).toEqual(COMPONENTS.map((component) => [component, 0]));
    for (const component of COMPONENTS.slice(1)) {
      expect(valueOf(samples, 'attesta_feed_parked_events', { component })).toBe(0);
      expect(valueOf(samples, 'attesta_outbox_refused_events', { component })).toBe(0);
    }
  });

  it('moves when an event is sealed, and when one is refused', async () => {
    const before = await look();
    await publish('m-1');
    await publish('m-2', 'because-we-like-to');
    const after = await eventually(
      'one sealed, one refused',
      (found) =>
        valueOf(found, 'attesta_rejections') === 1 &&
        (valueOf(found, 'attesta_log_entries') ?? 0) > valueOf(before, 'attesta_log_entries')!,
    );
    const grown = (name: string, labels?: Record<string, string>) =>
      (valueOf(after, name, labels) ?? 0) - (valueOf(before, name, labels) ?? 0);
    expect(grown('attesta_intake_events_total', { transport: 'http', status: 'sealed' })).toBe(1);
    expect(grown('attesta_intake_events_total', { transport: 'http', status: 'rejected' })).toBe(1);
    expect(grown('attesta_log_seal_duration_seconds_count', { transport: 'http' })).toBe(2);
    expect(grown('attesta_log_append_duration_seconds_count')).toBeGreaterThanOrEqual(1);
    expect(grown('attesta_http_request_duration_seconds_count', { route: '/v1/events', method: 'POST' })).toBe(2);
    await eventually('a checkpoint covers all', (found) => valueOf(found, 'attesta_log_unsigned_entries') === 0);
    expect(await seen('attesta_checkpoint_age_seconds')).toBeLessThan(60);
    expect(await seen('attesta_log_checkpoint_duration_seconds_count')).toBeGreaterThanOrEqual(1);
  });

  it('tells how far the registers lag while they are held, and that they caught up', async () => {
    const caughtUp = (found: Sample[]) =>
      valueOf(found, 'attesta_register_lag_entries') === 0 && valueOf(found, 'attesta_feed_lag_entries', { component: 'audit' }) === 0;
    await eventually('the registers have all', caughtUp);
    const tx = await system.audit.pool.connect();
    await tx.query('begin');
    await system.audit.feed.hold(tx);
    await publish('m-3');
    const behind = await eventually('the registers are behind', (found) => (valueOf(found, 'attesta_register_lag_entries') ?? 0) >= 1);
    expect(valueOf(behind, 'attesta_feed_lag_entries', { component: 'audit' })).toBeGreaterThanOrEqual(1);
    expect(valueOf(behind, 'attesta_register_lag_seconds')).toBeGreaterThan(0);
    await tx.query('rollback');
    tx.release();
    const samples = await eventually('the registers have all again', caughtUp);
    expect(valueOf(samples, 'attesta_feed_applied_entries', { component: 'audit' })).toBe(valueOf(samples, 'attesta_log_entries'));
  });

  it('counts requests that are open, and those whose deadline passed', async () => {
    const right = { right: 'access', email: 'metrics-somchai@example.com', language: 'en' };
    expect((await ask(undefined, 'POST', '/v1/requests', right)).status).toBeLessThan(300);
    await eventually(
      'one is open',
      (found) => valueOf(found, 'attesta_requests_open') === 1 && valueOf(found, 'attesta_requests_overdue') === 0,
    );
    expect(await seen('attesta_requests_due_in_seconds')).toBeGreaterThan(86_400);
    await asSuperuser('attesta_requests', "update request set due = now() - interval '2 days'");
    const late = await eventually('it is overdue', (found) => valueOf(found, 'attesta_requests_overdue') === 1);
    expect(valueOf(late, 'attesta_requests_due_in_seconds')).toBeLessThan(-86_400);
  });

  it('shows what an outbox holds back', async () => {
    await eventually('all is carried', (found) => valueOf(found, 'attesta_outbox_waiting_events', { component: 'consent' }) === 0);
    await asSuperuser(
      'attesta_consent',
      `with head as (update service_log_head set size = size + 1 returning size - 1 as at)
       insert into service_event (position, stream, version, id, type, time, data)
       select at, 'metrics', 1, gen_random_uuid(), 'attesta.none.v1', now() - interval '1 hour', '{}' from head`,
    );
    const samples = await eventually(
      'it is refused',
      (found) => valueOf(found, 'attesta_outbox_refused_events', { component: 'consent' }) === 1,
    );
    expect(valueOf(samples, 'attesta_outbox_age_seconds', { component: 'consent' })).toBe(0);
  });

  it('counts problems of the log, and the finding that was raised of them', async () => {
    expect(await seen('attesta_integrity_problems', { part: 'log' })).toBe(0);
    await asSuperuser(
      'attesta_ledger',
      `alter table entry disable trigger all;
       update entry set bytes = set_byte(bytes, 40, get_byte(bytes, 40) # 1) where position = 0;
       alter table entry enable trigger all`,
    );
    await eventually('the edit is found', (found) => (valueOf(found, 'attesta_integrity_problems', { part: 'log' }) ?? 0) > 0);
    const finding = { component: 'audit', rule: 'log-tampered', severity: 'violation' };
    await eventually('the finding is counted', (found) => (valueOf(found, 'attesta_findings_open', finding) ?? 0) > 0);
  });

  it('has no label but the known ones, and none that tells of anybody', async () => {
    await ask('dpo', 'GET', `/v1/subjects/${NOBODY}/timeline?reason=metrics`);
    await ask('dpo', 'GET', `/v1/requests/${NOBODY}`);
    await ask(undefined, 'GET', `/v1/metrics-somchai@example.com/${NOBODY}`);
    await ask('dpo', 'DELETE', '/v1/events');
    const samples = await eventually(
      'the requests were measured',
      (found) =>
        valueOf(found, 'attesta_http_request_duration_seconds_count', { route: '/v1/requests/:id' }) !== undefined &&
        valueOf(found, 'attesta_http_request_duration_seconds_count', { route: 'unmatched', status: '404' }) !== undefined,
    );
    const known = new Set([
      ...Object.keys(GAUGES),
      ...Object.keys(COUNTERS),
      ...Object.keys(HISTOGRAMS).flatMap((name) => ['_bucket', '_sum', '_count'].map((end) => name + end)),
    ]);
    expect([...new Set(samples.map(({ name }) => name))].filter((name) => !known.has(name))).toEqual([]);
    const names = new Set(samples.flatMap(({ labels }) => Object.keys(labels)));
    expect([...names].sort()).toEqual([...LABELS, 'le'].sort());
    const values = new Set(
      samples.flatMap(({ labels }) => Object.entries(labels).flatMap(([name, value]) => (name === 'le' ? [] : value))),
    );
    for (const value of values) {
      expect(value).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}|@|%|\?|\||somchai|\d{4,}|[A-Za-z0-9+_]{24,}/);
      expect(value.length).toBeLessThan(100);
    }
  });
});
