import { randomUUID } from 'node:crypto';
import type { Entry, EventTypes, SealedPart } from '@attesta/events';
import type { SealedLogReader, StoredEntry } from '@attesta/event-log';
import { endOfDuration } from '@attesta/policy';
import {
  destroyAgain,
  follow,
  followed,
  followOn,
  loseUnknown,
  type Destruction,
  type Erasure,
  type ErasedPart,
  type ErasureJournal,
  type Remembered,
  type Vault,
} from '@attesta/vault';
import type pg from 'pg';
import { locate, removeCiphertexts } from './ciphertexts.js';
import { erasuresReplayed, LEDGER_SOURCE, sealedAlready, sealOwn, tellingOf } from './ledger-events.js';
import type { Sealer } from './sealer.js';

/** What had come back with a restored database, and is gone again. */
export interface Replayed {
  database: 'vault' | 'ledger';
  /** Forgotten again; for the ledger, whose forgetting was sealed again. */
  people: number;
  /** Destroyed again; for the ledger, whose destruction was sealed again. */
  keys: number;
  /** Removed again. */
  ciphertexts: number;
  /** Keys given out since the backup and lost with it: what was sealed under them cannot be opened any more. */
  lost: number;
}

export interface ReplayOptions {
  /** The log's database. */
  pool: pg.Pool;
  vaultPool: pg.Pool;
  vault: Vault;
  journal: ErasureJournal;
  reader: SealedLogReader;
  sealer: Sealer;
  now: () => Date;
  /** How long backups are kept (ISO 8601 duration). */
  backupsKeptFor: string;
  onReplayed?: ((replayed: Replayed) => void) | undefined;
  onError?: ((error: unknown) => void) | undefined;
}

const ALONE = "select pg_advisory_lock(hashtextextended('attesta replay', 0))";
const JOURNAL = 'journal';
const LOG = 'log';
const ENTRIES = 1_000;

/**
 * Brings databases that were restored from a backup to forget again what was destroyed since: by the journal, and the vault also by the log. Where
 * nothing was restored it finishes what a crash interrupted, and costs a look.
 */
export class Replay {
  /** Size of the log up to which this process knows the vault to have followed it. */
  private followedTo = 0;

  constructor(private readonly options: ReplayOptions) {}

  /** Before anything is served. Of several processes that start one does the work. */
  async run(): Promise<void> {
    const client = await this.options.vaultPool.connect();
    const cut = () => undefined; // the lock goes with the connection; to replay twice is to replay once
    client.on('error', cut);
    try {
      await client.query('set statement_timeout = 0');
      await client.query(ALONE);
      await this.replay();
    } finally {
      client.release(true);
    }
  }

  /** Notes that the vault is as far as the log; one that was restored beneath a running ledger follows the log again. */
  async keepUp(): Promise<void> {
    const { vaultPool, reader } = this.options;
    const size = await reader.size();
    if (size === this.followedTo || (await followOn(vaultPool, LOG, this.followedTo, size))) {
      this.followedTo = size;
      return;
    }
    const found = (await followed(vaultPool, LOG))?.at ?? 0;
    if (found < this.followedTo) await this.run();
    else this.followedTo = found;
  }

  private async replay(): Promise<void> {
    const vault: Replayed = { database: 'vault', people: 0, keys: 0, ciphertexts: 0, lost: 0 };
    const ledger: Replayed = { database: 'ledger', people: 0, keys: 0, ciphertexts: 0, lost: 0 };
    await this.followJournal(vault, ledger);
    await this.followLog(vault);
    for (const replayed of [vault, ledger]) {
      const { people, keys, ciphertexts, lost, database } = replayed;
      if (people + keys + ciphertexts + lost === 0) continue;
      this.options.onReplayed?.(replayed);
      if (people + keys + ciphertexts === 0) continue;
      const time = this.options.now().toISOString();
      await sealOwn(this.options.sealer, [erasuresReplayed(randomUUID(), time, { database, people, keys, ciphertexts })]);
    }
  }

  private async followJournal(vault: Replayed, ledger: Replayed): Promise<void> {
    const { journal, pool, vaultPool, onError } = this.options;
    const from = Math.min(await this.journaled(vaultPool), await this.journaled(pool));
    const end = await journal.read(
      from,
      async (batch) => {
        for (const told of [true, false])
          await this.again(
            batch.filter((one) => one.told === told),
            vault,
            ledger,
          );
      },
      (at) => onError?.(new Error(`the journal of erasures holds a line that cannot be read, at byte ${at}`)),
    );
    const { backupsKeptFor, now, vault: keys } = this.options;
    const isOver = (time: string) => endOfDuration(Date.parse(time), backupsKeptFor) < now().getTime();
    const at = await keys.alone(() => journal.prune(isOver, end));
    const mark = (await journal.mark(at)) ?? null;
    for (const db of [vaultPool, pool]) await follow(db, JOURNAL, { at, mark });
  }

  /** Where a database stands in the journal; at its beginning when that is not the journal it knew. */
  private async journaled(db: pg.Pool): Promise<number> {
    const known = await followed(db, JOURNAL);
    return known && (await this.options.journal.mark(known.at)) === known.mark ? known.at : 0;
  }

  /** Only what had been carried out to its end can have come back; the rest was interrupted, and is finished. */
  private async again(batch: readonly Remembered[], vault: Replayed, ledger: Replayed): Promise<void> {
    if (batch.length === 0) return;
    const { pool, journal, sealer, vault: keys, now, onError } = this.options;
    const erasures = batch.map(({ erasure }) => erasure);
    const told = batch[0]!.told;
    const counted = told ? { vault, ledger } : { vault: { ...vault }, ledger: { ...ledger } };
    await this.destroyAgain(erasures.filter(hasKeys).map(destructionOf), false, counted.vault);
    const parts = erasures.flatMap((erasure) => placesOf(erasure));
    const removed = await removeCiphertexts(pool, await this.present(parts));
    counted.ledger.ciphertexts += removed;

    const telling = erasures.flatMap(tellingOf);
    const already = await sealedAlready(
      pool,
      telling.map(({ id }) => id),
    );
    const untold = telling.filter(({ id }) => !already.has(id));
    // One that cannot be told must not keep the ledger from starting: what it tells of is destroyed.
    await sealOwn(sealer, untold).catch((error: unknown) => onError?.(error));
    for (const event of untold) {
      if (event.type !== 'attesta.key.destroyed.v1') continue;
      const data = event.data as EventTypes['attesta.key.destroyed.v1'];
      counted.ledger.keys += data.keys.length;
      if (data.scope === 'subject') counted.ledger.people++;
    }
    const ids = erasures.map(({ id }) => id);
    await keys.told(ids);
    if (!told) await journal.tell(ids, now().toISOString());
  }

  private async destroyAgain(destructions: readonly Destruction[], told: boolean, counted: Replayed): Promise<void> {
    if (destructions.length === 0) return;
    const again = await destroyAgain(this.options.vaultPool, destructions, told);
    for (const { people, keys } of again.values()) {
      counted.people += people;
      counted.keys += keys;
    }
  }

  /** The parts that are still the ones that were erased: after a restore another entry may stand at their position. */
  private async present(parts: readonly ErasedPart[]): Promise<ErasedPart[]> {
    const located = await locate(
      this.options.pool,
      parts.map(([position, part]) => ({ position, part })),
    );
    return parts.filter(([, , nonce], i) => located[i]?.part[2] === nonce);
  }

  /** What the log says was destroyed is destroyed, and keys it names that the vault does not know are lost. */
  private async followLog(vault: Replayed): Promise<void> {
    const { reader, vaultPool } = this.options;
    const size = await reader.size();
    let at = Math.min((await followed(vaultPool, LOG))?.at ?? 0, size);
    while (at < size) {
      const entries = await reader.read(at - 1, Math.min(ENTRIES, size - at));
      await this.destroyAgain(entries.flatMap(destroyedIn), true, vault);
      const named = entries.flatMap(keysIn);
      const lost = named.length > 0 ? await loseUnknown(vaultPool, named) : 0;
      vault.lost += lost;
      at = entries.at(-1)!.position + 1;
      await follow(vaultPool, LOG, { at, mark: null });
    }
    await follow(vaultPool, LOG, { at, mark: null });
    this.followedTo = at;
  }
}

const hasKeys = ({ keys, scope }: Erasure): boolean => keys.length > 0 || scope === 'subject';

const destructionOf = ({ id, at, subject, keys, scope, reason, actor }: Erasure): Destruction => {
  return { id, at, subject, keys: [...keys], whole: scope === 'subject', reason, actor: actor ?? null };
};

const placesOf = ({ parts = [], dead = [] }: Erasure): ErasedPart[] => [...parts, ...dead];

const SEALED = '"sealed":[';
const DESTROYED = '"type":"attesta.key.destroyed.v1"';

function destroyedIn({ bytes }: StoredEntry): Destruction[] {
  if (!bytes.includes(DESTROYED)) return [];
  const { type, source, id, time, subject, actor = null, data } = JSON.parse(bytes.toString('utf8')) as Entry;
  if (type !== 'attesta.key.destroyed.v1' || source !== LEDGER_SOURCE || !subject) return [];
  const { keys, scope, reason } = data as EventTypes['attesta.key.destroyed.v1'];
  return [{ id, at: time, subject: subject.id, keys: keys.map(({ key }) => key), whole: scope === 'subject', reason, actor }];
}

function keysIn({ bytes }: StoredEntry): Pick<SealedPart, 'subject' | 'key'>[] {
  if (!bytes.includes(SEALED)) return [];
  const { sealed = [] } = JSON.parse(bytes.toString('utf8')) as Entry;
  return sealed.map(({ subject, key }) => ({ subject, key }));
}
