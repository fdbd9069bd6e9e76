import path from 'node:path';
import { Announcer, Appender, Integrator, SealedLogReader } from '@attesta/event-log';
import type { Policy } from '@attesta/policy';
import { LogReader, type WitnessPolicy } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { createPool, histogram } from '@attesta/service-kit';
import { ErasureJournal, Vault } from '@attesta/vault';
import pg from 'pg';
import { ContactBook } from './contacts.js';
import { Cosignatures } from './cosignatures.js';
import { Cosigner, type WitnessChange } from './cosigner.js';
import { Destroyer } from './destroyer.js';
import { Disposer } from './disposer.js';
import { Fence } from './fence.js';
import { LivingPolicy } from './living-policy.js';
import { LogFiles } from './log-files.js';
import type { LogKeys } from './log-keys.js';
import { loadSecrets, SecretsMissing, type KeyEncryption, type LedgerSecrets } from './ledger.secrets.js';
import { migrate } from './migrate.js';
import { Rejections } from './rejections.js';
import { Replay, type Replayed } from './replay.js';
import { Sealer } from './sealer.js';
import { SubjectDirectory } from './subject-directory.js';

export interface LedgerOptions {
  databaseUrl: string;
  /** Owner of the tables; the service's own role then may only read and append. */
  migrationUrl?: string | undefined;
  vaultUrl: string;
  vaultMigrationUrl?: string | undefined;
  /** Name of the log: first line of every checkpoint. */
  origin: string;
  /** Directory of the ledger's keys. */
  keys: string;
  /** Where key-encryption keys are; a keyring file in that directory, where nothing is said. */
  keyEncryption?: KeyEncryption | undefined;
  /** As its file has it; what is published and registered later comes from the log. */
  policy: Policy;
  /** Witnesses that are asked to sign the checkpoints. */
  witnessPolicy?: WitnessPolicy | undefined;
  witnessesEveryMs?: number;
  onWitness?: (change: WitnessChange) => void;
  lanes?: number;
  batch?: number;
  checkpointEveryMs?: number;
  now?: () => Date;
  onError?: (error: unknown) => void;
  /** Called when a database had been restored from a backup, and what had been destroyed since was destroyed again. */
  onReplayed?: (replayed: Replayed) => void;
}

/** The write side, whole: sealer, tree, vault and what reads them. One per process. */
export class Ledger {
  private constructor(
    readonly options: LedgerOptions,
    readonly pool: pg.Pool,
    readonly vaultPool: pg.Pool,
    readonly secrets: LedgerSecrets,
    readonly vault: Vault,
    readonly directory: SubjectDirectory,
    /** The policy in force; `current` moves. */
    readonly livingPolicy: LivingPolicy,
    readonly reader: SealedLogReader,
    readonly rejections: Rejections,
    readonly sealer: Sealer,
    readonly destroyer: Destroyer,
    readonly integrator: Integrator,
    readonly files: LogFiles,
    /** Proofs over our own tiles. */
    readonly log: LogReader,
    private readonly appender: Appender,
    private readonly announcer: Announcer,
    private readonly disposer: Disposer,
    /** Absent where no witnesses are asked. */
    readonly cosigner: Cosigner | undefined,
  ) {}

  /** C2SP verifier key line of the log; another one once its key has changed. */
  get verifierKey(): string {
    return this.secrets.logKeys.verifierKey;
  }

  /** Events taken in here and not yet settled. */
  get queued(): number {
    return this.appender.queued;
  }

  /** The policy with what was published and registered since its file was written, as far as this ledger has seen. */
  get policy(): Policy {
    return this.livingPolicy.current;
  }

  /**
   * Migrates, reads or makes the keys, destroys again what came back with a restored database, and starts sealing.
   * @throws SecretsMissing, or Error when the checkpoint in the database was not signed by our key
   */
  static async open(options: LedgerOptions): Promise<Ledger> {
    await migrate(options);
    const now = options.now ?? (() => new Date());
    const pool = createPool({ url: options.databaseUrl, name: 'attesta-ledger', max: 12 });
    const vaultPool = createPool({ url: options.vaultUrl, name: 'attesta-vault', max: 6 });
    const reader = new SealedLogReader(pool);
    const secrets = await loadSecrets(options.keys, options.origin, (await reader.size()) === 0, options.keyEncryption);
    const cosignatures = options.witnessPolicy && new Cosignatures(pool, options.witnessPolicy);
    const files = new LogFiles(pool, secrets.logKeys, cosignatures);
    await refuseForeignLog(files, secrets.logKeys);

    const vault = new Vault({ pool: vaultPool, provider: secrets.keyProvider });
    await vault.start();
    const fence = await Fence.open(pool, vault);
    const announcer = new Announcer(pool);
    const appending = histogram('attesta_log_append_duration_seconds');
    const appender = new Appender({
      connect: () => connect(options.databaseUrl),
      lanes: options.lanes ?? 2,
      batch: options.batch ?? 500,
      now,
      renew: (drafts) => fence.renew(drafts),
      onAppended: () => announcer.announce(),
      onBatch: (milliseconds) => appending.record(milliseconds / 1_000),
    });
    const rejections = new Rejections(pool, secrets.intakeKey, now);
    const policy = new LivingPolicy({
      pool,
      file: options.policy,
      connect: () => connect(options.databaseUrl),
      now,
      onAppended: () => announcer.announce(),
    });
    await policy.refresh();
    const { pepper, intakeKey } = secrets;
    const sealer = new Sealer({ appender, vault, fence, rejections, reader, pool, now, policy, pepper, intakeKey });
    const journal = new ErasureJournal(path.join(options.keys, 'erasures.jsonl'));
    const destroyer = new Destroyer({ pool, vault, fence, journal, rejections, sealer, now });
    const { backupsKeptFor } = options.policy;
    const { onError, onReplayed } = options;
    const replay = new Replay({ pool, vaultPool, vault, journal, reader, sealer, now, backupsKeptFor, onReplayed, onError });
    await replay.run();
    const disposer = new Disposer({ pool, reader, vault, fence, sealer, destroyer, replay, now, onError });
    disposer.start();
    const signing = histogram('attesta_log_checkpoint_duration_seconds');
    const integrator = new Integrator({
      pool,
      origin: options.origin,
      sign: (text) => secrets.logKeys.sign(text),
      everyMs: options.checkpointEveryMs ?? 400,
      now,
      onCheckpoint: ({ milliseconds }) => signing.record(milliseconds / 1_000),
      ...(onError && { onError }),
    });
    await integrator.start();
    const log = new LogReader(nodePrimitives, (path) => files.read(path));
    const cosigner =
      cosignatures &&
      new Cosigner({
        pool,
        policy: options.witnessPolicy!,
        log,
        cosignatures,
        leads: () => integrator.leads,
        now,
        everyMs: options.witnessesEveryMs,
        onWitness: options.onWitness,
        onError,
      });
    cosigner?.start();
    return new Ledger(
      options,
      pool,
      vaultPool,
      secrets,
      vault,
      new SubjectDirectory(vault, new ContactBook({ reader, vault, policy, sealer, now })),
      policy,
      reader,
      rejections,
      sealer,
      destroyer,
      integrator,
      files,
      log,
      appender,
      announcer,
      disposer,
      cosigner,
    );
  }

  async close(): Promise<void> {
    await this.cosigner?.stop();
    await this.disposer.stop();
    await this.integrator.stop();
    this.announcer.stop();
    await this.appender.close();
    await this.vault.stop();
    await Promise.all([this.pool.end(), this.vaultPool.end()]);
  }
}

export { SecretsMissing };

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'attesta-ledger-append',
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => undefined); // the append under way fails and says so
  await client.connect();
  return client;
}

/** A log goes on under the key it was begun with, or not at all. */
async function refuseForeignLog(files: LogFiles, keys: LogKeys): Promise<void> {
  const note = await files.checkpoint();
  if (note === undefined) return;
  try {
    keys.open(note);
  } catch (cause) {
    throw new Error(
      'The newest checkpoint in the database was not signed by this key under this origin. Restore the keys and ATTESTA_ORIGIN this log was begun with.',
      { cause },
    );
  }
}
