import { vaultTables } from '@attesta/vault';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Vault1763800000001 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(vaultTables);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('the vault is never taken down by a migration'));
  }
}
