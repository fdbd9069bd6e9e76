import { consentReceipt, provenReceipt, type ProvenReceipt } from '@attesta/decisions';
import type { Entry } from '@attesta/events';
import { canonical, formatProof, Frontier, inclusionProof, leafHash } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { readPolicy } from '@attesta/service-kit';
import { attesta, temporaryDirectory } from './cli-rig.js';
import { newKey, sampleEntries, signedCheckpoint, subjectId } from './served-log-rig.js';

const { sha256 } = nodePrimitives;
const POSITION = 11;
const policy = readPolicy(new URL('../../../policies/m-med.yaml', import.meta.url).pathname);

const choice = (changes: object = {}): Entry => ({
  v: 1,
  id: 'choice-1',
  source: '//shop.example',
  type: 'attesta.consent.captured.v1',
  time: '2026-02-03T04:05:06.000Z',
  recordedAt: '2026-02-03T04:05:07.000Z',
  subject: { id: subjectId(99), seq: 1 },
  data: {
    purposes: ['marketing'],
    status: 'given',
    method: 'checkbox',
    noticeVersion: '2022-08-10',
    language: 'en',
    channelPreferences: ['email'],
    categories: ['contact'],
    ...changes,
  },
});

const key = newKey();
const entries = sampleEntries(20);
entries[POSITION] = Buffer.from(canonical(choice()));
entries[POSITION + 1] = Buffer.from(canonical(choice({ status: 'refused' })));

const hashAt = (level: number, index: number): Uint8Array => {
  const frontier = new Frontier(sha256);
  entries.slice(index * 2 ** level, (index + 1) * 2 ** level).forEach((entry) => frontier.append(leafHash(sha256, entry)));
  return frontier.root();
};
const root = (() => {
  const frontier = new Frontier(sha256);
  entries.forEach((entry) => frontier.append(leafHash(sha256, entry)));
  return frontier.root();
})();
const proofAt = async (index: number) =>
  formatProof({
    index,
    proof: await inclusionProof(index, entries.length, hashAt, sha256),
    checkpoint: signedCheckpoint(key, entries.length, root),
  });

describe('attesta verify of a consent receipt', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let proven: ProvenReceipt;
  beforeEach(async () => {
    directory = temporaryDirectory();
    const input = { entry: choice(), position: POSITION, policy, receiptId: 'r-1', issuedAt: '2026-03-01T00:00:00Z', standing: new Map() };
    const proof = { position: POSITION, entry: canonical(choice()), tlogProof: await proofAt(POSITION), verifierKey: key.verifierKey };
    proven = structuredClone(provenReceipt(consentReceipt(input), proof));
  });
  afterEach(() => directory.remove());
  const verify = (...args: string[]) => attesta(['verify', 'receipt.json', ...args], { cwd: directory.path });
  const save = (content: unknown = proven, name = 'receipt.json') =>
    directory.file(name, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  const rejected = async (why: string, ...args: string[]) => {
    save();
    const run = await verify('--key', key.verifierKey, ...args);
    expect(run).toMatchObject({ code: 1, err: '' });
    expect(run.out).toMatch(/^NOT VERIFIED\n/);
    expect(run.out).toContain(why);
    expect(run.out).not.toContain('Proved:');
    expect(run.out).not.toContain('Who:');
  };

  it('says who consented to what, when and under which notice, and where that stands', async () => {
    save();
    directory.file('log.key', `${key.verifierKey}\n`);
    const run = await verify('--key-file', 'log.key');
    expect(run).toMatchObject({ code: 0, err: '' });
    for (const line of [
      'VERIFIED',
      `Who: ${subjectId(99)} (a pseudonym)`,
      'What: gave consent',
      'To: marketing',
      'Channels: email',
      'When: 2026-02-03T04:05:06.000Z, sealed 2026-02-03T04:05:07.000Z',
      'Notice: version 2022-08-10, in en',
      'log.example/attesta, 20 entries',
      'position 11',
      'the key you gave',
      'It does not cover',
    ])
      expect(run.out).toContain(line);
  });

  it('says that the key came with the receipt when none is pinned, and knows a receipt by its content', async () => {
    save();
    expect((await verify()).out).toContain('the key that came in the receipt itself');
    expect((await verify('--json')).json()).toMatchObject({
      ok: true,
      keyFrom: 'receipt',
      key: key.verifierKey,
      position: POSITION,
      checkpoint: { size: 20 },
      record: { metadata: { pii_principal_id: subjectId(99) } },
      problems: [],
    });
    save(proven, 'downloaded');
    expect((await attesta(['verify', 'downloaded'], { cwd: directory.path })).code).toBe(0);
  });

  it('finds an edited purpose, time and person, each by name', async () => {
    const { record } = proven.receipt;
    record.processing.purposes[0]!.purpose = 'research-and-improvement';
    record.event[0].event_time = '2020-01-01T00:00:00Z';
    record.metadata.pii_principal_id = subjectId(1);
    await rejected('the receipt says "research-and-improvement", the sealed entry says "marketing"');
    const { problems, ok } = (await verify('--json')).json();
    expect(ok).toBe(false);
    expect(problems).toHaveLength(3);
  });

  it('does not take the entry edited along with the receipt', async () => {
    proven.receipt.record.event[0].event_state = 'ConsentRefused';
    proven.proof.entry = canonical(choice({ status: 'refused' }));
    await rejected('does not lead to the root');
  });

  it('does not take the proof of another entry', async () => {
    proven.proof.tlogProof = await proofAt(3);
    await rejected('does not lead to the root');
    proven.proof.entry = Buffer.from(entries[3]!).toString();
    proven.proof.position = 3;
    await rejected('it records something else than a consent choice');
    proven.proof.entry = Buffer.from(entries[POSITION + 1]!).toString();
    proven.proof.tlogProof = await proofAt(POSITION + 1);
    await rejected('the proof is for position 12');
  });

  it('does not verify under another log’s key, nor with a key of its own that is another', async () => {
    save();
    const other = await verify('--key', newKey().verifierKey);
    expect(other.code).toBe(1);
    expect(other.out).toContain('Wrong: the key in the receipt is not the key you gave');
    proven.proof.verifierKey = newKey().verifierKey;
    await rejected('the key in the receipt is not the key you gave');
    expect((await verify()).code).toBe(1);
  });

  it.each<[string, () => void, string]>([
    ['a number as entry', () => Object.assign(proven.proof, { entry: 7 }), 'the sealed entry in the proof is not a text'],
    ['no position', () => Object.assign(proven.proof, { position: '11' }), 'the position in the proof is not a number'],
    ['a list as receipt', () => Object.assign(proven, { receipt: [] }), 'the receipt is not an object'],
    ['null as receipt', () => Object.assign(proven, { receipt: null }), 'the receipt is not an object'],
    ['no key', () => Object.assign(proven.proof, { verifierKey: null }), 'is no verifier key line'],
    ['a passenger in the proof', () => Object.assign(proven.proof, { note: 'paid' }), 'members that no proof has'],
    ['a passenger in the receipt', () => Object.assign(proven.receipt, { note: 'paid' }), '/note is no member of a receipt'],
    ['no canonical entry', () => Object.assign(proven.proof, { entry: `${proven.proof.entry} ` }), 'not in canonical form'],
    ['a deep entry', () => Object.assign(proven.proof, { entry: '['.repeat(200_000) }), 'no canonical JSON'],
  ])('does not verify %s', async (_what, edit, why) => {
    edit();
    await rejected(why);
  });

  it('does not verify prototype keys, nor a name that stands twice', async () => {
    const text = JSON.stringify(proven);
    save(text.replace('"informative":{', '"informative":{"__proto__":{"x":1},'));
    expect((await verify('--key', key.verifierKey)).out).toContain('__proto__');
    save(text.replace('"event_state":', '"event_state":"ConsentRefused","event_state":'));
    const run = await verify('--key', key.verifierKey);
    expect(run.code).toBe(1);
    expect(run.out).toContain('a name stands twice');
    save(text.replaceAll('"contact"', '"\\u0063ontact"'));
    expect((await verify('--key', key.verifierKey)).code).toBe(0);
  });

  it.each([
    ['no JSON', 'hello', 'is not JSON'],
    ['another JSON', '{"a":1}', 'is no receipt with its proof'],
    ['a receipt without its proof', '{"receipt":{}}', 'is no receipt with its proof'],
    ['more than both', '{"receipt":{},"proof":{},"x":1}', 'holds more than a receipt'],
    ['a text as proof', '{"receipt":{},"proof":"yes"}', 'is not an object'],
    ['too much', `{"receipt":"${'x'.repeat(1 << 20)}"}`, 'is larger than'],
    ['deep nesting', '['.repeat(500_000), 'is not JSON'],
  ])('says what is the matter with %s', async (_what, content, message) => {
    save(content);
    const run = await verify();
    expect(run).toMatchObject({ code: 2, out: '' });
    expect(run.err).toContain(message);
    expect(run.err).toMatch(/\n {2}fix: /);
    expect(run.err).not.toContain('    at ');
  });
});
