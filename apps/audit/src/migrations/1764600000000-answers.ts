import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ANSWER_TABLES, answerTables } from '../answers.schema.js';
import { FIRST_TABLES } from '../audit.schema.js';
import { GROUP } from '../projector.js';

export class AuditAnswers1764600000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`truncate ${[...FIRST_TABLES, 'objection', 'message', 'breach'].join(', ')}`);
    await db.query(answerTables);
    for (const table of ['feed_cursor', 'feed_parked']) await db.query(`delete from ${table} where consumer = $1`, [GROUP]);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table ${ANSWER_TABLES.join(', ')}`);
  }
}
