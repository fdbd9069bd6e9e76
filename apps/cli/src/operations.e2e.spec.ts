import { answerJson, attesta, problemDocument, serveHttp, type Handler } from './cli-rig.js';

const parked = (position: number, poison: boolean) => ({
  position,
  partition: 0,
  key: 'k-1',
  poison,
  error: poison ? 'value too long' : null,
  attempts: 3,
  parkedAt: '2026-02-03T04:05:06.000Z',
  state: 'parked',
  reason: null,
});

describe('an operator', () => {
  let server: Awaited<ReturnType<typeof serveHttp>>;
  const asked: string[] = [];
  let routes: Record<string, (body: unknown) => unknown>;

  const handler: Handler = ({ method, path, headers, body }, response) => {
    const route = `${method} ${path}`;
    asked.push(route);
    if (headers.authorization !== 'Bearer op')
      return answerJson(
        response,
        403,
        problemDocument(403, 'This is not allowed for the caller', { fix: 'Use a token with the role operator.' }),
      );
    const answer = routes[route];
    if (!answer)
      return answerJson(
        response,
        404,
        problemDocument(404, 'There is nothing here', { detail: 'No event is set aside at this position.', fix: 'List them.' }),
      );
    return answerJson(response, 200, answer(body.length > 0 ? JSON.parse(body.toString()) : undefined));
  };
  beforeAll(async () => {
    server = await serveHttp(handler);
  });
  afterAll(() => server.close());
  beforeEach(() => {
    asked.length = 0;
    routes = {};
  });
  const run = (...args: string[]) => attesta([...args, '--url', server.url, '--token', 'op']);

  it('lists what is set aside, over all pages', async () => {
    routes = {
      'GET /ops/audit/dlq': () => ({ data: [parked(7, true)], next_cursor: '7', has_more: true }),
      'GET /ops/audit/dlq?cursor=7': () => ({ data: [parked(9, false)], next_cursor: null, has_more: false }),
    };
    const { code, out } = await run('dlq', 'list');
    expect(code).toBe(0);
    expect(out).toContain('2 events of 1 key');
    expect(out).toMatch(/position 7 .*value too long\n.*position 9 .*waits behind/);
    expect((await run('dlq', 'list', '--json')).json()).toHaveLength(2);
  });

  it('looks at one, replays a key, gives one up with a reason', async () => {
    const bodies: unknown[] = [];
    routes = {
      'GET /ops/audit/dlq/7': () => parked(7, true),
      'POST /ops/audit/dlq/replay': (body) => (bodies.push(body), { applied: 1, left: 1, error: 'value too long' }),
      'POST /ops/audit/dlq/7/discard': (body) => (bodies.push(body), { discarded: true }),
    };
    expect((await run('dlq', 'show', '7')).json()).toMatchObject({ position: 7 });
    expect(await run('dlq', 'replay', 'k-1')).toMatchObject({ code: 1, out: expect.stringContaining('1 event applied, 1 left') as string });
    expect((await run('dlq', 'discard', '7', '--reason', 'bad migration')).code).toBe(0);
    expect(bodies).toEqual([{ key: 'k-1' }, { reason: 'bad migration' }]);
  });

  it('gives nothing up without a reason', async () => {
    expect(await run('dlq', 'discard', '7')).toMatchObject({ code: 2, err: expect.stringContaining('--reason') as string });
    expect(asked).toEqual([]);
  });

  it.each([['-1'], ['7.5'], ['x'], ['1/../../rebuild']])('asks for no position %s', async (position) => {
    expect((await run('dlq', 'show', '--', position)).code).toBe(2);
    expect((await run('dlq', 'list', '--service', `${position}/../x`)).code).toBe(2);
    expect(asked).toEqual([]);
  });

  it('reads why the server refused', async () => {
    const missing = await run('dlq', 'show', '8');
    expect(missing).toMatchObject({
      code: 2,
      err: 'error: There is nothing here\n  No event is set aside at this position.\n  fix: List them.\n',
    });
    const denied = await attesta(['dlq', 'list', '--url', server.url, '--token', 'wrong', '--json']);
    expect(denied.code).toBe(2);
    expect(denied.json()).toMatchObject({ error: { problem: { status: 403 } } });
  });

  describe('rebuilding the registers', () => {
    const digests = { timeline: 'aa', collections: 'bb' };
    const filling = { state: 'filling', run: 'r-1', position: 17, target: 41, entriesPerSecond: 900, compared: null };
    const compared = { position: 41, present: digests, rebuilt: digests, differing: [] as object[] };
    const done = { ...filling, state: 'done', position: null, compared };
    const cc = { ...compared, rebuilt: { ...digests, collections: 'cc' }, differing: [{ register: 'collections', position: 7 }] };
    let answers: object[];
    beforeEach(() => {
      answers = [filling, filling, done];
      routes = {
        'POST /ops/audit/rebuild': () => filling,
        'GET /ops/audit/rebuild': () => answers.shift(),
      };
    });

    it('waits for the end and says that they came out the same', async () => {
      const { code, out } = await run('rebuild', 'audit');
      expect(code).toBe(0);
      expect(out).toContain('Rebuilt from 42 entries, 900 entries a second.\nEQUAL: 2 registers');
      expect(asked.filter((route) => route.startsWith('GET'))).toHaveLength(3);
    });

    it('names the registers that were not what the log says, and which of both answer now', async () => {
      answers = [{ ...done, state: 'differs', compared: cc }];
      const kept = await run('rebuild', 'audit');
      expect(kept.code).toBe(1);
      expect(kept.out).toContain('they still answer');
      expect(kept.out).toContain('collections, first at position 7: bb before, cc after');
      answers = [{ ...done, compared: cc }];
      const swapped = await run('rebuild', 'audit', '--swap', '--json');
      expect(swapped.code).toBe(1);
      expect(swapped.json()).toMatchObject({ equal: false, swapped: true, differing: ['collections'] });
    });

    it.each([
      ['that was given up', { ...filling, state: 'given-up' }],
      ['in the place of which another was begun', { ...done, run: 'r-2' }],
      ['of which nothing is known', { state: 'none' }],
    ])('claims nothing of one %s', async (_which, answer) => {
      answers = [answer];
      expect((await run('rebuild', 'audit')).code).toBe(2);
    });

    it('rebuilds nothing else', async () => {
      expect((await run('rebuild', 'ledger')).code).toBe(2);
      expect(asked).toEqual([]);
    });
  });

  it('never lets what a server says move the cursor', async () => {
    routes = { 'GET /ops/audit/dlq': () => ({ data: [{ ...parked(7, true), error: '\u001b[2J\u202eok\r\n' }] }) };
    // eslint-disable-next-line no-control-regex -- that is what must not be there
    expect((await run('dlq', 'list')).out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });
});
