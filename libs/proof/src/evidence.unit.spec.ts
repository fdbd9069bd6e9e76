import fc from 'fast-check';
import { describeEvidence } from './evidence-summary.js';
import type { EvidenceManifest } from './evidence-manifest.js';
import { verifyEvidence } from './evidence.js';
import { SAMPLE_ORIGIN, sampleEvidence } from './fixtures/sample-evidence.js';
import { generateLogKey, nodePrimitives } from './node.js';

const key = generateLogKey(SAMPLE_ORIGIN);
let files: Map<string, Uint8Array>;
beforeEach(async () => (files = await sampleEvidence(key)));

const check = (trusted?: string) => verifyEvidence(nodePrimitives, files, trusted);
const text = (path: string) => Buffer.from(files.get(path)!).toString();
const manifest = () => JSON.parse(text('manifest.json')) as EvidenceManifest;
const changeManifest = (change: (manifest: EvidenceManifest) => void) => {
  const changed = manifest();
  change(changed);
  files.set('manifest.json', Buffer.from(JSON.stringify(changed)));
};
const replace = (path: string, from: string | RegExp, to: string) => files.set(path, Buffer.from(text(path).replace(from, to)));

describe('an evidence bundle', () => {
  test('as it was made verifies, and says that its key came with it', () => {
    const report = check();
    expect(report).toMatchObject({ ok: true, keyFrom: 'bundle', key: key.verifierKey, problems: [] });
    expect(report.proved).toEqual(manifest().entries.map(({ position }) => position));
    const summary = describeEvidence(report).join('\n');
    expect(summary).toMatch(/^VERIFIED\n/);
    expect(summary).toContain('none of the entries numbered 1 to');
    expect(summary).toContain('the key that came in the bundle itself');
  });

  test('verifies under the key the caller trusts', () => {
    const report = check(` ${key.verifierKey}\n`);
    expect(report).toMatchObject({ ok: true, keyFrom: 'caller' });
    expect(describeEvidence(report).join('\n')).toContain('the key you gave');
  });

  test('under another key of the same name does not, whatever key it brings', async () => {
    const thief = generateLogKey(SAMPLE_ORIGIN);
    files = await sampleEvidence(thief);
    expect(check().ok).toBe(true);
    const report = check(key.verifierKey);
    expect(report.ok).toBe(false);
    expect(report.problems.map(({ file }) => file)).toEqual(['key', 'checkpoint']);
  });

  test('with a trusted key line that is none is not checked against its own', () => {
    expect(check('nonsense')).toMatchObject({ ok: false, keyFrom: 'caller', proved: [] });
  });

  test('fails on any flipped bit of any file that it covers', async () => {
    const pristine = await sampleEvidence(key);
    const covered = [...pristine.keys()].filter((path) => /^(?:entries|proofs)\/|^checkpoint$|^key$/.test(path));
    // 0x20 is left out: it would only change the case of the hash in the key line, which is the same number.
    const bit = fc.constantFrom(1, 2, 4, 8, 16, 64, 128);
    fc.assert(
      fc.property(fc.constantFrom(...covered), fc.nat(), bit, (path, where, flip) => {
        const bytes = new Uint8Array(pristine.get(path)!);
        // White space around the key line is not part of it.
        bytes[where % (bytes.length - (path === 'key' ? 1 : 0))]! ^= flip;
        files = new Map(pristine).set(path, bytes);
        expect(check().ok).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  test('names the position of a changed entry', () => {
    const { position, file } = manifest().entries[4]!;
    replace(file, 'contract', 'consents');
    const report = check();
    expect(report.problems).toHaveLength(2);
    expect(report.problems[0]).toMatchObject({ position, message: expect.stringContaining('does not lead to the root') });
    expect(describeEvidence(report)[0]).toBe('NOT VERIFIED');
  });

  test('cannot leave out an entry of the subject that it claims to be complete about', () => {
    const all = manifest().entries;
    const leaveOut = (i: number) => {
      changeManifest((changed) => void changed.entries.splice(i, 1));
      files.delete(all[i]!.file);
      files.delete(all[i]!.proof);
    };
    leaveOut(5);
    expect(check().problems).toEqual([expect.objectContaining({ message: expect.stringContaining('number 6 is left out') })]);
  });

  test('cannot leave out the last one either', () => {
    const all = manifest().entries;
    changeManifest((changed) => void changed.entries.pop());
    files.delete(all.at(-1)!.file);
    files.delete(all.at(-1)!.proof);
    expect(check().problems).toEqual([expect.objectContaining({ message: expect.stringContaining('are left out') })]);
  });

  test('that claims nothing about completeness may be a selection', () => {
    const [first] = manifest().entries;
    changeManifest((changed) => {
      delete changed.complete;
      changed.entries = [first!];
    });
    for (const path of [...files.keys()])
      if (/^(?:entries|proofs)\//.test(path) && path !== first!.file && path !== first!.proof) files.delete(path);
    expect(check()).toMatchObject({ ok: true, proved: [first!.position] });
  });

  test('cannot carry an entry that nothing proves', () => {
    files.set('entries/7000.json', Buffer.from('{}'));
    expect(check().problems).toEqual([{ file: 'entries/7000.json', message: 'the manifest does not list this file' }]);
  });

  test.each([
    ['another origin', (changed: EvidenceManifest) => (changed.origin = 'else.example')],
    ['another size', (changed: EvidenceManifest) => (changed.asOf.size = 299)],
    ['another root', (changed: EvidenceManifest) => (changed.asOf.root = 'AAAA')],
    ['a position beyond the checkpoint', (changed: EvidenceManifest) => (changed.asOf.position = 300)],
    ['the same entry twice', (changed: EvidenceManifest) => (changed.entries[1] = changed.entries[0]!)],
    ['an entry that is not there', (changed: EvidenceManifest) => (changed.entries[0]!.file = '../../etc/passwd')],
    ['proofs of each other', (changed: EvidenceManifest) => (changed.entries[0]!.proof = changed.entries[1]!.proof)],
    ['another format', (changed: EvidenceManifest) => Object.assign(changed, { format: 'attesta-evidence-v2' })],
    ['more than there is', (changed: EvidenceManifest) => (changed.complete!.to += 1)],
    ['another subject', (changed: EvidenceManifest) => (changed.complete!.subject = 'x')],
  ])('whose manifest claims %s does not verify', (_name, change) => {
    changeManifest((changed) => void change(changed));
    expect(check().ok).toBe(false);
  });

  test('of arbitrary files is a report, not an exception', () => {
    const names = fc.constantFrom('manifest.json', 'checkpoint', 'key', 'entries/0.json', 'proofs/0.tlog-proof');
    const content = fc.oneof(
      fc.uint8Array(),
      fc.json().map((json) => Buffer.from(json)),
      fc.constantFrom(...files.values()),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(names, content)), (list) => {
        const report = verifyEvidence(nodePrimitives, new Map(list));
        expect(report.ok).toBe(false);
        for (const line of describeEvidence(report)) expect(line).not.toMatch(/\p{Cc}/u);
      }),
    );
    const shapes = fc.anything().map((value) => ({ ...manifest(), ...(value as object) }));
    fc.assert(
      fc.property(shapes, fc.constantFrom('entries', 'asOf', 'complete', 'subject'), fc.anything(), (shape, member, value) => {
        files.set(
          'manifest.json',
          Buffer.from(
            JSON.stringify({ ...shape, [member]: value }, (_key, item: unknown) => (typeof item === 'bigint' ? null : item)) ?? '',
          ),
        );
        expect(() => describeEvidence(check())).not.toThrow();
      }),
    );
  });
});
