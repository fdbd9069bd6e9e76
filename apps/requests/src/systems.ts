import { randomBytes } from 'node:crypto';
import type { TaskKind } from '@attesta/sdk';
import { Problem } from '@attesta/service-kit';
import type { Requests } from './requests.js';

/** A connected system: what it holds, and how it is asked. */
export interface System {
  id: string;
  title: string;
  /** CloudEvents source that its tokens may speak for. */
  source: string;
  /** Data categories of the policy that it holds. */
  categories: string[];
  /** What it can be asked for. */
  kinds: TaskKind[];
  /** The party of the policy that it belongs to, where it is another's. */
  party?: string;
  /** Where its tasks are sent; without it, it fetches them. */
  url?: string;
}

/** The register of connected systems. */
export class Systems {
  constructor(private readonly requests: Requests) {}

  /** Registers a system, or changes it. @returns the webhook's secret (Standard Webhooks), told once: when a URL is first given */
  async register(system: System): Promise<{ secret?: string }> {
    const { pool, strongbox, policy } = this.requests;
    const unknown = system.categories.findIndex((category) => !policy.categories.has(category));
    if (unknown >= 0) throw unfit(`/categories/${unknown}`, 'unknown-data-category', 'is no data category of the policy');
    if (system.party !== undefined && !policy.parties.has(system.party))
      throw unfit('/party', 'unknown-party', 'is no party of the policy');
    if (system.url !== undefined && !isSafe(system.url)) throw unfit('/url', 'unsafe-url', 'is neither https nor on this machine');
    const { rows } = await pool.query<{ has: boolean }>('select secret is not null as has from system where id = $1', [system.id]);
    const secret = system.url !== undefined && rows[0]?.has !== true ? `whsec_${randomBytes(32).toString('base64')}` : undefined;
    const sealed = secret === undefined ? undefined : await strongbox.seal(system.id, Buffer.from(secret));
    await pool.query(
      `insert into system (id, body, kek, secret) values ($1, $2, $3, $4)
       on conflict (id) do update set body = excluded.body, kek = coalesce(excluded.kek, system.kek), secret = coalesce(excluded.secret, system.secret)`,
      [system.id, system, sealed?.kek ?? null, sealed?.box ?? null],
    );
    return secret === undefined ? {} : { secret };
  }

  async all(): Promise<System[]> {
    const { rows } = await this.requests.pool.query<{ body: System }>('select body from system order by id');
    return rows.map(({ body }) => body);
  }

  async find(id: string): Promise<System | undefined> {
    const { rows } = await this.requests.pool.query<{ body: System }>('select body from system where id = $1', [id]);
    return rows[0]?.body;
  }

  async secret(id: string): Promise<string | undefined> {
    const { rows } = await this.requests.pool.query<{ kek: string | null; secret: Buffer | null }>(
      'select kek, secret from system where id = $1',
      [id],
    );
    const found = rows[0];
    if (found?.kek == null || found.secret === null) return undefined;
    return (await this.requests.strongbox.open(id, { kek: found.kek, box: found.secret })).toString();
  }
}

/** Personal values leave over TLS alone, or not this machine. */
function isSafe(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname));
}

const unfit = (field: string, code: string, message: string) =>
  Problem.invalid([{ field, code, message, fix: 'see the policy, and the registered systems at GET /v1/systems' }]);
