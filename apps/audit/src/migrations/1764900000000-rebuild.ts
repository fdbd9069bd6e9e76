import type { MigrationInterface, QueryRunner } from 'typeorm';
import { integrityTables } from '../integrity.schema.js';
import { NEXT_SCHEMA, rebuildTables } from '../rebuild.schema.js';

export class AuditRebuild1764900000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(integrityTables + rebuildTables);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop schema if exists ${NEXT_SCHEMA} cascade`);
    await db.query('drop table integrity, integrity_problem, rebuild');
  }
}
