import type { MigrationInterface, QueryRunner } from 'typeorm';
import { integrityWitnesses } from '../integrity.schema.js';

export class AuditWitnesses1765000000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(integrityWitnesses);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('alter table integrity drop column witnessed');
  }
}
