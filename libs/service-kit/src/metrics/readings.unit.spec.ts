import { counter, LABELS, observe, serveMetrics, type MetricsServer, type Reading } from './index.js';

describe('what is read when somebody scrapes', () => {
  let server: MetricsServer;
  const ends: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    server = await serveMetrics({ port: 0, host: '127.0.0.1' });
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
    await server.stop();
  });

  const scrape = async (path = '/metrics', init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init);
    return { status: response.status, lines: (await response.text()).split('\n').filter((line) => !line.startsWith('#')) };
  };
  const watch = (read: () => Promise<readonly Reading[]>, options: { freshMs?: number; patienceMs?: number } = {}, component = 'rig') =>
    ends.push(observe({ component, read, ...options }));

  it('is what it is by then', async () => {
    let value = 1;
    watch(() => Promise.resolve([{ gauge: 'attesta_log_entries', value: value++ }]), { freshMs: 0 });
    expect((await scrape()).lines).toContain('attesta_log_entries{component="rig"} 1');
    expect((await scrape()).lines).toContain('attesta_log_entries{component="rig"} 2');
  });

  it('is not read again for whoever asks too often, nor while it is being read', async () => {
    let reads = 0;
    let answer = (_: readonly Reading[]) => {};
    const read = () => new Promise<readonly Reading[]>((resolve) => (reads++, (answer = resolve)));
    watch(read, { freshMs: 60_000, patienceMs: 60_000 });
    const both = [scrape(), scrape()];
    while (reads === 0) await new Promise(setImmediate);
    answer([{ gauge: 'attesta_log_entries', value: 7 }]);
    for (const { lines } of await Promise.all(both)) expect(lines).toContain('attesta_log_entries{component="rig"} 7');
    expect((await scrape()).lines).toContain('attesta_log_entries{component="rig"} 7');
    expect(reads).toBe(1);
  });

  it('is missing where it fails, and does not stay what it was; others are there', async () => {
    let away = false;
    const gauge = 'attesta_log_entries';
    watch(() => (away ? Promise.reject(new Error('away')) : Promise.resolve([{ gauge, value: 5 }])), { freshMs: 0 });
    watch(() => Promise.resolve([{ gauge, value: 9 }]), {}, 'other');
    expect((await scrape()).lines).toContain('attesta_readings_failed_total{component="rig"} 0');
    away = true;
    const { lines } = await scrape();
    expect(lines.filter((line) => line.startsWith(gauge))).toEqual(['attesta_log_entries{component="other"} 9']);
    expect((await scrape()).lines).toContain('attesta_readings_failed_total{component="rig"} 2');
    away = false;
    expect((await scrape()).lines).toContain('attesta_log_entries{component="rig"} 5');
  });

  it('is not waited for longer than a scrape lasts', async () => {
    let answer = (_: readonly Reading[]) => {};
    watch(() => new Promise((resolve) => (answer = resolve)), { patienceMs: 10 });
    expect((await scrape()).lines.join('\n')).not.toContain('attesta_log_entries');
    answer([]);
    expect((await scrape()).lines.join('\n')).toContain('attesta_readings_failed_total{component="rig"} 1');
  });

  it('ends with its component', async () => {
    watch(() => Promise.resolve([{ gauge: 'attesta_log_entries', value: 5 }]));
    await ends.pop()!();
    expect((await scrape()).lines.join('\n')).not.toContain('attesta_log_entries');
  });

  it('has no label but those that are known, whatever is measured with', async () => {
    counter('attesta_intake_events_total').add(1, { status: 'sealed', subject: 'somchai@example.com' } as Record<string, string>);
    expect(LABELS).not.toContain('subject');
    expect((await scrape()).lines).toContain('attesta_intake_events_total{status="sealed"} 1');
  });

  it('answers GET /metrics and nothing else', async () => {
    expect((await scrape('/')).status).toBe(404);
    expect((await scrape('/metrics', { method: 'POST' })).status).toBe(405);
  });
});
