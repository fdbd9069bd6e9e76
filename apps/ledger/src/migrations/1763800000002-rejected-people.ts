import type { MigrationInterface, QueryRunner } from 'typeorm';
import { rejectedPeople } from '../rejections.schema.js';

export class RejectedPeople1763800000002 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(rejectedPeople);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('the ledger is never taken down by a migration'));
  }
}
