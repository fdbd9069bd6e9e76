import { sealedLogFunctions } from '@attesta/event-log';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { disposalTables } from '../disposals.schema.js';

export class Disposals1763800000004 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(sealedLogFunctions + disposalTables);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('the ledger is never taken down by a migration'));
  }
}
