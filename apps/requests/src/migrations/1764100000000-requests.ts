import { serviceLogTables } from '@attesta/event-log';
import { feedTables, relayTables } from '@attesta/transport';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { requestsTables } from '../requests.schema.js';

export class Requests1764100000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(requestsTables + serviceLogTables + feedTables + relayTables);
  }

  async down(db: QueryRunner): Promise<void> {
    // The service's own log is not built again from anything, so it stays.
    await db.query(
      'drop table opendsr_callback, opendsr_request, mail, minor, amendment, dossier, package, task_head, task, system, outgoing, code, code_sent, request, known_ref',
    );
  }
}
