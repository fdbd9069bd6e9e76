import type { MigrationInterface, QueryRunner } from 'typeorm';
import { amendmentTable } from '../amendments.schema.js';

export class Amendments1763800000003 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(amendmentTable);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('the ledger is never taken down by a migration'));
  }
}
