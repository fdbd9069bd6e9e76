import { readerOf, sampleEntries, serve, type ServedLog } from './fixtures/sample-log.js';
import { followKeyChanges, formatKeyChange } from './key-change.js';
import { generateLogKey, nodePrimitives, signEd25519, type LogKey } from './node.js';
import { parseVerifierKey, signNote, splitNote } from './note.js';
import { verifyLog } from './verify-log.js';

const origin = 'keys.example/log';
const [first, second, third, thief] = Array.from({ length: 4 }, () => generateLogKey(origin)) as [LogKey, LogKey, LogKey, LogKey];

const noteBy = (text: string, ...keys: LogKey[]): string =>
  keys
    .map((key) => signNote(text, origin, key.publicKey, (message) => signEd25519(key.privateKeyPem, message)))
    .reduce((note, one) => note + one.slice(text.length + 1));
const change = (from: LogKey, to: LogKey, by: LogKey[] = [from, to]): string =>
  noteBy(formatKeyChange({ origin, key: to.verifierKey, at: '2026-11-27T10:00:00Z' }), ...by);
const lines = (notes: string[], from: LogKey): string[] =>
  followKeyChanges(nodePrimitives, notes, parseVerifierKey(from.verifierKey)).changes.map(({ key }) => key);

/** A log signed by these keys, that tells of these changes. */
function logOf(size: number, keys: LogKey[], notes: string[]): ServedLog {
  const served = serve(keys[0]!, origin, sampleEntries(size));
  const { text } = splitNote(Buffer.from(served.get('checkpoint')!).toString());
  served.set('checkpoint', Buffer.from(noteBy(text, ...keys)));
  served.set('key/changes', Buffer.from(JSON.stringify(notes)));
  return served;
}
const visit = (log: ServedLog, key: LogKey, state?: Awaited<ReturnType<typeof verifyLog>>['state']) =>
  verifyLog(nodePrimitives, readerOf(log), { key: key.verifierKey, ...(state && { state }) });

describe('changes of the key of a log', () => {
  it('lead from a trusted key to the newest, one after the other', () => {
    expect(lines([change(first, second), change(second, third)], first)).toEqual([second.verifierKey, third.verifierKey]);
    expect(lines([change(first, second), change(second, third)], second)).toEqual([third.verifierKey]);
  });

  it('are worth nothing without both signatures, and never lead back', () => {
    expect(lines([change(first, thief, [thief])], first)).toEqual([]);
    expect(lines([change(first, thief, [first])], first)).toEqual([]);
    expect(lines([change(second, first)], first)).toEqual([]);
    expect(lines([change(first, second), change(second, first)], first)).toEqual([second.verifierKey]);
  });

  it('while both keys sign, whoever knows only one of them goes on', async () => {
    const log = logOf(20, [first, second], [change(first, second)]);
    expect((await visit(log, first)).ok).toBe(true);
    expect((await visit(log, second)).ok).toBe(true);
  });

  it('after the end of the old key, its holder is led to the new one, told so, and remembers it', async () => {
    const before = await visit(logOf(20, [first, second], [change(first, second)]), first);
    const after = await visit(logOf(30, [second], [change(first, second)]), first, before.state);
    expect(after).toMatchObject({ ok: true, keyChanges: [{ key: second.verifierKey }], state: { key: second.verifierKey } });
    // From then on what the old key signs is nothing to it, whoever has it.
    const back = await visit(logOf(40, [first], [change(first, second)]), second, after.state);
    expect(back.problems.map(({ kind }) => kind)).toContain('signature');
  });

  it('that cannot be read are told of beside the signature that nobody knows', async () => {
    const log = logOf(20, [second], []);
    log.delete('key/changes');
    const [problem] = (await visit(log, first)).problems;
    expect(problem?.message).toMatch(/whether it goes on under another key is not known: .*key\/changes/);
  });

  it('another key without a change signed by the one before is a problem, with a state and without', async () => {
    const before = await visit(logOf(20, [first], []), first);
    for (const notes of [[], [change(first, thief, [thief])]]) {
      const forged = logOf(30, [thief], notes);
      expect((await visit(forged, first, before.state)).problems.map(({ kind }) => kind)).toEqual(['signature']);
      expect((await visit(forged, thief, before.state)).problems.map(({ kind }) => kind)).toEqual(['signature']);
    }
  });
});
