import type { KeyProvider } from '@attesta/vault';

/** Dates of birth, encrypted for the database: they never enter a log or a topic, and a backup without the key-encryption key does not tell them. */
export class Births {
  constructor(private readonly provider: KeyProvider) {}

  /** @param birthDate YYYY-MM-DD */
  async seal(birthDate: string): Promise<{ kek: string; sealed: Buffer }> {
    const [key] = await this.provider.wrap([Buffer.from(birthDate)]);
    return { kek: key!.kek, sealed: key!.wrapped };
  }

  /** @throws KeyEncryptionKeyMissing */
  async open(rows: readonly { kek: string; sealed: Buffer }[]): Promise<string[]> {
    if (rows.length === 0) return [];
    return (await this.provider.unwrap(rows.map(({ kek, sealed }) => ({ kek, wrapped: sealed })))).map(String);
  }
}
