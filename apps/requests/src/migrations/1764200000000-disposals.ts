import type { MigrationInterface, QueryRunner } from 'typeorm';
import { disposalTables } from '../requests.schema.js';

export class Disposals1764200000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(disposalTables);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      create table minor (subject uuid primary key);
      drop table general;
      alter table request drop column spared;
      delete from task where disposal is not null;
      alter table task drop column disposal, drop column outcome, alter column request set not null;
      drop table disposal`);
  }
}
