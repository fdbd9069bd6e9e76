import { serviceLogTables } from '@attesta/event-log';
import { feedTables, relayTables } from '@attesta/transport';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { retentionTables } from '../retention.schema.js';

export class Retention1764200000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(retentionTables + serviceLogTables + feedTables + relayTables);
  }

  async down(db: QueryRunner): Promise<void> {
    // The service's own log is not built again from anything, so it stays.
    await db.query('drop table plan, amendment, disposal, hold, asked, tie, activity, occurrence, part, known_ref');
  }
}
