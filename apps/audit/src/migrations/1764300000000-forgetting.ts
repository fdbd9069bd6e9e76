import type { MigrationInterface, QueryRunner } from 'typeorm';
import { FIRST_TABLES, forgettingTables } from '../audit.schema.js';
import { GROUP } from '../projector.js';

export class AuditForgetting1764300000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(forgettingTables);
    await db.query(`truncate ${FIRST_TABLES.join(', ')}`);
    for (const table of ['feed_cursor', 'feed_parked']) await db.query(`delete from ${table} where consumer = $1`, [GROUP]);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table disposal, forgotten, erasure_cursor');
    await db.query('alter table timeline drop leaf_hash');
    await db.query(`update finding_event set explanation = '' where explanation is null`);
    await db.query('alter table finding_event alter explanation set not null');
  }
}
