import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ANSWER_TABLES } from '../answers.schema.js';
import { FIRST_TABLES } from '../audit.schema.js';
import { FINDING_TABLES, findingTables } from '../findings.schema.js';
import { GROUP } from '../projector.js';
import { SEARCH_TABLES } from '../search.schema.js';

export class AuditFindings1764800000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`truncate ${[...FIRST_TABLES, 'objection', 'message', 'breach', ...ANSWER_TABLES, ...SEARCH_TABLES].join(', ')}`);
    await db.query(findingTables);
    for (const table of ['feed_cursor', 'feed_parked']) await db.query(`delete from ${table} where consumer = $1`, [GROUP]);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table ${FINDING_TABLES.join(', ')}`);
    await db.query(`create table objection (
      position bigint not null, subject uuid not null, purpose text not null, objects boolean not null, occurred_at timestamptz not null,
      recorded_at timestamptz not null, primary key (subject, purpose, position))`);
    await db.query('truncate finding_event');
    await db.query(
      'alter table finding_event drop id, drop event, drop assignee, drop outcome, drop actor, drop occurred_at, add raised boolean not null',
    );
  }
}
