import type { MigrationInterface, QueryRunner } from 'typeorm';
import { FIRST_TABLES, messageTables } from '../audit.schema.js';
import { GROUP } from '../projector.js';

export class AuditMessages1764500000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`truncate ${FIRST_TABLES.join(', ')}`);
    await db.query(messageTables);
    for (const table of ['feed_cursor', 'feed_parked']) await db.query(`delete from ${table} where consumer = $1`, [GROUP]);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table objection, message, breach');
    await db.query('alter table consent drop channels, drop recorded_at');
  }
}
