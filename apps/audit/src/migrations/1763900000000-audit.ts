import { serviceLogTables } from '@attesta/event-log';
import { feedTables, relayTables } from '@attesta/transport';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { registerTables } from '../audit.schema.js';

export class Audit1763900000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(registerTables + serviceLogTables + feedTables + relayTables);
  }

  async down(db: QueryRunner): Promise<void> {
    // Registers are rebuilt from the log; the service's own log is not, so it stays.
    await db.query(
      'drop table timeline, timeline_subject, link, collection, disclosure, outbound_link, access, consent, confined_collection',
    );
    await db.query('drop table third_party_source, source_notice, finding, finding_event, to_judge');
  }
}
