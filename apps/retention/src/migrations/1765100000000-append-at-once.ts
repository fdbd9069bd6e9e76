import { serviceLogAppend } from '@attesta/event-log';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RetentionAppendAtOnce1765100000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(serviceLogAppend);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop function append_service_events');
  }
}
