import type http from 'node:http';
import { bootstrap, JsonLogger, type Role } from '@attesta/service-kit';
import type { INestApplication } from '@nestjs/common';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import supertest from 'supertest';
import type { Answered, RequestsRig } from './requests-rig.js';
import { REQUESTS_RAW, RequestsModule } from './requests.module.js';

const ISSUER = 'https://elsewhere.example';

/** The rig's service behind an issuer of its own, for tokens that no other spec needs. Ends with the rig. */
export async function behindOwnIssuer(rig: RequestsRig) {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const app: INestApplication<http.Server> = await bootstrap(RequestsModule.forRoot({ requests: rig.requests }), {
    service: 'requests',
    auth: {
      issuer: ISSUER,
      audience: 'attesta',
      keys: createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] }),
    },
    rawBody: REQUESTS_RAW,
    logger: new JsonLogger({ service: 'requests', level: 'off' }),
    shutdownSignals: false,
  });
  await app.init();
  return async (
    roles: Role[],
    subject: string | undefined,
    method: 'get' | 'post',
    path: string,
    body?: object,
  ): Promise<Answered<object>> => {
    const token = await new SignJWT({ roles, ...(subject !== undefined && { subject }) })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer(ISSUER)
      .setAudience('attesta')
      .setSubject('somebody-7')
      .setExpirationTime('1h')
      .sign(privateKey);
    const sending = supertest(app.getHttpServer())[method](path).set('authorization', `Bearer ${token}`);
    const answer = await (body === undefined ? sending : sending.send(body));
    return { status: answer.status, body: answer.body as object };
  };
}

/** Every row of every table, as text: bytes in hexadecimal. */
export async function dump(rig: RequestsRig): Promise<string> {
  const { rows: tables } = await rig.db.pool.query<{ name: string }>(
    `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
  );
  const parts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await rig.db.pool.query<{ row: string }>(`select t::text as row from ${name} t`);
    parts.push(...rows.map(({ row }) => `${name} ${row}`));
  }
  return parts.join('\n');
}

/** Where a dump shows a value, in whatever spelling a database or a program gives it. */
export function foundIn(dumped: string, value: string): string[] {
  const bytes = Buffer.from(value);
  const escaped = JSON.stringify(value).slice(1, -1);
  const unicode = [...value].map((c) => (c > '\u007f' ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : c)).join('');
  // The last characters of base64 depend on what follows.
  const base64 = [0, 1, 2].map((skip) => bytes.subarray(skip).toString('base64').slice(0, -4));
  const spellings = [value, escaped, unicode, bytes.toString('hex'), ...base64.filter((one) => one.length >= 8)];
  // Digits alone may be part of any other number.
  if (/^\d+$/.test(value)) return dumped.split('\n').filter((row) => new RegExp(`(?<![0-9a-f.])${value}(?![0-9a-f])`).test(row));
  return dumped.split('\n').filter((row) => spellings.some((one) => row.toLowerCase().includes(one.toLowerCase())));
}

/** Rows in which something encrypted is left, by table: of these requests, or of this person. */
export async function boxesOf(rig: RequestsRig, subject: string): Promise<string[]> {
  const { rows } = await rig.db.pool.query<{ found: string }>(
    `with own as (select id from request where subject = $1)
     select 'request' as found from request where subject = $1 and (kek is not null or box is not null or receipt is not null)
     union all select 'task' from task where subject = $1 and (kek is not null or box is not null or answer_kek is not null or answer is not null)
     union all select 'outgoing' from outgoing where request in (select id from own)
     union all select 'code' from code where request in (select id from own)
     union all select 'package' from package where request in (select id from own) and (box is not null or bytes is not null)
     union all select 'mail' from mail where request in (select id from own) and box is not null
     union all select 'known_ref' from known_ref where subject = $1`,
    [subject],
  );
  return rows.map(({ found }) => found);
}
