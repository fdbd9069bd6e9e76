import fs from 'node:fs';
import type { CloudEvent } from '@attesta/events';
import { answerJson, attesta, problemDocument, serveHttp, temporaryDirectory, type Handler } from './cli-rig.js';

const event = (i: number, more: Record<string, unknown> = {}) => ({
  specversion: '1.0',
  id: `e-${i}`,
  source: '//shop.example',
  type: 'attesta.use.recorded.v1',
  time: '2026-02-03T04:05:06Z',
  subject: `account|c-${i % 7}`,
  data: { categories: ['contact'], purposes: ['delivery'], basis: 'contract', operation: 'label' },
  ...more,
});
const lines = (events: unknown[]) => events.map((one) => JSON.stringify(one)).join('\n');
const noBasis = { field: '/data/basis', code: 'required', message: 'is missing', fix: 'Name the lawful basis.' };

describe('attesta publish', () => {
  const seen: CloudEvent[] = [];
  let server: Awaited<ReturnType<typeof serveHttp>>;
  let directory: ReturnType<typeof temporaryDirectory>;

  /** Seals each id once and rejects what has no basis. */
  const ledger: Handler = ({ headers, body }, response) => {
    if (headers.authorization !== 'Bearer a-token')
      return answerJson(
        response,
        401,
        problemDocument(401, 'The access token is not valid', { detail: 'It has expired.', fix: 'Get a new one.' }),
      );
    const batch = JSON.parse(body.toString()) as CloudEvent[];
    const receipts = batch.map((one) => {
      const { id, source } = one;
      if (!('basis' in one.data)) return { id, source, status: 'rejected', problems: [noBasis] };
      const known = seen.findIndex((other) => other.id === id);
      return known >= 0
        ? { id, source, status: 'duplicate', position: known }
        : { id, source, status: 'sealed', position: seen.push(one) - 1 };
    });
    answerJson(response, 200, { receipts });
  };

  beforeAll(async () => {
    server = await serveHttp(ledger);
  });
  afterAll(() => server.close());
  beforeEach(() => {
    seen.length = 0;
    server.handle(ledger);
    directory = temporaryDirectory();
  });
  afterEach(() => directory.remove());
  const publish = (input: string | undefined, ...args: string[]) =>
    attesta(['publish', '--url', server.url, '--token', 'a-token', ...args], {
      cwd: directory.path,
      ...(input !== undefined && { input }),
    });

  it('publishes what is piped in', async () => {
    const run = await publish(lines([event(1), event(2)]));
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(run.out).toBe('2 events: 2 sealed, 0 known already, 0 rejected\n');
  });

  it('publishes a big file, each person’s events in order, and again without sealing one twice', async () => {
    directory.file('big.jsonl', lines(Array.from({ length: 5_000 }, (_, i) => event(i))));
    expect((await publish(undefined, 'big.jsonl', '--json')).json()).toMatchObject({ read: 5000, sealed: 5000, rejected: 0 });
    for (let person = 0; person < 7; person++) {
      const numbers = seen.filter(({ subject }) => subject === `account|c-${person}`).map(({ id }) => Number(id.slice(2)));
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
    expect(await publish(undefined, 'big.jsonl')).toMatchObject({
      code: 0,
      out: '5,000 events: 0 sealed, 5,000 known already, 0 rejected\n',
    });
  });

  it('publishes one event and an array', async () => {
    expect((await publish(JSON.stringify(event(1), undefined, 2))).out).toContain('1 sealed');
    expect((await publish(JSON.stringify([event(2), event(3)], undefined, 2))).out).toContain('2 sealed');
  });

  it('tells the line, field and fix of what was rejected, by the ledger or before', async () => {
    const bad = event(2, { data: { categories: ['contact'] } });
    const run = await publish([lines([event(1), bad]), 'oops', JSON.stringify({ id: 'e-9' }), lines([event(3)])].join('\n'));
    expect(run.code).toBe(1);
    expect(run.out).toContain('5 events: 2 sealed, 0 known already, 3 rejected');
    expect(run.out).toContain('line 2, id e-2\n  /data/basis: is missing | fix: Name the lawful basis.');
    expect(run.out).toContain('line 3\n  the whole: is not valid JSON');
    expect(run.out).toMatch(/line 4, id e-9\n {2}\/specversion: /);
    expect(seen.map(({ id }) => id).toSorted()).toEqual(['e-1', 'e-3']);
  });

  it('prints one object for machines', async () => {
    const run = await publish(lines([event(1), event(2, { data: {} })]), '--json');
    expect(run.code).toBe(1);
    expect(run.json()).toEqual({
      read: 2,
      sealed: 1,
      accepted: 0,
      duplicate: 0,
      rejected: 1,
      rejections: [{ line: 2, id: 'e-2', source: '//shop.example', problems: [noBasis] }],
    });
  });

  it('sends the events of a batch one by one when the batch as a whole is refused', async () => {
    server.handle(({ body }, response) => {
      const value = JSON.parse(body.toString()) as CloudEvent | CloudEvent[];
      if (Array.isArray(value)) return answerJson(response, 413, problemDocument(413, 'Too large for this gateway'));
      if (value.id === 'e-2') return answerJson(response, 422, problemDocument(422, 'The event was rejected', { errors: [noBasis] }));
      seen.push(value);
      return answerJson(response, 201, { id: value.id, source: value.source, status: 'sealed', position: 0 });
    });
    const run = await publish(lines([event(1), event(2), event(3)]));
    expect(run.code).toBe(1);
    expect(run.out).toContain('2 sealed, 0 known already, 1 rejected');
  });

  it('shows a problem document as title, detail and fix, and no stack trace', async () => {
    const run = await publish(lines([event(1)]), '--token', 'another');
    expect(run.code).toBe(2);
    expect(run.err).toContain('error: The access token is not valid\n  It has expired.\n  fix: Get a new one.\n');
    expect(run.err).toContain('Publish the same input again');
    expect(run.err).not.toMatch(/\n\s+at /);
  });

  it.each([
    ['no such file', ['gone.jsonl'], 'cannot be read (ENOENT)'],
    ['a directory', ['.'], 'is a directory'],
    ['an address that is none', ['--url', 'nonsense'], 'not an http or https address'],
    ['an unknown option', ['--nonsense'], 'unknown option'],
  ])('is told %s', async (_what, args, message) => {
    const run = await publish('', ...args);
    expect(run.code).toBe(2);
    expect(run.err).toContain(message);
  });

  it('says so when there is nothing to publish, or no token', async () => {
    expect(await publish('')).toMatchObject({ code: 2, err: expect.stringContaining('holds no events') as string });
    const run = await attesta(['publish', '--url', server.url], { input: lines([event(1)]), cwd: directory.path });
    expect(run).toMatchObject({ code: 2, err: expect.stringContaining('no access token') as string });
  });

  it('takes its token from the environment', async () => {
    const run = await attesta(['publish', '--url', server.url], {
      input: lines([event(1)]),
      cwd: directory.path,
      env: { ATTESTA_TOKEN: 'a-token' },
    });
    expect(run.code).toBe(0);
  });

  it('does not send a token of the local system to another host unasked', async () => {
    fs.mkdirSync(directory.file('.attesta/oidc'), { recursive: true });
    directory.file('.attesta/oidc/issuer.json', '{}');
    const run = await attesta(['publish', '--url', 'https://ledger.example'], { input: lines([event(1)]), cwd: directory.path });
    expect(run.err).toContain('no access token');
  });
});
