import { erasureTables } from '@attesta/service-kit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RequestsForgetting1764300000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(erasureTables);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table forgotten, erasure_cursor');
  }
}
