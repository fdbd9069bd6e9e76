import { cosign, formatWitnessKey } from './cosignature.js';
import { readerOf, sampleEntries, serve, type ServedLog } from './fixtures/sample-log.js';
import { generateLogKey, nodePrimitives, signEd25519 } from './node.js';
import { splitNote } from './note.js';
import { verifyLog } from './verify-log.js';
import { witnessPolicyOf } from './witness-policy.js';

const ORIGIN = 'log.example/attesta';
const NOW = 1_800_000_000;
const key = generateLogKey(ORIGIN);
const witnesses = ['w1', 'w2', 'w3'].map((name) => ({ name, ...generateLogKey(name) }));
const entries = sampleEntries(600);
const lines = witnesses.map(({ name, publicKey }) => formatWitnessKey(name, publicKey));

const noteOf = (served: ServedLog, path = 'checkpoint') => Buffer.from(served.get(path)!).toString();
/** Has these witnesses sign what is served under the path, at these times. */
function signedBy(served: ServedLog, times: Record<number, number>, path = 'checkpoint'): ServedLog {
  const note = noteOf(served, path);
  const more = Object.entries(times).map(([i, time]) => {
    const { name, publicKey, privateKeyPem } = witnesses[Number(i)]!;
    return cosign(splitNote(note).text, { name, publicKey, time }, (message) => signEd25519(privateKeyPem, message));
  });
  served.set(path, Buffer.from(note + more.join('')));
  return served;
}
const grown = (size: number, list = entries) => serve(key, ORIGIN, list.slice(0, size));
const check = (served: ServedLog, { atLeast = 2, within = 600 } = {}) =>
  verifyLog(nodePrimitives, readerOf(served), {
    key: key.verifierKey,
    witnesses: { policy: witnessPolicyOf(lines, atLeast), now: NOW, within },
  });
/** Serves beside the newest checkpoint that of another moment, or another history, as the newest that is witnessed. */
function withWitnessed(served: ServedLog, then: ServedLog, times: Record<number, number>): ServedLog {
  served.set('checkpoint/witnessed', Buffer.from(noteOf(signedBy(then, times))));
  return served;
}

describe('a log of which witnesses are asked', () => {
  test('is good when enough signed its newest checkpoint lately', async () => {
    const report = await check(signedBy(grown(600), { 0: NOW - 20, 2: NOW - 10 }));
    expect(report).toMatchObject({ ok: true, problems: [], witnessed: { size: 600, time: NOW - 20, names: ['w1', 'w3'] } });
  });

  test('is good when its end is too new for them and continues what they signed', async () => {
    const report = await check(withWitnessed(grown(600), grown(300), { 0: NOW - 20, 1: NOW - 10 }));
    expect(report).toMatchObject({ ok: true, checked: 600, witnessed: { size: 300, time: NOW - 20 } });
  });

  test('may be cosigned further while it is read', async () => {
    const served = grown(600);
    served.set('checkpoint', grown(512).get('checkpoint')!);
    const report = await check(withWitnessed(served, grown(600), { 0: NOW, 1: NOW }));
    expect(report).toMatchObject({ ok: true, checked: 512, witnessed: { size: 600 } });
  });

  const other = sampleEntries(600, { seed: 'b' });
  test.each<[string, () => ServedLog, RegExp]>([
    ['nobody signed', () => grown(600), /none of the witnesses you named signed the checkpoint of 600 entries/],
    ['too few signed', () => signedBy(grown(600), { 1: NOW }), /only w2 signed the checkpoint of 600 entries, which is not enough/],
    ['the same witness signed twice', () => signedBy(signedBy(grown(600), { 1: NOW }), { 1: NOW - 1 }), /only w2/],
    [
      'they signed too long ago',
      () => signedBy(grown(600), { 0: NOW, 1: NOW - 601 }),
      /signed last at 2027-01-15T07:49:59.000Z, on 600 entries/,
    ],
    ['they sign in the future', () => signedBy(grown(600), { 0: NOW + 400, 1: NOW + 400 }), /in the future/],
    [
      'what they signed is another history',
      () => withWitnessed(grown(600, other), grown(300), { 0: NOW, 1: NOW }),
      /does not continue the tree of 300/,
    ],
    [
      'what they signed is not of this log',
      () => withWitnessed(grown(600), serve(generateLogKey(ORIGIN), ORIGIN, entries), { 0: NOW, 1: NOW }),
      /none of/,
    ],
    [
      'what they signed for another tree is put under this one',
      () => moved(grown(600), signedBy(grown(300), { 0: NOW, 1: NOW })),
      /not made by the witness.*w1, w2/,
    ],
  ])('is bad when %s', async (_, served, message) => {
    const report = await check(served());
    expect(report).toMatchObject({ ok: false, omitted: 0, problems: [{ kind: 'witness', message: expect.stringMatching(message) }] });
    expect(report.state).toBeUndefined();
  });

  test('that was rolled back and has grown again is bad as soon as its cosignatures are old', async () => {
    const rolledBack = () =>
      withWitnessed(grown(600, [...entries.slice(0, 400), ...other.slice(400)]), grown(400), { 0: NOW - 700, 1: NOW - 700 });
    expect(await check(rolledBack())).toMatchObject({
      ok: false,
      witnessed: { size: 400, time: NOW - 700 },
      problems: expect.arrayContaining([expect.objectContaining({ kind: 'witness' })]),
    });
    expect((await check(rolledBack(), { within: 800 })).problems.filter(({ kind }) => kind === 'witness')).toEqual([]);
  });
});

/** The cosignatures of one note under the text of another. */
function moved(onto: ServedLog, from: ServedLog): ServedLog {
  const [, ...cosignatures] = noteOf(from)
    .split('\n\n')[1]!
    .split(/(?<=\n)/);
  onto.set('checkpoint', Buffer.from(noteOf(onto) + cosignatures.join('')));
  return onto;
}
