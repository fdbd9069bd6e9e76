import { cosign, formatWitnessKey, splitNote, type VerifierKey } from '@attesta/proof';
import { publicKeyOf, signEd25519 } from '@attesta/proof/node';
import { createPool, runMigrations } from '@attesta/service-kit';
import type { KeyObject } from 'node:crypto';
import type pg from 'pg';
import {
  NEVER_COSIGNED,
  readAddCheckpoint,
  refuseOtherHistory,
  refuseStranger,
  type AddCheckpoint,
  type LastCosigned,
  type Refusal,
} from './add-checkpoint.decider.js';
import { Witness1764200000000 } from './migrations/1764200000000-witness.js';

export interface WitnessOptions {
  name: string;
  privateKey: KeyObject;
  /** Keys of the logs that are witnessed; a log's name is its origin, and it may have several. */
  logs: readonly VerifierKey[];
  databaseUrl: string;
  now?: () => Date;
}

export type Answer = { status: 200; cosignature: string } | Refusal;

/** Cosigns checkpoints that continue the one it cosigned before (C2SP tlog-witness). Any number of processes may share its key and database. */
export class Witness {
  private readonly publicKey: Uint8Array;
  private readonly now: () => Date;

  private constructor(
    private readonly options: WitnessOptions,
    readonly pool: pg.Pool,
  ) {
    this.publicKey = publicKeyOf(options.privateKey);
    this.now = options.now ?? (() => new Date());
  }

  static async open(options: WitnessOptions): Promise<Witness> {
    await runMigrations(options.databaseUrl, [Witness1764200000000]);
    const pool = createPool({ url: options.databaseUrl, name: 'attesta-witness', statementTimeoutMs: 10_000 });
    return new Witness(options, pool);
  }

  /** C2SP verifier key line, of type 0x04. */
  get verifierKey(): string {
    return formatWitnessKey(this.options.name, this.publicKey);
  }

  /** @param body of add-checkpoint */
  async addCheckpoint(body: string): Promise<Answer> {
    const asked = readAddCheckpoint(body);
    if ('status' in asked) return asked;
    return refuseStranger(asked, this.options.logs) ?? (await this.inOrder(asked));
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  /** One request of a log at a time: what was cosigned last is read, compared and replaced under a lock, and on disk before anybody has the cosignature. */
  private async inOrder(asked: AddCheckpoint): Promise<Answer> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    const note = (error: Error) => {
      broken = error;
    };
    client.on('error', note);
    try {
      await client.query('begin');
      await client.query('set local synchronous_commit to on');
      const answer = await this.cosigned(client, asked);
      await client.query('commit');
      return answer;
    } catch (error) {
      await client.query('rollback').catch(note);
      throw error;
    } finally {
      client.off('error', note);
      client.release(broken);
    }
  }

  private async cosigned(client: pg.PoolClient, asked: AddCheckpoint): Promise<Answer> {
    const { origin, size, root } = asked.checkpoint;
    const last = await lastCosigned(client, origin);
    const now = this.now();
    const refusal = refuseOtherHistory(asked, last);
    if (refusal?.contradiction && last.note !== null) {
      await client.query('insert into contradiction (origin, cosigned, refused, found_at) values ($1, $2, $3, $4) on conflict do nothing', [
        origin,
        last.note,
        asked.note,
        now,
      ]);
    }
    if (refusal) return refusal;
    await client.query('update witnessed set size = $2, root = $3, note = $4, at = $5 where origin = $1', [
      origin,
      size,
      root,
      asked.note,
      now,
    ]);
    const { name, privateKey } = this.options;
    // The time is taken under the lock: as of then, nothing larger was cosigned.
    const time = Math.floor(now.getTime() / 1000);
    const cosignature = cosign(splitNote(asked.note).text, { name, publicKey: this.publicKey, time }, (message) =>
      signEd25519(privateKey, message),
    );
    return { status: 200, cosignature };
  }
}

async function lastCosigned(client: pg.PoolClient, origin: string): Promise<LastCosigned & { note: string | null }> {
  const { size, root } = NEVER_COSIGNED;
  await client.query('insert into witnessed (origin, size, root) values ($1, $2, $3) on conflict do nothing', [origin, size, root]);
  const { rows } = await client.query<{ size: string; root: Buffer; note: string | null }>(
    'select size, root, note from witnessed where origin = $1 for update',
    [origin],
  );
  const row = rows[0]!;
  return { size: Number(row.size), root: new Uint8Array(row.root), note: row.note };
}
