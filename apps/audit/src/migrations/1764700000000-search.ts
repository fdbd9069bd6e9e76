import type { MigrationInterface, QueryRunner } from 'typeorm';
import { EXPORT_TABLES, SEARCH_TABLES, searchTables } from '../search.schema.js';

export class AuditSearch1764700000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(searchTables);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table ${[...SEARCH_TABLES, ...EXPORT_TABLES].join(', ')}`);
  }
}
