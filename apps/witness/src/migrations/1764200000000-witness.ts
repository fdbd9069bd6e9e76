import type { MigrationInterface, QueryRunner } from 'typeorm';
import { witnessTables } from '../witness.schema.js';

export class Witness1764200000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(witnessTables);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('what a witness signed is never forgotten'));
  }
}
