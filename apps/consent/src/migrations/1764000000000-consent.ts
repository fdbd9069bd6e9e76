import { serviceLogTables } from '@attesta/event-log';
import { feedTables, relayTables } from '@attesta/transport';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { consentTables } from '../consent.schema.js';

export class Consent1764000000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(consentTables + serviceLogTables + feedTables + relayTables);
  }

  async down(db: QueryRunner): Promise<void> {
    // The service's own log is not built again from anything, so it stays.
    await db.query(
      'drop table fact, person, state_head, consent_state, known_ref, amendment, quarantined_purpose, withdrawal, consumer, propagation',
    );
  }
}
