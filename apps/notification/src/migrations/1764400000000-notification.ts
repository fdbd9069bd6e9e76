import { serviceLogTables } from '@attesta/event-log';
import { feedTables, relayTables } from '@attesta/transport';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { notificationTables } from '../notification.schema.js';

export class Notification1764400000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(notificationTables + serviceLogTables + feedTables + relayTables);
  }

  async down(db: QueryRunner): Promise<void> {
    // The service's own log is not built again from anything, so it stays.
    await db.query(
      'drop table breach_person, breach, amendment, endpoint_delivery, endpoint, alert, supplied, collected, wave_person, wave, withdrawal, stop, dead_address, request_address, message, address_source, person, known_ref',
    );
  }
}
