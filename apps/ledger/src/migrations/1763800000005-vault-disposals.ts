import { vaultDisposals } from '@attesta/vault';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class VaultDisposals1763800000005 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(vaultDisposals);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('the vault is never taken down by a migration'));
  }
}
