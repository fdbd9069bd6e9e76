import { randomUUID } from 'node:crypto';
import { OpenDsrRig } from './opendsr-rig.js';

let rig: OpenDsrRig;
beforeAll(async () => {
  rig = await OpenDsrRig.start();
});
afterAll(() => rig.stop());
beforeEach(() => {
  rig.calls.splice(0);
  rig.answers.splice(0);
});

let n = 0;
/** Passes a request on. @returns its own id, and the controller's */
async function passOn(callbacks: string[], type = 'erasure') {
  const id = randomUUID();
  const answer = await rig.call('post', '/requests', 'partner', {
    subject_request_id: id,
    regulation: 'gdpr',
    subject_request_type: type,
    submitted_time: rig.base.time.toISOString(),
    subject_identities: [{ identity_type: 'email', identity_value: `p${++n}@example.com`, identity_format: 'raw' }],
    status_callback_urls: callbacks.map((at) => (at.startsWith('/') ? rig.callbackUrl(at) : at)),
  });
  expect(answer.status).toBe(201);
  return { id, request: await rig.requestOf(answer) };
}
const tick = async () => {
  await rig.base.carry();
  await rig.openDsr.callbacks.tick();
};
const later = async (ms: number) => {
  rig.base.time = new Date(rig.base.time.getTime() + ms);
  await tick();
};
const statuses = (at?: string) =>
  rig.calls
    .filter(({ url }) => at === undefined || url === at)
    .map(({ body }) => (JSON.parse(body) as { request_status: string }).request_status);
const officer = (request: string, command: string, body: object = {}) => rig.base.post('dpo', `/v1/requests/${request}/${command}`, body);

test('a controller is told of every change, signed, and of each once', async () => {
  const { id, request } = await passOn(['/a']);
  await tick();
  await tick();
  expect(statuses()).toEqual(['pending']);
  const [call] = rig.calls;
  expect(rig.isSigned(call!, call!.body)).toBe(true);
  expect(JSON.parse(call!.body)).toEqual({
    controller_id: 'partner',
    expected_completion_time: '2026-04-01T17:00:00Z',
    status_callback_url: rig.callbackUrl('/a'),
    subject_request_id: id,
    request_status: 'pending',
    api_version: '2.0',
    extensions: { 'privacy.example': { request, status: 'acknowledged' } },
  });
  // Fulfilled soon, for no system is connected: what lies in between is told all the same.
  await officer(request, 'accept');
  await tick();
  expect(statuses()).toEqual(['pending', 'in_progress', 'completed']);
  await later(86_400_000);
  expect(rig.calls).toHaveLength(3);
  await officer(request, 'reopen', { reason: 'The archive was forgotten.' });
  await tick();
  expect(statuses()).toEqual(['pending', 'in_progress', 'completed', 'pending']);
});

test('what was cancelled before anybody was told is told in order', async () => {
  const { id } = await passOn(['/b']);
  await rig.call('delete', `/requests/${id}`, 'partner');
  await tick();
  expect(statuses()).toEqual(['pending', 'cancelled']);
});

test('a completed access says where the copy is', async () => {
  const { id, request } = await passOn(['/c'], 'access');
  await officer(request, 'accept');
  await rig.base.requests.tick();
  await tick();
  expect(statuses()).toEqual(['pending', 'in_progress', 'completed']);
  expect(rig.calls.map(({ body }) => (JSON.parse(body) as { results_url?: string }).results_url)).toEqual([
    undefined,
    undefined,
    `https://privacy.example/opendsr/v2/requests/${id}/results`,
  ]);
});

test('a callback that fails is tried again, later each time, and holds up only itself', async () => {
  rig.answers.push(500);
  const { request } = await passOn(['/d']);
  await tick();
  const other = await passOn(['/e']);
  await officer(request, 'accept');
  await tick();
  // Neither the change that failed again too early, nor a later one before it.
  expect([statuses('/d'), statuses('/e')]).toEqual([['pending'], ['pending']]);
  rig.answers.push(307);
  await later(10_000);
  expect(statuses('/d')).toEqual(['pending', 'pending']);
  await later(59_999);
  expect(statuses('/d')).toHaveLength(2);
  await later(1);
  expect(statuses('/d')).toEqual(['pending', 'pending', 'pending', 'in_progress', 'completed']);
  expect(statuses('/e')).toEqual(['pending']);
  await rig.call('delete', `/requests/${other.id}`, 'partner');
  await tick();
  expect(statuses('/e')).toEqual(['pending', 'cancelled']);
});

test('each URL is told for itself, and a dead one is given up in the end', async () => {
  // Nothing listens on the port of TCP Mux.
  const { request } = await passOn(['/f', 'http://127.0.0.1:1/secret-token']);
  const errors = rig.base.errors.length;
  await tick();
  expect(statuses('/f')).toEqual(['pending']);
  const days = 86_400_000;
  for (let i = 0; i < 7; i++) await later(days);
  const row = async () =>
    (
      await rig.base.requests.pool.query('select told, failed, attempts, open from opendsr_callback where request = $1 and n = 1', [
        request,
      ])
    ).rows[0];
  expect(await row()).toMatchObject({ failed: 1, attempts: 0, open: true });
  await officer(request, 'withdraw');
  await tick();
  for (let i = 0; i < 7; i++) await later(days);
  expect(await row()).toMatchObject({ failed: 2, attempts: 0, open: false });
  expect(statuses('/f')).toEqual(['pending', 'cancelled']);
  const told = rig.base.errors.slice(errors).map(String);
  expect(told).toHaveLength(16);
  expect(told.join()).not.toContain('secret-token');
});

test('two processes at once tell it once', async () => {
  const { request } = await passOn(['/g']);
  await Promise.all([tick(), tick(), tick()]);
  expect(statuses('/g')).toEqual(['pending']);
  // One that died while it told is followed by another when its lease is over.
  await rig.base.requests.pool.query(
    `update opendsr_callback set told = 0, open = true, next_at = $2::timestamptz + interval '2 minutes' where request = $1`,
    [request, rig.base.time],
  );
  await later(119_999);
  expect(statuses('/g')).toEqual(['pending']);
  await later(1);
  expect(statuses('/g')).toEqual(['pending', 'pending']);
});

test('the URL is kept encrypted', async () => {
  const { request } = await passOn(['/token-42']);
  const { rows } = await rig.base.requests.pool.query<{ row: string }>('select c::text as row from opendsr_callback c where request = $1', [
    request,
  ]);
  expect(rows[0]?.row).toContain(request);
  expect(rows[0]?.row).not.toContain(Buffer.from('token-42').toString('hex'));
});
