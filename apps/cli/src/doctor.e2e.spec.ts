import fs from 'node:fs';
import { cosign, splitNote } from '@attesta/proof';
import { signEd25519 } from '@attesta/proof/node';
import { checkClock } from './doctor-server.js';
import { checkNode, checkSecrets } from './doctor-machine.js';
import { answerJson, attesta, problemDocument, serveHttp, temporaryDirectory, type Handler } from './cli-rig.js';
import { filesOf, logHandler, newKey, sampleEntries } from './served-log-rig.js';

const key = newKey();
const files = filesOf(sampleEntries(300), key);

interface Check {
  check: string;
  status: string;
  detail: string;
  fix?: string;
}

const FED = ['audit', 'consent', 'requests', 'retention', 'notification'];

describe('attesta doctor', () => {
  let server: Awaited<ReturnType<typeof serveHttp>>;
  let directory: ReturnType<typeof temporaryDirectory>;
  let answers: Record<string, [number, unknown]>;
  const log = logHandler(() => files);
  const handler: Handler = (request, response) => {
    if (request.path.startsWith('/log/')) return log(request, response);
    const [status, body] = answers[request.path] ?? [404, problemDocument(404, 'There is nothing here')];
    return answerJson(response, status, body);
  };
  beforeAll(async () => {
    server = await serveHttp(handler);
  });
  afterAll(() => server.close());
  beforeEach(() => {
    directory = temporaryDirectory();
    answers = {
      '/health/live': [200, { status: 'ok' }],
      '/health/ready': [200, { status: 'ok' }],
      '/v1/rejections?limit=1': [200, { data: [] }],
      ...Object.fromEntries(FED.map((service) => [`/ops/${service}/dlq`, [200, { data: [], has_more: false }]])),
      '/v1/rejections?limit=100': [200, { data: [] }],
      '/ops/audit/progress': [200, { position: 299, partitions: [{ partition: 0, position: 299, lag: 0 }] }],
    };
  });
  afterEach(() => directory.remove());

  const doctor = async (more: string[] = [], env: Record<string, string> = {}) => {
    const args = ['doctor', '--url', server.url, '--token', 't', '--home', directory.path, '--json', ...more];
    const run = await attesta(args, { env: { PATH: process.env['PATH'] ?? '', ...env } });
    const checks = run.json()['checks'] as Check[];
    return { code: run.code, of: (name: string) => checks.find(({ check }) => check === name) };
  };

  it('finds nothing wrong with a healthy system', async () => {
    const { code, of } = await doctor(['--key', key.verifierKey]);
    expect(code).toBe(0);
    for (const name of [
      'Node.js',
      'environment',
      'free disk',
      'HTTP',
      'clock',
      'ready',
      'token',
      'checkpoint age',
      'registers',
      'rejections',
    ]) {
      expect(of(name)).toMatchObject({ status: 'ok' });
    }
    expect(of('checkpoint')).toMatchObject({ status: 'ok', detail: '300 entries, signed by the key you gave' });
    for (const service of FED) expect(of(`parked: ${service}`)).toMatchObject({ status: 'ok' });
    expect(of('witnesses')).toMatchObject({ status: 'skipped' });
  });

  it('prints a table with a fix for each problem', async () => {
    answers['/health/ready'] = [503, { status: 'error', error: { 'ledger.database': { status: 'down', message: 'ECONNREFUSED' } } }];
    const run = await attesta(['doctor', '--url', server.url, '--token', 't', '--home', directory.path], {
      env: { PATH: process.env['PATH'] ?? '' },
    });
    expect(run.code).toBe(1);
    expect(run.out).toMatch(/PROBLEM +ready +not ready: ledger\.database \(ECONNREFUSED\)\n +fix: /);
    expect(run.out).toContain('1 problem.');
  });

  it('says so when nobody answers, and stops asking', async () => {
    const gone = await serveHttp(handler);
    await gone.close();
    const { code, of } = await doctor(['--url', gone.url]);
    expect(code).toBe(1);
    expect(of('HTTP')).toMatchObject({ status: 'problem', detail: expect.stringContaining('ECONNREFUSED') as string });
    expect(of('checkpoint')).toBeUndefined();
  });

  it.each([
    [
      'token',
      '/v1/rejections?limit=1',
      401,
      problemDocument(401, 'Not valid', { detail: 'The token has expired.', fix: 'Get a new one.' }),
      'expired',
    ],
    ['registers', '/ops/audit/progress', 200, { position: 10, partitions: [{ lag: 20_000 }] }, '20000 entries behind'],
    ['checkpoint age', '/v1/events/300', 200, { entry: { recordedAt: '2026-01-01T00:00:00Z' } }, 'under no checkpoint'],
  ] as const)('notices the %s', async (check, path, status, body, detail) => {
    answers[path] = [status, body];
    expect((await doctor()).of(check)).toMatchObject({
      status: 'problem',
      detail: expect.stringContaining(detail) as string,
      fix: expect.any(String) as string,
    });
  });

  it('notices events that are set aside, and tells of what was refused lately', async () => {
    answers['/ops/consent/dlq'] = [200, { data: [{ position: 7 }], has_more: true }];
    const at = new Date().toISOString();
    answers['/v1/rejections?limit=100'] = [200, { data: [{ at, problems: [{ code: 'mac-wrong' }] }, { at: '2020-01-01T00:00:00Z' }] }];
    const { code, of } = await doctor();
    expect(code).toBe(1);
    expect(of('parked: consent')).toMatchObject({ status: 'problem', detail: expect.stringMatching(/^1 or more events/) as string });
    expect(of('rejections')).toMatchObject({ status: 'note', detail: '1 events refused within a day (mac-wrong)' });
  });

  it('notices witnesses that have stopped to sign', async () => {
    const witness = newKey();
    const signedAt = (time: number) => {
      const checkpoint = Buffer.from(files.get('checkpoint')!).toString('utf8');
      const by = { name: 'witness.example/w', publicKey: witness.publicKey, time };
      const line = cosign(splitNote(checkpoint).text, by, (message) => signEd25519(witness.privateKeyPem, message));
      files.set('checkpoint/witnessed', Buffer.from(checkpoint + line));
    };
    signedAt(Math.floor(Date.now() / 1_000));
    expect((await doctor()).of('witnesses')).toMatchObject({ status: 'ok' });
    signedAt(Math.floor(Date.now() / 1_000) - 3_600);
    expect((await doctor()).of('witnesses')).toMatchObject({
      status: 'problem',
      detail: expect.stringContaining('60 minutes ago') as string,
    });
    files.delete('checkpoint/witnessed');
  });

  it('notices a checkpoint that the trusted key did not sign', async () => {
    expect((await doctor(['--key', newKey().verifierKey])).of('checkpoint')).toMatchObject({ status: 'problem' });
  });

  it('names all bad variables and unreachable brokers', async () => {
    const { of } = await doctor([], { PORT: 'x', LEDGER_DATABASE_URL: 'mysql://secret@x', KAFKA_BROKERS: '127.0.0.1:1, nonsense' });
    const environment = of('environment');
    expect(environment).toMatchObject({ status: 'problem' });
    expect(environment?.detail).toMatch(/PORT .*LEDGER_DATABASE_URL/);
    expect(environment?.detail).not.toContain('secret');
    expect(of('Kafka 127.0.0.1:1')).toMatchObject({ status: 'problem', detail: 'cannot be reached (ECONNREFUSED)' });
    expect(of('Kafka nonsense')).toMatchObject({ status: 'problem' });
  });

  it('judges every variable by the rules of the processes that read it', async () => {
    const wrong = {
      AUTH_ISSUER: 'ftp://issuer',
      VAULT_DATABASE_URL_FILE: '/nowhere/at/all',
      ATTESTA_ORIGIN: 'two words',
      ATTESTA_LOG_ENTRIES: 'nobody',
      KAFKA_SASL_MECHANISM: 'plain',
      LEDGER_URL: 'ledger',
    };
    const detail = (await doctor([], wrong)).of('environment')?.detail;
    for (const name of Object.keys(wrong)) expect(detail).toContain(name.replace('_FILE', ''));
    expect(detail).not.toMatch(/LEDGER_DATABASE_URL|nobody|two words/);
  });

  it('reaches a broker that listens', async () => {
    const { host } = new URL(server.url);
    expect((await doctor([], { KAFKA_BROKERS: host })).of(`Kafka ${host}`)).toMatchObject({ status: 'ok' });
  });

  it('notices keys that others may read', () => {
    const file = directory.file('keys/log-key.pem', 'secret');
    fs.chmodSync(file, 0o600);
    expect(checkSecrets(directory.path)).toMatchObject({ status: 'ok' });
    fs.chmodSync(file, 0o644);
    expect(checkSecrets(directory.path)).toMatchObject({ status: 'problem', detail: 'others may read keys/log-key.pem' });
  });

  it.each([
    ['20.19.0', 'ok'],
    ['22.12.1', 'ok'],
    ['24.1.0', 'ok'],
    ['20.18.3', 'problem'],
    ['21.7.0', 'problem'],
    ['18.20.0', 'problem'],
  ])('takes Node.js %s for %s', (version, status) => expect(checkNode(version)).toMatchObject({ status }));

  it.each([
    ['Sun, 01 Feb 2026 00:00:00 GMT', 'ok'],
    ['Sun, 01 Feb 2026 00:00:09 GMT', 'ok'],
    ['Sun, 01 Feb 2026 00:01:00 GMT', 'problem'],
    ['Sat, 31 Jan 2026 23:59:00 GMT', 'problem'],
    [null, 'skipped'],
  ])('compares a clock that says %s: %s', (date, status) => {
    const now = Date.parse('2026-02-01T00:00:00.500Z');
    expect(checkClock(date, now, now + 20)).toMatchObject({ status });
  });
});
