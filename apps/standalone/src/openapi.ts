import { Audit, AuditModule } from '@attesta/audit';
import { Consent, ConsentModule } from '@attesta/consent';
import { Ledger, LedgerModule } from '@attesta/ledger';
import { Notification, NotificationModule } from '@attesta/notification';
import { OpenDsr, Requests, RequestsModule, Sessions } from '@attesta/requests';
import { Retention, RetentionModule } from '@attesta/retention';
import { bootstrap, JsonLogger, openApiDocument } from '@attesta/service-kit';
import { createLocalJWKSet } from 'jose';
import { OPEN_API, Whole } from './whole.js';

/** The OpenAPI document of all services together. Routes alone are asked; no database is there, and none is needed. */
export async function referenceDocument(): Promise<unknown> {
  const ledger = Object.create(Ledger.prototype) as Ledger;
  const audit = Object.assign(Object.create(Audit.prototype) as object, { options: {} }) as Audit;
  const consent = Object.create(Consent.prototype) as Consent;
  const requests = Object.assign(Object.create(Requests.prototype) as object, {
    openDsr: Object.create(OpenDsr.prototype) as OpenDsr,
    sessions: Object.create(Sessions.prototype) as Sessions,
  }) as Requests;
  const retention = Object.create(Retention.prototype) as Retention;
  const notification = Object.create(Notification.prototype) as Notification;
  const whole = Whole.of(
    LedgerModule.forRoot({ ledger, logEntries: 'auditors' }),
    AuditModule.forRoot({ audit }),
    ConsentModule.forRoot({ consent }),
    RequestsModule.forRoot({ requests }),
    RetentionModule.forRoot({ retention }),
    NotificationModule.forRoot({ notification }),
  );
  const app = await bootstrap(whole, {
    service: 'reference',
    auth: { issuer: 'http://localhost', audience: 'attesta', keys: createLocalJWKSet({ keys: [] }) },
    rawBody: [{ path: '/v1/events', limit: 1 }],
    logger: new JsonLogger({ service: 'reference', level: 'off' }),
    shutdownSignals: false,
  });
  return openApiDocument(app, OPEN_API);
}
