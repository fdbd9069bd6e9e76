import { encodeEntryBundle, parseTilePath } from '@attesta/proof';
import type pg from 'pg';
import type { LogKeys } from './log-keys.js';
import type { Cosignatures } from './cosignatures.js';

const TILE = 256;

/** What is not there (yet): a path beyond the tree, or one that tlog-tiles does not know. */
export class NoSuchFile extends Error {}

/** The log as C2SP tlog-tiles lays it out, read from the database: `checkpoint`, `tile/<L>/<N>[.p/<W>]`, `tile/entries/<N>[.p/<W>]`; and `checkpoint/witnessed`, `key/changes`. */
export class LogFiles {
  constructor(
    private readonly pool: pg.Pool,
    private readonly keys: Pick<LogKeys, 'changes'>,
    /** Absent where no witnesses are asked. */
    private readonly cosignatures?: Cosignatures,
  ) {}

  /** The newest signed checkpoint with the cosignatures it has so far; undefined while the log was never signed. */
  async checkpoint(): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ note: string }>({
      name: 'checkpoint',
      text: `select note || coalesce((select string_agg(line, '' order by witness) from cosignature s where s.size = c.size), '') as note
             from checkpoint c order by size desc limit 1`,
    });
    return rows[0]?.note;
  }

  /** The newest checkpoint that enough witnesses signed; undefined while there is none. */
  async witnessedCheckpoint(): Promise<string | undefined> {
    return this.cosignatures?.newestWitnessed();
  }

  /** @throws NoSuchFile */
  async read(path: string): Promise<Uint8Array> {
    if (path === 'checkpoint') {
      const note = await this.checkpoint();
      if (note === undefined) throw new NoSuchFile('nothing is signed yet');
      return Buffer.from(note);
    }
    if (path === 'checkpoint/witnessed') {
      const note = await this.witnessedCheckpoint();
      if (note === undefined) throw new NoSuchFile('no checkpoint is witnessed');
      return Buffer.from(note);
    }
    if (path === 'key/changes') return Buffer.from(JSON.stringify(this.keys.changes()));
    const address = parseTilePath(path);
    if (!address) throw new NoSuchFile('not a path of tlog-tiles');
    return address.level === 'entries' ? this.entries(address.n, address.width) : this.tile(address.level, address.n, address.width);
  }

  private async tile(level: number, n: number, width: number): Promise<Uint8Array> {
    const { rows } = await this.pool.query<{ hashes: Buffer }>({
      name: 'tile',
      text: 'select hashes from tile where level = $1 and n = $2',
      values: [level, n],
    });
    const hashes = rows[0]?.hashes;
    if (!hashes || hashes.length < width * 32) throw new NoSuchFile('the tree has not grown this far');
    return hashes.subarray(0, width * 32);
  }

  /**
   * Entries are served as far as the tree reaches, or did when it was signed. Should rows be missing, the bundle is what is left: whoever
   * checks it against the hash tiles, which stand elsewhere, can then say which position is gone.
   */
  private async entries(n: number, width: number): Promise<Uint8Array> {
    const first = n * TILE;
    const { rows } = await this.pool.query<{ bytes: Buffer | null; size: string }>({
      name: 'bundle',
      text: `select e.bytes, t.size from (select greatest(size, (select max(size) from checkpoint)) as size from tree_head) t
             left join entry e on e.position >= $1 and e.position < $2 order by e.position`,
      values: [first, first + width],
    });
    if (Number(rows[0]!.size) < first + width) throw new NoSuchFile('the tree has not grown this far');
    return encodeEntryBundle(rows.flatMap(({ bytes }) => bytes ?? []));
  }
}
