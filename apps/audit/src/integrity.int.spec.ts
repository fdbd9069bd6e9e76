import { cosign, formatCheckpoint, formatWitnessKey, Frontier, leafHash, signNote, splitNote, witnessPolicyOf } from '@attesta/proof';
import { generateLogKey, nodePrimitives, signEd25519, type LogKey } from '@attesta/proof/node';
import { TestLedger } from '@attesta/testing';
import { auditRig, collection, forgotten, link, person, type AuditRig } from './audit-rig.js';
import { readIntegrity, witnessed } from './integrity.js';

const SIZE = 320;
const TILE = 256;
const ANNA = person(1);

/** A ledger that somebody with all rights has been at: what it serves is no longer what it sealed. */
class AttackedLedger extends TestLedger {
  away = false;
  note: (() => Buffer) | undefined;
  serve = this.fetchLog;
  override fetchLog: TestLedger['fetchLog'] = async (path, limit) => {
    if (this.away) throw new Error('connection refused');
    if (path === 'checkpoint' && this.note) return this.note();
    return this.serve(path, limit);
  };

  /** Another entry in place of a sealed one, its leaf hash in the tree untouched. */
  edit(position: number, bytes: Buffer = Buffer.from(this.stored[position]!.bytes.toString().replace('contract', 'consents'))): void {
    const { leafHash: sealed } = this.stored[position]!;
    this.stored[position] = { ...this.stored[position]!, bytes, leafHash: sealed };
  }

  swap(p: number, q: number): void {
    const [a, b] = [this.stored[p]!.bytes, this.stored[q]!.bytes];
    this.edit(p, b);
    this.edit(q, a);
  }

  /** Signs the first entries as the log's head, under this key. */
  signs(size: number, key: LogKey = this.key): void {
    const tree = new Frontier(nodePrimitives.sha256);
    for (const { leafHash: leaf } of this.stored.slice(0, size)) tree.append(leaf);
    const text = formatCheckpoint({ origin: this.origin, size, root: tree.root() });
    this.note = () => Buffer.from(signNote(text, this.origin, key.publicKey, (message) => signEd25519(key.privateKeyPem, message)));
  }

  /** The same log, but other entries from a position on. */
  forkFrom(position: number): void {
    for (let i = position; i < this.stored.length; i++) {
      this.edit(i);
      this.stored[i] = { ...this.stored[i]!, leafHash: Buffer.from(leafHash(nodePrimitives.sha256, this.stored[i]!.bytes)) };
    }
    this.signs(this.stored.length);
  }
}

let ledger: AttackedLedger;
let rig: AuditRig;
let clock: number;
const now = () => new Date(clock);

beforeEach(async () => {
  clock = Date.parse('2026-03-01T10:00:00Z');
  ledger = new AttackedLedger();
  for (let i = 0; i < SIZE; i++) ledger.seal(collection(person(1 + (i % 7))));
  rig = await auditRig({ fetchLog: ledger.fetchLog, verifierKey: ledger.key.verifierKey, now }, ledger);
  await rig.audit.caughtUp(SIZE - 1);
  await patrol();
});
afterEach(() => rig.close());

const patrol = async () => {
  await rig.audit.patrol.look();
  await rig.audit.patrol.sweep();
};
const integrity = () => readIntegrity(rig.audit.pool, now());
const open = async () =>
  (await integrity()).problems.filter(({ endedAt }) => endedAt === null).map(({ part, kind, position }) => ({ part, kind, position }));
const said = async () => (await rig.audit.log.readStream('findings')).map(({ data }) => data);

it('an honest log is intact up to its newest checkpoint', async () => {
  expect(await integrity()).toMatchObject({
    intact: true,
    size: SIZE,
    verifiedUpto: SIZE - 1,
    witnesses: [],
    signedAt: null,
    checkedAt: '2026-03-01T10:00:00.000Z',
    sweep: { at: SIZE - 1, startedAt: '2026-03-01T10:00:00.000Z', completedAt: '2026-03-01T10:00:00.000Z' },
    problems: [],
  });
  for (let i = 0; i < 300; i++) ledger.seal(collection(ANNA));
  await rig.audit.patrol.look();
  expect(await integrity()).toMatchObject({ intact: true, size: SIZE + 300, verifiedUpto: SIZE + 299 });
});

describe('names', () => {
  it.each([0, 130, TILE - 1, TILE, SIZE - 1])('an entry edited in the ledger, position %i', async (position) => {
    ledger.edit(position);
    await patrol();
    expect(await open()).toEqual([{ part: 'log', kind: 'edit', position }]);
    expect(await integrity()).toMatchObject({ intact: false, verifiedUpto: SIZE - 1 });
  });

  it('an entry edited before it was ever looked at', async () => {
    for (let i = 0; i < 3; i++) ledger.seal(collection(ANNA));
    await rig.audit.caughtUp(SIZE + 2);
    ledger.edit(SIZE + 1);
    await patrol();
    expect(await open()).toEqual([{ part: 'log', kind: 'edit', position: SIZE + 1 }]);
    expect(await integrity()).toMatchObject({ intact: false, verifiedUpto: SIZE - 1 });
  });

  it.each([
    [41, 42],
    [17, 301],
  ])('entries %i and %i that changed places', async (p, q) => {
    ledger.swap(p, q);
    await patrol();
    expect(await open()).toEqual([{ part: 'log', kind: 'reorder', position: p }]);
    expect((await integrity()).problems[0]).toMatchObject({ positions: [p, q] });
  });

  it('a cut tail under an untouched checkpoint', async () => {
    ledger.signs(SIZE);
    const tiles = await Promise.all([0, 1].map((n) => ledger.serve(`tile/0/00${n}${n === 1 ? '.p/64' : ''}`, { maxBytes: 1e6 })));
    ledger.stored.length = 300;
    const { serve } = ledger;
    ledger.serve = async (path, limit) =>
      path.startsWith('tile/0/') ? tiles[Number(path[9])]! : path.startsWith('tile/1/') ? rootsOf(tiles) : serve(path, limit);
    await rig.audit.patrol.sweep();
    expect(await open()).toEqual([{ part: 'log', kind: 'truncation', position: 300 }]);
  });

  it('a log put back to what it was, also while nobody looked', async () => {
    ledger.signs(280);
    await patrol();
    expect(await open()).toEqual([{ part: 'checkpoint', kind: 'rollback', position: 280 }]);
    expect(await integrity()).toMatchObject({ intact: false, size: SIZE });
  });

  it('a log that went on differently, at the entry where it parts', async () => {
    ledger.forkFrom(280);
    await patrol();
    expect(await open()).toContainEqual({ part: 'checkpoint', kind: 'fork', position: 280 });
    for (let i = 0; i < 5; i++) ledger.seal(collection(ANNA));
    ledger.signs(SIZE + 5);
    await patrol();
    expect((await open()).filter(({ kind }) => kind === 'fork')).toEqual([{ part: 'checkpoint', kind: 'fork', position: 280 }]);
  });

  it('a log put back and grown again beyond', async () => {
    ledger.forkFrom(280);
    for (let i = 0; i < 50; i++) ledger.seal(collection(ANNA));
    ledger.signs(SIZE + 50);
    await patrol();
    expect(await open()).toContainEqual({ part: 'checkpoint', kind: 'fork', position: 280 });
  });

  it('a checkpoint that another key signed', async () => {
    ledger.signs(SIZE, generateLogKey(ledger.origin));
    await patrol();
    expect(await open()).toEqual([{ part: 'checkpoint', kind: 'signature', position: null }]);
  });

  it('an entry edited in our own timeline, and one taken out of it', async () => {
    await rig.db.pool.query(`update timeline set bytes = set_byte(bytes, 9, get_byte(bytes, 9) # 1) where position = 77`);
    await rig.db.pool.query('delete from timeline where position = 200');
    await patrol();
    expect(await open()).toEqual([
      { part: 'registers', kind: 'gap', position: 200 },
      { part: 'registers', kind: 'edit', position: 77 },
    ]);
  });

  it('an edit of what is left of an entry about somebody who is forgotten, and of nothing else then', async () => {
    await rig.report(link(ANNA, person(3)));
    const last = await rig.report(forgotten(ANNA));
    await patrol();
    expect(await open()).toEqual([]);
    await rig.db.pool.query(
      `update timeline set bytes = convert_to(replace(convert_from(bytes, 'UTF8'), 'contract', 'consents'), 'UTF8') where position = 7`,
    );
    await patrol();
    expect(await open()).toEqual([{ part: 'registers', kind: 'edit', position: 7 }]);
    expect(last).toBe(SIZE + 1);
  });
});

describe('a problem', () => {
  it('is raised once, ends with the look that finds it gone, and is raised anew when it comes back', async () => {
    const honest = ledger.stored[12]!;
    ledger.edit(12);
    for (let i = 0; i < 3; i++) await patrol();
    expect(await said()).toEqual([
      expect.objectContaining({
        rule: 'log-tampered',
        severity: 'violation',
        positions: [12],
        explanation: expect.stringContaining('position 12'),
      }),
    ]);
    ledger.stored[12] = honest;
    clock += 5_000;
    await patrol();
    expect(await integrity()).toMatchObject({
      intact: true,
      problems: [{ position: 12, foundAt: '2026-03-01T10:00:00.000Z', endedAt: '2026-03-01T10:00:05.000Z' }],
    });
    ledger.edit(12);
    await patrol();
    expect(await said()).toHaveLength(2);
    await rig.carryOutbox();
  });

  it('of many entries is one finding, and a hundred are named', async () => {
    for (let i = 0; i < SIZE; i += 2) ledger.edit(i);
    await patrol();
    expect(await open()).toHaveLength(100);
    expect(await said()).toHaveLength(1);
    await rig.carryOutbox();
  });

  it('is not claimed while the ledger is away, and none ends then', async () => {
    ledger.edit(12);
    await patrol();
    const before = await integrity();
    ledger.away = true;
    await patrol();
    expect((await integrity()).problems).toEqual(before.problems);
    ledger.away = false;
    ledger.edit(12, Buffer.from('nonsense'));
    ledger.away = true;
    await patrol();
    expect((await integrity()).problems).toEqual(before.problems);
  });

  it('is none of an entry that is set aside', async () => {
    await rig.db.pool.query(`alter table collection add constraint no_paper check (method <> 'paper-form')`);
    await rig.report(collection(ANNA, { method: 'paper-form' }));
    await patrol();
    expect(await open()).toEqual([]);
  });
});

it('nothing is claimed once nobody has looked for a minute', async () => {
  clock += 60_000;
  expect(await integrity()).toMatchObject({ intact: null, verifiedUpto: SIZE - 1 });
});

it('one process patrols, whatever the number', async () => {
  // Neither of the two has just swept, and rests.
  const another = () => auditRig({ databaseUrl: rig.db.url, fetchLog: ledger.fetchLog, verifierKey: ledger.key.verifierKey, now }, ledger);
  const both = [await another(), await another()];
  ledger.edit(5);
  await Promise.all(both.map(({ audit }) => audit.patrol.round()));
  expect(await open()).toEqual([{ part: 'log', kind: 'edit', position: 5 }]);
  expect(await said()).toHaveLength(1);
  for (const one of both) await one.close();
});

it('witnesses are named, and when they signed', () => {
  const text = formatCheckpoint({ origin: 'ledger.test/log', size: 1, root: new Uint8Array(32) });
  const own = generateLogKey('ledger.test/log');
  const note = signNote(text, 'ledger.test/log', own.publicKey, (message) => signEd25519(own.privateKeyPem, message));
  const bytes = Buffer.concat([Buffer.from([1, 2, 3, 4]), Buffer.alloc(72)]);
  bytes.writeBigUInt64BE(1_772_352_000n, 4);
  expect(witnessed(`${note}— witness.test/w1 ${bytes.toString('base64')}\n`)).toEqual({
    witnesses: ['witness.test/w1'],
    signedAt: new Date(1_772_352_000_000).toISOString(),
  });
});

describe('with the keys of witnesses', () => {
  const ours = ['w1.test', 'w2.test'].map((name) => ({ name, ...generateLogKey(name) }));
  const seconds = () => clock / 1000;
  /** The ledger's newest checkpoint with the cosignatures of these witnesses, made at these times. */
  const cosigned = (note: string, times: number[]) =>
    note +
    times
      .map((time, i) => {
        const { name, publicKey, privateKeyPem } = ours[i]!;
        return cosign(splitNote(note).text, { name, publicKey, time }, (message) => signEd25519(privateKeyPem, message));
      })
      .join('');
  let own: AuditRig;

  beforeEach(async () => {
    const lines = ours.map(({ name, publicKey }) => formatWitnessKey(name, publicKey));
    own = await auditRig(
      {
        databaseUrl: rig.db.url,
        fetchLog: ledger.fetchLog,
        verifierKey: ledger.key.verifierKey,
        now,
        witnessPolicy: witnessPolicyOf(lines, 2),
      },
      ledger,
    );
    ledger.signs(SIZE);
  });
  afterEach(() => own.close());

  const signed = async (times: number[], change = (note: string) => note) => {
    const note = change(cosigned(ledger.note!().toString(), times));
    ledger.note = () => Buffer.from(note);
    await own.audit.patrol.look();
    return integrity();
  };

  it('those that signed are named, as of when enough had', async () => {
    expect(await signed([seconds() - 30, seconds() - 20])).toMatchObject({
      witnesses: ['w1.test', 'w2.test'],
      signedAt: '2026-03-01T09:59:30.000Z',
      witnessed: { size: SIZE, problem: null },
    });
  });

  it('too few, too old, and forged ones are told from enough', async () => {
    expect(await signed([seconds()])).toMatchObject({
      witnesses: [],
      signedAt: null,
      witnessed: { size: null, problem: expect.stringContaining('only w1.test') },
    });
    ledger.signs(SIZE);
    expect(await signed([seconds() - 700, seconds() - 700])).toMatchObject({
      witnessed: { size: SIZE, problem: expect.stringContaining('seconds ago') },
    });
    ledger.signs(SIZE);
    const forge = (note: string) =>
      note.replace(/(\u2014 w2\.test .{40})(.)/, (_, before: string, one: string) => before + (one === 'A' ? 'B' : 'A'));
    expect(await signed([seconds(), seconds()], forge)).toMatchObject({
      witnesses: [],
      witnessed: { size: null, problem: expect.stringContaining('not made by the witness') },
    });
  });
});

function rootsOf(tiles: Uint8Array[]): Uint8Array {
  const tree = new Frontier(nodePrimitives.sha256);
  for (let i = 0; i < TILE; i++) tree.append(new Uint8Array(tiles[0]!.subarray(i * 32, (i + 1) * 32)));
  return tree.root();
}
