import type http from 'node:http';
import type { Entry } from '@attesta/events';
import { canonical } from '@attesta/proof';
import { bootstrap, JsonLogger, type Role } from '@attesta/service-kit';
import type { INestApplication } from '@nestjs/common';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type pg from 'pg';
import request from 'supertest';
import type { AuditRig } from './audit-rig.js';
import { person } from './audit-rig.js';
import { AuditModule } from './audit.module.js';
import { factOf } from './fact.js';
import { GROUP } from './projector.js';
import { insertOf } from './register.js';
import { buildBlock } from './search-index.js';
import { subjects, timeline } from './timeline.projection.js';

const PURPOSES = ['service-fulfilment', 'marketing', 'analytics'];
const RECIPIENTS = ['bank', 'logistics-provider', 'payment-provider'];
const START = Date.parse('2026-01-01T00:00:00Z');

/**
 * The n-th entry of a log that was never sealed: collections, one disclosure in five, one consent in fifty, a request in a thousand. An entry is sealed
 * every second, and happened up to an hour before. Purposes come in runs of 20,000 entries.
 */
export function madeEntry(n: number, people = 1_000): Entry {
  const recordedAt = new Date(START + n * 1_000).toISOString();
  const time = new Date(START + n * 1_000 - ((n * 7_919) % 3_600) * 1_000).toISOString();
  const purpose = PURPOSES[Math.floor(n / 20_000) % PURPOSES.length]!;
  const common = {
    purposes: [purpose],
    categories: n % 3 === 0 ? ['identity', 'contact'] : ['identity'],
    basis: n % 4 === 0 ? 'consent' : 'contract',
  };
  const [type, data] =
    n % 1_000 === 7
      ? ['attesta.request.received.v1', { request: person(n), right: 'access', channel: 'form' }]
      : n % 50 === 3
        ? [
            'attesta.consent.captured.v1',
            { purposes: ['marketing'], status: 'given', method: 'checkbox', noticeVersion: '2022-08-10', language: 'en' },
          ]
        : n % 5 === 0
          ? ['attesta.disclosure.recorded.v1', { ...common, recipient: RECIPIENTS[(n / 5) % 3]!, initiator: 'controller' }]
          : [
              'attesta.collection.recorded.v1',
              {
                ...common,
                occasion: 'registration',
                method: 'online-form',
                channel: n % 2 ? 'web' : 'app',
                origin: 'subject',
                noticeVersion: '2022-08-10',
                context: { order: `order-${n}`, form: 'registration-form-2022' },
              },
            ];
  return {
    v: 1,
    id: person(n),
    source: n % 2 ? '//storefront.test/registration' : '//attesta/requests',
    type,
    time,
    recordedAt,
    actor: `svc-${n % 7}`,
    subject: { id: person((n * 31) % people), seq: 1 },
    data,
  } as Entry;
}

const AT_ONCE = 5_000;

/** Puts made entries straight into the registers that search reads. */
export async function fillRegisters(pool: pg.Pool, from: number, upto: number, people?: number): Promise<void> {
  for (let first = from; first <= upto; first += AT_ONCE) {
    const facts = Array.from({ length: Math.min(AT_ONCE, upto - first + 1) }, (_, i) => {
      const entry = madeEntry(first + i, people);
      return factOf({ position: first + i, bytes: Buffer.from(canonical(entry)), entry });
    });
    for (const register of [timeline, subjects]) {
      await pool.query(
        insertOf(
          register,
          facts.flatMap((fact): object[] => register.rows(fact)),
        ),
      );
    }
  }
  await pool.query('update feed_cursor set position = $2 where consumer = $1', [GROUP, upto]);
}

export async function buildAll(pool: pg.Pool): Promise<number> {
  let built = 0;
  while (await buildBlock(pool)) built++;
  return built;
}

/** Who asks. */
export type Asking = Role | 'second-auditor';

export interface Http {
  app: INestApplication<http.Server>;
  get(url: string, role?: Asking): request.Test;
  post(url: string, body: object, role?: Asking): request.Test;
  remove(url: string, role?: Asking): request.Test;
  close(): Promise<void>;
}

const ISSUER = 'https://issuer.example';

/** The audit service behind HTTP, and tokens of every role. */
export async function serveAudit({ audit, db }: AuditRig): Promise<Http> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' };
  const sign = (role: string, sub = `${role}-7`) =>
    new SignJWT({ roles: [role], ...(role === 'subject' && { subject: person(1) }) })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(ISSUER)
      .setAudience('attesta')
      .setSubject(sub)
      .setExpirationTime('10m')
      .sign(privateKey);
  const tokens: Record<string, string> = { 'second-auditor': await sign('auditor', 'auditor-8') };
  for (const role of ['auditor', 'dpo', 'subject', 'operator', 'publisher']) tokens[role] = await sign(role);
  const app: INestApplication<http.Server> = await bootstrap(AuditModule.forRoot({ audit }), {
    service: 'audit',
    auth: { issuer: ISSUER, audience: 'attesta', keys: createLocalJWKSet({ keys: [jwk] }) },
    logger: new JsonLogger({ service: 'audit', level: 'off' }),
    shutdownSignals: false,
  });
  const as = (asked: request.Test, role: string) => asked.set('authorization', `Bearer ${tokens[role]}`);
  return {
    app,
    get: (url, role = 'auditor') => as(request(app.getHttpServer()).get(url), role),
    post: (url, body, role = 'auditor') => as(request(app.getHttpServer()).post(url), role).send(body),
    remove: (url, role = 'auditor') => as(request(app.getHttpServer()).delete(url), role),
    async close() {
      await app.close();
      await db.drop();
    },
  };
}
