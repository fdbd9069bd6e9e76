import { Frontier, leafHash } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { AttackedLog, type Visit } from './attacked-log-rig.js';

const { sha256 } = nodePrimitives;

/** Sizes of an earlier checkpoint, of a full tile, and of the log that is attacked. */
const EARLY = 280;
const TILE = 256;
const SIZE = 320;
const STATE = 'log.state';

const edit = (position: number) => expect.objectContaining({ kind: 'edit', position }) as unknown;
const found = ({ code, problems }: Visit) => ({ code, problems: problems.map(({ message: _, ...problem }) => problem) });

describe('attesta log verify, after somebody with all rights has been in PostgreSQL', () => {
  let log: AttackedLog;

  beforeAll(async () => {
    log = await AttackedLog.start();
    expect(await log.seal(EARLY, 'first')).toBe(EARLY);
    await log.backUp('early');
    expect(await log.seal(SIZE - EARLY, 'then')).toBe(SIZE);
    await log.backUp('honest');
    expect(await log.verify(STATE)).toMatchObject({ code: 0, size: SIZE, problems: [] });
  }, 120_000);
  afterEach(() => log.restore('honest'));
  afterAll(() => log.stop());

  it('finds the log intact that nobody touched', async () => {
    expect(await log.verify(STATE)).toMatchObject({ code: 0, size: SIZE, problems: [] });
  });

  describe('an edit', () => {
    it.each([
      ['the first entry', 0],
      ['one in the middle', 130],
      ['the last of a tile', TILE - 1],
      ['the first of the next tile', TILE],
      ['the last of the log', SIZE - 1],
    ])('of one byte of %s, whichever', async (_which, position) => {
      const { length } = await log.bytesOf(position);
      for (const at of [0, length >> 1, length - 1]) {
        const flip = 'update entry set bytes = set_byte(bytes, $2, get_byte(bytes, $2) # 1) where position = $1';
        await log.sql(flip, [position, at]);
        expect(found(await log.verify(STATE))).toEqual({ code: 1, problems: [{ kind: 'edit', position }] });
        await log.sql(flip, [position, at]);
      }
      expect(await log.verify(STATE)).toMatchObject({ code: 0 });
    });

    it('of a byte in every entry, each at another place, names them all', async () => {
      await log.sql(
        'update entry set bytes = set_byte(bytes, (position * 7 % length(bytes))::int, get_byte(bytes, (position * 7 % length(bytes))::int) # 4)',
      );
      expect(found(await log.verify(STATE))).toEqual({
        code: 1,
        problems: Array.from({ length: SIZE }, (_, position) => ({ kind: 'edit', position })),
      });
    });

    it('of a range of entries across two tiles', async () => {
      await log.sql("update entry set bytes = overlay(bytes placing 'XXXX'::bytea from 30) where position between 250 and 260");
      const { code, problems } = await log.verify(STATE);
      expect({ code, problems }).toEqual({ code: 1, problems: Array.from({ length: 11 }, (_, i) => edit(250 + i)) });
    });

    it('of an entry cut short, and of one made longer', async () => {
      await log.sql('update entry set bytes = substring(bytes for length(bytes) - 1) where position = 7');
      await log.sql("update entry set bytes = bytes || ' '::bytea where position = 300");
      expect(found(await log.verify(STATE))).toEqual({
        code: 1,
        problems: [
          { kind: 'edit', position: 7 },
          { kind: 'edit', position: 300 },
        ],
      });
    });

    it('of leaf hashes in the tiles', async () => {
      await log.sql(
        "update tile set hashes = overlay(hashes placing decode(repeat('00', 64), 'hex') from 32 * 10 + 1) where level = 0 and n = 0",
      );
      await log.sql('update tile set hashes = set_byte(hashes, 32 * 63, get_byte(hashes, 32 * 63) # 1) where level = 0 and n = 1');
      expect(await log.verify(STATE)).toMatchObject({ code: 1, problems: [edit(10), edit(11), edit(SIZE - 1)] });
    });

    it('of a hash in a tile above the leaves', async () => {
      await log.sql('update tile set hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1) where level = 1');
      expect(found(await log.verify(STATE))).toEqual({ code: 1, problems: [{ kind: 'edit', position: 0, lastPosition: TILE - 1 }] });
    });

    it('of a leaf hash in the sealed batch, before the tree took it in', async () => {
      const size = await log.sealAndMeanwhile(
        'while-nobody-looked',
        `update sealed_batch set leaves = set_byte(leaves, 5, get_byte(leaves, 5) # 1) where first = ${SIZE}`,
      );
      expect(size).toBe(SIZE + 1);
      expect(found(await log.verify(STATE))).toEqual({ code: 1, problems: [{ kind: 'edit', position: SIZE }] });
    });

    it('of an entry together with its leaf hash wherever that stands', async () => {
      const forged = Buffer.from((await log.bytesOf(99)).toString().replace('"contract"', '"consent"'));
      await log.sql('update entry set bytes = $1 where position = 99', [forged]);
      const leaf = leafHash(sha256, forged);
      await log.sql('update tile set hashes = overlay(hashes placing $1 from 32 * 99 + 1) where level = 0 and n = 0', [leaf]);
      await log.sql(
        'update sealed_batch set leaves = overlay(leaves placing $1 from (32 * (99 - first) + 1)::int) where first + length(leaves) / 32 > 99 and first <= 99',
        [leaf],
      );
      expect((await log.verify(STATE)).problems).toContainEqual(edit(99));
      // Who never came before has the tile above to go by, and the person's next entry, which carries the hash of this one.
      expect(found(await log.verify())).toEqual({
        code: 1,
        problems: [
          { kind: 'edit', position: 0, lastPosition: TILE - 1 },
          { kind: 'chain', position: expect.any(Number) as number },
        ],
      });
    });
  });

  describe('a reordering', () => {
    it.each([
      ['neighbours', 41, 42],
      ['far apart in one tile', 3, 200],
      ['of two tiles', 17, 301],
    ])('of two rows, %s', async (_how, p, q) => {
      await log.sql(`update entry set position = -1 - position where position in (${p}, ${q})`);
      await log.sql(`update entry set position = ${p + q + 1} + position where position < 0`);
      expect(found(await log.verify(STATE))).toEqual({ code: 1, problems: [{ kind: 'reorder', position: p, positions: [p, q] }] });
    });
  });

  describe('a gap', () => {
    it.each([0, 130, TILE - 1, TILE])('where row %i was deleted', async (position) => {
      await log.sql('delete from entry where position = $1', [position]);
      expect(found(await log.verify(STATE))).toEqual({ code: 1, problems: [{ kind: 'gap', position }] });
    });

    it('where several rows were deleted', async () => {
      await log.sql('delete from entry where position between 100 and 119');
      expect(found(await log.verify(STATE))).toEqual({ code: 1, problems: [{ kind: 'gap', position: 100, lastPosition: 119 }] });
    });

    it('where a hash tile was deleted', async () => {
      await log.sql('delete from tile where level = 0 and n = 0');
      expect(found(await log.verify(STATE))).toEqual({ code: 1, problems: [{ kind: 'gap', position: 0, lastPosition: TILE - 1 }] });
    });

    it('that those behind were moved up to close', async () => {
      await log.sql('delete from entry where position = 130');
      await log.sql('update entry set position = -position where position > 130');
      await log.sql('update entry set position = -position - 1 where position < 0');
      const { code, problems } = await log.verify(STATE);
      expect(code).toBe(1);
      expect(problems[0]).toMatchObject({ kind: 'gap', position: 130 });
    });
  });

  describe('a cut tail', () => {
    it.each([SIZE - 1, 300, TILE, 200])('from row %i on', async (from) => {
      await log.sql('delete from entry where position >= $1', [from]);
      const last = from === SIZE - 1 ? {} : { lastPosition: SIZE - 1 };
      expect(found(await log.verify(STATE))).toEqual({ code: 1, problems: [{ kind: 'truncation', position: from, ...last }] });
    });

    it('from which the tree was cut back too, though not what it had signed', async () => {
      await cutBack();
      expect(found(await log.verify(STATE))).toEqual({
        code: 1,
        problems: [
          { kind: 'gap', position: TILE, lastPosition: SIZE - 1 }, // of the hash tile
          { kind: 'truncation', position: EARLY, lastPosition: SIZE - 1 },
        ],
      });
    });

    it('with everything cut back to an earlier checkpoint: who was here before knows', async () => {
      await cutBack();
      await log.sql('delete from checkpoint where size > $1', [EARLY]);
      expect(found(await log.verify(STATE))).toEqual({
        code: 1,
        problems: [{ kind: 'rollback', position: EARLY, lastPosition: SIZE - 1 }],
      });
      expect(await log.verify()).toMatchObject({ code: 0, size: EARLY }); // and nobody else can
    });

    it('that was grown again under the real key', async () => {
      await cutBack();
      await log.sql('delete from checkpoint where size > $1', [EARLY]);
      expect(await log.seal(SIZE - EARLY, 'instead')).toBe(SIZE);
      expect(found(await log.verify(STATE))).toEqual({ code: 1, problems: [{ kind: 'fork', position: EARLY }] });
    });
  });

  describe('a checkpoint', () => {
    it.each([
      ['its size', "regexp_replace(note, E'\\n320\\n', E'\\n319\\n')"],
      ['its root', "overlay(note placing 'AAAA' from position(E'\\n320\\n' in note) + 10)"],
      ['its signature', "overlay(note placing 'AAAA' from length(note) - 20)"],
    ])('that was not signed like this: %s', async (_what, note) => {
      await log.sql(`update checkpoint set note = ${note} where size = $1`, [SIZE]);
      expect(found(await log.verify(STATE))).toEqual({ code: 1, problems: [{ kind: 'signature' }] });
    });

    it('that is an earlier one', async () => {
      await log.sql('update checkpoint set note = (select note from checkpoint where size = $1) where size = $2', [EARLY, SIZE]);
      expect(found(await log.verify(STATE))).toEqual({
        code: 1,
        problems: [{ kind: 'rollback', position: EARLY, lastPosition: SIZE - 1 }],
      });
    });
  });

  describe('an older backup', () => {
    it('put back in the place of the database', async () => {
      await log.restore('early');
      expect(found(await log.verify(STATE))).toEqual({
        code: 1,
        problems: [{ kind: 'rollback', position: EARLY, lastPosition: SIZE - 1 }],
      });
      expect(await log.verify()).toMatchObject({ code: 0, size: EARLY });
    });

    it.each([
      [
        'a little',
        10,
        [
          { kind: 'fork', position: EARLY },
          { kind: 'rollback', position: EARLY + 10, lastPosition: SIZE - 1 },
        ],
      ],
      ['to the same size', SIZE - EARLY, [{ kind: 'fork', position: EARLY }]],
      ['beyond', 100, [{ kind: 'fork', position: EARLY }]],
    ])('that went on differently, %s', async (_how, count, problems) => {
      await log.restore('early');
      expect(await log.seal(count, 'another-day')).toBe(EARLY + count);
      expect(found(await log.verify(STATE))).toEqual({ code: 1, problems });
      expect(await log.verify()).toMatchObject({ code: 0, size: EARLY + count });
    });
  });

  /** Everything but the checkpoints becomes what it was at the earlier size, as somebody does it who knows the tables. */
  async function cutBack(): Promise<void> {
    const frontier = new Frontier(sha256);
    for (const bytes of await log.entries(0, EARLY)) frontier.append(leafHash(sha256, bytes));
    await log.sql('delete from entry where position >= $1', [EARLY]);
    await log.sql('delete from sealed_batch where first >= $1', [EARLY]);
    await log.sql('update tile set hashes = substring(hashes for 32 * ($1 - 256)::int) where level = 0 and n = 1', [EARLY]);
    await log.sql('update tree_head set size = $1, frontier = $2', [EARLY, Buffer.concat(frontier.state().hashes)]);
    await log.sql('update log_head set size = $1', [EARLY]);
    await log.sql(`update subject_head h set (seq, leaf) = (
      select (j->'subject'->>'seq')::bigint, sha256('\\x00'::bytea || e.bytes)
        from entry e, lateral (select convert_from(e.bytes, 'UTF8')::jsonb as j) d
       where (j->'subject'->>'id')::uuid = h.subject order by e.position desc limit 1)`);
  }
});
