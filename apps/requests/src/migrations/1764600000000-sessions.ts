import type { MigrationInterface, QueryRunner } from 'typeorm';
import { sessionTables } from '../sessions.schema.js';

export class Sessions1764600000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(sessionTables);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      delete from outgoing where session is not null;
      alter table outgoing drop column session, alter column request set not null;
      drop table session_code, session`);
  }
}
