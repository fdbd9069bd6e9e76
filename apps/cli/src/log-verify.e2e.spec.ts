import fs from 'node:fs';
import { leafHash, TileTree } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { attesta, answerJson, problemDocument, serveHttp, temporaryDirectory, type Run } from './cli-rig.js';
import { filesOf, logHandler, newKey, ORIGIN, putEntries, sampleEntries, signedCheckpoint, type Files } from './served-log-rig.js';

const key = newKey();
const entries = sampleEntries(600);

interface Problem {
  kind: string;
  position?: number;
  positions?: number[];
}
const problemsOf = (run: Run) => run.json()['problems'] as Problem[];

describe('attesta log verify', () => {
  let files: Files;
  let server: Awaited<ReturnType<typeof serveHttp>>;
  let directory: ReturnType<typeof temporaryDirectory>;
  let state: string;

  beforeAll(async () => {
    server = await serveHttp(logHandler(() => files));
  });
  afterAll(() => server.close());
  beforeEach(() => {
    files = filesOf(entries, key);
    directory = temporaryDirectory();
    state = directory.file('log.state');
    server.handle(logHandler(() => files));
  });
  afterEach(() => directory.remove());

  const verify = (...more: string[]) => attesta(['log', 'verify', '--url', server.url, ...more], { cwd: directory.path });
  const asJson = (...more: string[]) => verify('--key', key.verifierKey, '--json', ...more);
  const seenBefore = async (then: readonly Uint8Array[] = entries) => {
    const now = files;
    files = filesOf(then, key);
    expect((await asJson('--state', state)).code).toBe(0);
    files = now;
  };
  const rootOf = (of: readonly Uint8Array[]) => {
    const tree = new TileTree(nodePrimitives.sha256);
    of.forEach((entry) => tree.append(leafHash(nodePrimitives.sha256, entry)));
    return tree.root();
  };

  it('finds an honest log intact, says whose key it trusted, and remembers what it saw', async () => {
    const run = await verify('--state', state);
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(run.out).toContain('INTACT');
    expect(run.out).toContain(`Log ${ORIGIN}`);
    expect(run.out).toContain(`taken on trust from ${server.url}/log/key`);
    expect(run.out).toContain('First visit');
    expect(JSON.parse(fs.readFileSync(state, 'utf8'))).toMatchObject({ origin: ORIGIN, size: 600, key: key.verifierKey });
    expect(fs.readdirSync(directory.path)).toEqual(['log.state']);
  });

  it('says that the key was given, or is the one of the last visit', async () => {
    expect((await verify('--key-file', directory.file('log.key', `${key.verifierKey}\n`), '--state', state)).out).toContain(
      'the one you gave',
    );
    expect((await verify('--state', state)).out).toContain('the one of the last visit');
  });

  it('accepts that the log has grown, and remembers that', async () => {
    await seenBefore(entries.slice(0, 300));
    const run = await verify('--state', state);
    expect(run.code).toBe(0);
    expect(run.out).toContain('continues the 300 entries of the last visit');
    expect(JSON.parse(fs.readFileSync(state, 'utf8'))).toMatchObject({ size: 600 });
  });

  it('reads entries that are open to auditors alone, with a token', async () => {
    server.handle(logHandler(() => files, 'a-token'));
    expect((await asJson('--token', 'a-token')).code).toBe(0);
  });

  it('shows a bar on a terminal only', async () => {
    const run = await attesta(['log', 'verify', '--url', server.url], { tty: true });
    expect(run.err).toContain('verifying');
    expect(run.out).toContain('\u001b[32mINTACT');
    expect((await attesta(['log', 'verify', '--url', server.url], { tty: true, env: { NO_COLOR: '1' } })).out).not.toContain('\u001b');
  });

  describe('names what somebody did to it', () => {
    it.each([0, 17, 255, 256, 599])('one byte of entry %i changed', async (position) => {
      await seenBefore();
      const remembered = fs.readFileSync(state, 'utf8');
      const changed = [...entries];
      const bytes = Buffer.from(entries[position]!);
      const at = bytes.indexOf('label');
      bytes[at] = bytes[at]! ^ 1;
      changed[position] = bytes;
      putEntries(files, changed);
      const run = await asJson('--state', state);
      expect(run.code).toBe(1);
      expect(problemsOf(run)).toContainEqual(expect.objectContaining({ kind: 'edit', position }));
      expect(fs.readFileSync(state, 'utf8')).toBe(remembered);
    });

    it('an edit, to a person', async () => {
      const changed = [...entries];
      changed[42] = Buffer.from(Buffer.from(entries[42]!).toString().replace('label', 'lapel'));
      putEntries(files, changed);
      const run = await verify();
      expect(run.code).toBe(1);
      expect(run.out).toMatch(/NOT INTACT: 1 problem\n {2}edit +position 42 /);
      expect(run.out).not.toContain('lapel');
    });

    it('two entries swapped', async () => {
      const swapped = [...entries];
      [swapped[3], swapped[300]] = [entries[300]!, entries[3]!];
      putEntries(files, swapped);
      const run = await asJson();
      expect(run.code).toBe(1);
      expect(problemsOf(run)).toContainEqual(expect.objectContaining({ kind: 'reorder', positions: [3, 300] }));
    });

    it('the tail deleted', async () => {
      putEntries(files, entries.slice(0, 512));
      const run = await asJson();
      expect(run.code).toBe(1);
      expect(problemsOf(run)).toContainEqual(expect.objectContaining({ kind: 'truncation', position: 512, lastPosition: 599 }));
    });

    it('a bundle in the middle gone', async () => {
      files.delete('tile/entries/001');
      const run = await asJson();
      expect(run.code).toBe(1);
      expect(problemsOf(run)).toContainEqual(expect.objectContaining({ kind: 'gap', position: 256, lastPosition: 511 }));
    });

    it('an older backup restored', async () => {
      await seenBefore();
      files = filesOf(entries.slice(0, 400), key);
      const run = await asJson('--state', state);
      expect(run.code).toBe(1);
      expect(problemsOf(run)).toContainEqual(expect.objectContaining({ kind: 'rollback', position: 400 }));
      expect((await asJson()).code).toBe(0); // Without memory nobody can tell.
    });

    it('another history signed by the same key', async () => {
      await seenBefore();
      files = filesOf([...entries.slice(0, 500), ...sampleEntries(700, 'b').slice(500)], key);
      const run = await asJson('--state', state);
      expect(run.code).toBe(1);
      expect(problemsOf(run)).toContainEqual(expect.objectContaining({ kind: 'fork', position: 500 }));
    });

    it('entries and tiles changed together, without the signing key', async () => {
      const forged = filesOf(sampleEntries(600, 'b'), key);
      forged.set('checkpoint', files.get('checkpoint')!);
      files = forged;
      expect((await asJson()).code).toBe(1);
    });

    it('a subject’s entry left out before sealing', async () => {
      files = filesOf(entries.toSpliced(10, 1), key);
      const run = await asJson();
      expect(run.code).toBe(1);
      expect(problemsOf(run)).toContainEqual(expect.objectContaining({ kind: 'chain', position: 14 }));
    });

    it('a checkpoint of another key', async () => {
      files.set('checkpoint', Buffer.from(signedCheckpoint(newKey(), 600, rootOf(entries))));
      const run = await asJson();
      expect(run.code).toBe(1);
      expect(problemsOf(run)).toEqual([expect.objectContaining({ kind: 'signature' })]);
    });

    it('a log that comes with another key than at the last visit', async () => {
      await seenBefore();
      files = filesOf(entries, newKey());
      const run = await verify('--state', state, '--json');
      expect(run.code).toBe(1);
      expect(problemsOf(run)).toContainEqual(expect.objectContaining({ kind: 'signature' }));
    });

    it('the checkpoint gone from a log that had one', async () => {
      await seenBefore();
      files.delete('checkpoint');
      expect((await asJson('--state', state)).code).toBe(1);
    });
  });

  describe('says that it could not check, and nothing about the log', () => {
    it('when nobody answers', async () => {
      const gone = await serveHttp(() => undefined);
      await gone.close();
      const run = await attesta(['log', 'verify', '--url', gone.url, '--key', key.verifierKey]);
      expect(run.code).toBe(2);
      expect(run.out).not.toContain('NOT INTACT');
      expect(run.err).toContain('cannot be reached (ECONNREFUSED)');
      expect(run.err).not.toMatch(/\n\s+at /);
    });

    it('when entries need a token', async () => {
      server.handle(logHandler(() => files, 'a-token'));
      const run = await verify('--state', state);
      expect(run.code).toBe(2);
      expect(run.err).toContain('An access token is required');
      expect(run.err).toContain('fix: Send the token of an auditor.');
      expect(run.out).not.toContain('NOT INTACT');
      expect(fs.existsSync(state)).toBe(false);
    });

    it('when the server fails half way, though what was found until then is told', async () => {
      const changed = [...entries];
      changed[1] = Buffer.from(Buffer.from(entries[1]!).toString().replace('label', 'lapel'));
      putEntries(files, changed);
      const honest = logHandler(() => files);
      server.handle((request, response) =>
        request.path.startsWith('/log/tile/entries/002')
          ? answerJson(response, 403, problemDocument(403, 'No more'))
          : honest(request, response),
      );
      const run = await asJson();
      expect(run.code).toBe(1);
      expect(problemsOf(run)).toEqual([expect.objectContaining({ kind: 'edit', position: 1 })]);
      expect(run.json()['error']).toContain('No more');
    });

    it('when there is no log', async () => {
      files = new Map();
      expect(await verify()).toMatchObject({ code: 2, err: expect.stringContaining('is not there') as string });
      expect(await verify('--key', key.verifierKey)).toMatchObject({
        code: 2,
        err: expect.stringContaining('there is no checkpoint') as string,
      });
    });

    it.each(['{', '{}', '[]', 'null', '{"origin":"x","size":-1,"root":"","key":""}'])('when the state file holds %s', async (text) => {
      fs.writeFileSync(state, text);
      const run = await verify('--state', state);
      expect(run.code).toBe(2);
      expect(run.err).toContain('cannot be used');
      expect(fs.readFileSync(state, 'utf8')).toBe(text);
    });

    it('when the key is none', async () => {
      expect(await verify('--key', 'nonsense')).toMatchObject({ code: 2, err: expect.stringContaining('no verifier key line') as string });
    });
  });

  it('passes over a short failure of the server', async () => {
    let asked = 0;
    const honest = logHandler(() => files);
    server.handle((request, response) => (++asked % 3 === 0 ? response.writeHead(503).end() : honest(request, response)));
    expect((await asJson()).code).toBe(0);
  });

  it('gives up on an answer that does not end', async () => {
    const honest = logHandler(() => files);
    server.handle((request, response) => {
      if (request.path !== '/log/tile/entries/001') return honest(request, response);
      response.writeHead(200);
      const pour = (): void => void (response.writable && response.write(Buffer.alloc(1 << 20), (error) => error ?? setImmediate(pour)));
      pour();
    });
    const run = await asJson();
    expect(run.code).toBe(1);
    expect(problemsOf(run)).toContainEqual(expect.objectContaining({ kind: 'gap', position: 256 }));
  });
});

describe('attesta log key and checkpoint', () => {
  const files = filesOf(entries.slice(0, 3), key);
  let server: Awaited<ReturnType<typeof serveHttp>>;
  beforeAll(async () => {
    server = await serveHttp(logHandler(() => files));
  });
  afterAll(() => server.close());

  it('prints the key line and nothing else', async () => {
    expect(await attesta(['log', 'key', '--url', server.url])).toMatchObject({ code: 0, out: `${key.verifierKey}\n`, err: '' });
  });

  it('prints the checkpoint as it was signed', async () => {
    const run = await attesta(['log', 'checkpoint', '--url', server.url, '--key', key.verifierKey]);
    expect(run).toMatchObject({ code: 0, out: Buffer.from(files.get('checkpoint')!).toString() });
    expect(run.err).toContain('signed this');
  });

  it('says when another key signed it', async () => {
    const run = await attesta(['log', 'checkpoint', '--url', server.url, '--key', newKey().verifierKey, '--json']);
    expect(run.code).toBe(1);
    expect(run.json()).toMatchObject({ origin: ORIGIN, size: 3, verified: false });
  });
});
