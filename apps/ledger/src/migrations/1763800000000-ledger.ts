import { sealedLogTables } from '@attesta/event-log';
import { feedTables, relayTables } from '@attesta/transport';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { rejectionTables } from '../rejections.schema.js';

export class Ledger1763800000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(sealedLogTables + rejectionTables + feedTables + relayTables);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('the ledger is never taken down by a migration'));
  }
}
