import { zipSync } from 'fflate';
import { formatProof, inclusionProof, leafHash, Frontier, toBase64 } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { attesta, temporaryDirectory } from './cli-rig.js';
import { newKey, ORIGIN, sampleEntries, signedCheckpoint, subjectId } from './served-log-rig.js';

const { sha256 } = nodePrimitives;
const key = newKey();
const entries = sampleEntries(20);
const root = (() => {
  const frontier = new Frontier(sha256);
  entries.forEach((entry) => frontier.append(leafHash(sha256, entry)));
  return frontier.root();
})();
const checkpoint = signedCheckpoint(key, entries.length, root);
const hashAt = (level: number, index: number): Uint8Array => {
  const frontier = new Frontier(sha256);
  entries.slice(index * 2 ** level, (index + 1) * 2 ** level).forEach((entry) => frontier.append(leafHash(sha256, entry)));
  return frontier.root();
};
const proofOf = async (index: number) =>
  formatProof({ index, proof: await inclusionProof(index, entries.length, hashAt, sha256), checkpoint });

async function bundle(): Promise<Record<string, Uint8Array>> {
  const positions = [2, 7, 12, 17];
  const files: Record<string, Uint8Array> = {
    checkpoint: Buffer.from(checkpoint),
    key: Buffer.from(`${key.verifierKey}\n`),
    'summary.html': Buffer.from('<p>'),
  };
  for (const position of positions) {
    files[`entries/${position}.json`] = entries[position]!;
    files[`proofs/${position}.tlog-proof`] = Buffer.from(await proofOf(position));
  }
  files['manifest.json'] = Buffer.from(
    JSON.stringify({
      format: 'attesta-evidence-v1',
      origin: ORIGIN,
      subject: subjectId(2),
      createdAt: '2026-02-03T05:00:00Z',
      asOf: { position: 19, size: 20, root: toBase64(root) },
      entries: positions.map((position) => ({ position, file: `entries/${position}.json`, proof: `proofs/${position}.tlog-proof` })),
      complete: { subject: subjectId(2), from: 1, to: 4 },
    }),
  );
  return files;
}

describe('attesta verify', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let files: Record<string, Uint8Array>;
  beforeEach(async () => {
    directory = temporaryDirectory();
    files = await bundle();
  });
  afterEach(() => directory.remove());
  const verify = (...args: string[]) => attesta(['verify', ...args], { cwd: directory.path });
  const zipped = () => {
    directory.file('evidence.zip', zipSync(files));
    return 'evidence.zip';
  };

  it('verifies a bundle with a pinned key', async () => {
    const run = await verify(zipped(), '--key', key.verifierKey);
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(run.out).toContain('VERIFIED');
    expect(run.out).toContain('2, 7, 12, 17');
    expect(run.out).toContain('the key you gave');
    expect(run.out).toContain('none of the entries numbered 1 to 4 is left out');
  });

  it('says that the key came with the bundle when none is pinned', async () => {
    expect((await verify(zipped())).out).toContain('the key that came in the bundle itself');
    expect((await verify(zipped(), '--json')).json()).toMatchObject({
      ok: true,
      keyFrom: 'bundle',
      key: key.verifierKey,
      proved: [2, 7, 12, 17],
      checkpoint: { size: 20 },
    });
  });

  it('verifies the directory it was unzipped to, and a bundle zipped again as one folder', async () => {
    for (const [name, bytes] of Object.entries(files)) directory.file(`evidence/${name}`, bytes);
    expect((await verify('evidence')).code).toBe(0);
    directory.file('again.zip', zipSync(Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`evidence/${name}`, bytes]))));
    expect((await verify('again.zip')).code).toBe(0);
  });

  it('names the file and the position of a changed entry', async () => {
    files['entries/7.json'] = Buffer.from(Buffer.from(entries[7]!).toString().replace('label', 'lapel'));
    const run = await verify(zipped(), '--json');
    expect(run.code).toBe(1);
    expect(run.json()).toMatchObject({
      ok: false,
      proved: [2, 12, 17],
      problems: expect.arrayContaining([expect.objectContaining({ position: 7 })]) as unknown,
    });
    expect((await verify(zipped())).out).toMatch(/NOT VERIFIED\n[^]*position 7/);
  });

  it('does not verify with another key than the bundle’s', async () => {
    const run = await verify(zipped(), '--key', newKey().verifierKey);
    expect(run.code).toBe(1);
    expect(run.out).toContain('not the trusted key');
  });

  it.each([
    ['no such file', 'gone.zip', 'cannot be read (ENOENT)'],
    ['no archive', 'text.zip', 'no ZIP archive'],
    ['an archive of something else', 'other.zip', 'no manifest.json'],
    ['an archive with a path trick', 'slip.zip', 'a path that no bundle has'],
  ])('says what is the matter with %s', async (_what, name, message) => {
    directory.file('text.zip', 'hello');
    directory.file('other.zip', zipSync({ readme: Buffer.from('x') }));
    directory.file('slip.zip', zipSync({ '../../evil': Buffer.from('x') }));
    const run = await verify(name);
    expect(run.code).toBe(2);
    expect(run.err).toContain(message);
    expect(run.err).toMatch(/\n {2}fix: /);
  });

  describe('one proof', () => {
    beforeEach(async () => {
      directory.file('7.tlog-proof', await proofOf(7));
      directory.file('7.json', entries[7]);
    });

    it('verifies its entry', async () => {
      const run = await verify('7.tlog-proof', '--entry', '7.json', '--key', key.verifierKey);
      expect(run.code).toBe(0);
      expect(run.out).toContain('the entry stands at position 7');
    });

    it('does not verify another entry, or under another key', async () => {
      directory.file('8.json', entries[8]);
      expect((await verify('7.tlog-proof', '--entry', '8.json', '--key', key.verifierKey)).code).toBe(1);
      expect((await verify('7.tlog-proof', '--entry', '7.json', '--key', newKey().verifierKey, '--json')).json()).toMatchObject({
        ok: false,
      });
    });

    it('needs its entry and a key', async () => {
      expect(await verify('7.tlog-proof', '--key', key.verifierKey)).toMatchObject({
        code: 2,
        err: expect.stringContaining('--entry') as string,
      });
      expect(await verify('7.tlog-proof', '--entry', '7.json')).toMatchObject({ code: 2, err: expect.stringContaining('--key') as string });
    });
  });
});
