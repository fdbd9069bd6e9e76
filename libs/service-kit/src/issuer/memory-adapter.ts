import { LRUCache } from 'lru-cache';
import type { Adapter, AdapterPayload } from 'oidc-provider';

/** Of each kind of thing (sessions, codes, refresh tokens); beyond that the one longest not used goes first. */
const MOST_OF_A_KIND = 5_000;
/** A bound where the provider gives none; nothing of ours lives longer. */
const LONGEST_S = 24 * 3_600;

/** What an issuer remembers of logins: bounded, each until it expires, and none of it longer than the process runs. */
export function memoryAdapter(most = MOST_OF_A_KIND): (model: string) => Adapter {
  const kinds = new Map<string, Kind>();
  return (model) => {
    const known = kinds.get(model) ?? new Kind(most);
    kinds.set(model, known);
    return known;
  };
}

class Kind implements Adapter {
  private readonly entries: LRUCache<string, AdapterPayload>;
  private readonly idByUid: LRUCache<string, string>;
  /** What was issued under a grant, to be revoked with it. */
  private readonly idsByGrant: LRUCache<string, Set<string>>;

  constructor(max: number) {
    this.entries = new LRUCache({ max });
    this.idByUid = new LRUCache({ max });
    this.idsByGrant = new LRUCache({ max });
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn = LONGEST_S): Promise<void> {
    const ttl = expiresIn * 1_000;
    this.entries.set(id, payload, { ttl });
    if (payload.uid !== undefined) this.idByUid.set(payload.uid, id, { ttl });
    if (payload.grantId === undefined) return;
    const ids = this.idsByGrant.get(payload.grantId) ?? new Set();
    for (const one of ids) if (!this.entries.has(one)) ids.delete(one);
    this.idsByGrant.set(payload.grantId, ids.add(id), { ttl: LONGEST_S * 1_000 });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.entries.get(id);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const id = this.idByUid.get(uid);
    return id === undefined ? undefined : this.find(id);
  }

  /** Devices without a browser are not served. */
  async findByUserCode(): Promise<undefined> {}

  async consume(id: string): Promise<void> {
    const payload = this.entries.get(id);
    if (payload) payload.consumed = Math.floor(Date.now() / 1_000);
  }

  async destroy(id: string): Promise<void> {
    this.entries.delete(id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const id of this.idsByGrant.get(grantId) ?? []) this.entries.delete(id);
    this.idsByGrant.delete(grantId);
  }
}
