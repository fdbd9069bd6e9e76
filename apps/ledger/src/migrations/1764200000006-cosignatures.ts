import type { MigrationInterface, QueryRunner } from 'typeorm';
import { cosignatureTables } from '../cosignatures.schema.js';

export class Cosignatures1764200000006 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(cosignatureTables);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('the ledger is never taken down by a migration'));
  }
}
