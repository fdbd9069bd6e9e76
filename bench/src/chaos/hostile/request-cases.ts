import { gzipSync } from 'node:zlib';
import type { Role } from '@attesta/service-kit';
import { breakOne, breakText, hostileText } from './breaking.js';
import type { Dice } from './dice.js';
import type { Sent } from './http.js';
import { PLANTED } from './planted.js';
import { SchemaValues, type Schema, type Supply } from './schema-values.js';
import type { Tokens } from './tokens.js';

/** What is read of an OpenAPI document. */
export interface OpenApi {
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  components: { schemas: Readonly<Record<string, Schema>> };
}

interface Operation {
  parameters?: readonly { name: string; in: string; required?: boolean; schema?: Schema }[];
  requestBody?: { content: Readonly<Record<string, { schema: Schema }>> };
  'x-roles'?: readonly string[];
}

export interface RequestCase extends Sent {
  /** Method and route. */
  name: string;
  /** Whether nobody may get in like this. */
  closed: boolean;
  /** Whether errors are problem documents here. */
  ours: boolean;
}

interface Route {
  method: string;
  path: string;
  operation: Operation;
}

/** Paths beside the documented routes: pages, and the issuer, whose errors are OAuth's. */
const OTHERS = ['/', '/docs', '/docs-json', '/docs/asyncapi.json', '/console/', '/console/callback', '/privacy', '/metrics', '/nowhere'];
const ISSUER = ['/oidc/token', '/oidc/auth', '/oidc/jwks', '/oidc/me', '/oidc/.well-known/openid-configuration', '/oidc/session/end'];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'PROPFIND'];

/** Path segments and query values as no link has them; percent-encoded as they go out. */
const SEGMENTS: readonly string[] = [
  ...['0', '-1', '1e3', '1e30', '1e999', 'NaN', 'Infinity', '0x10', '9007199254740993', '18446744073709551616', '1.5', '%31', ' 1', '01'],
  ...['', '.', '..', '%2e%2e', '..%2f..%2fetc%2fpasswd', '%00', 'a%00b', '%ff', '%ed%a0%80', '%', '%zz', '%u0041', "';--", '%27%3B--'],
  ...[
    'null',
    'undefined',
    '[object Object]',
    '__proto__',
    'constructor',
    '*',
    '$',
    '{id}',
    '%7Bid%7D',
    '%F0%9F%98%80',
    '%E2%80%AE',
    '+',
    '%20',
  ],
  ...['a'.repeat(300), 'a'.repeat(3_000), 'a'.repeat(9_000), encodeURIComponent(PLANTED.email), encodeURIComponent(PLANTED.thaiName)],
  ...['00000000-0000-0000-0000-000000000000', '2026-13-45', '2026-02-30T25:61:00Z', '-271821-04-19', 'PT1S', '1,2,3', '1;2', 'true'],
].map((segment) => segment.replaceAll(' ', '%20'));

/** Requests to every route that a system says it has, and to what it does not. */
export class RequestCases {
  private readonly values: SchemaValues;
  private readonly routes: readonly Route[];
  /** Ids that the system itself told, so that requests get further than to "not found". */
  private readonly known: string[] = ['1'];
  private count = 0;

  constructor(
    { paths }: OpenApi,
    supply: Supply,
    private readonly tokens: Tokens,
    private readonly dice: Dice,
  ) {
    this.values = new SchemaValues(supply, dice);
    this.routes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
    );
  }

  /** Each route in turn, so that none is left out; what is not documented now and then. */
  async next(): Promise<RequestCase> {
    const { dice } = this;
    const n = this.count++;
    if (n % 20 === 19) return this.undocumented();
    const { method, path, operation } = this.routes[n % this.routes.length]!;
    const sent = await this.toRoute(method, path, operation);
    return dice.chance(0.03) ? { ...sent, method: dice.pick(METHODS), closed: false } : sent;
  }

  /** Takes note of ids in an answer. */
  learn(body: string): void {
    for (const [id] of body.matchAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g)) {
      this.known[this.known.length < 200 ? this.known.length : this.dice.between(0, 200)] = id;
    }
  }

  private async toRoute(method: string, path: string, operation: Operation): Promise<RequestCase> {
    const { dice } = this;
    const roles = operation['x-roles'] ?? [];
    const { authorization, closed } = await this.caller(roles);
    const headers = { ...(authorization !== undefined && { authorization }), ...this.oddHeaders() };
    const name = `${method} ${path}`;
    const address = `${this.path(path)}${this.query(operation)}`;
    const content = operation.requestBody?.content;
    if (!content) {
      const uninvited = dice.chance(0.05) ? { body: Buffer.from('{"unasked":true}') } : {};
      return { name, method, path: address, headers, closed, ours: true, ...uninvited };
    }
    const { type, bytes, more } = this.body(content);
    return { name, method, path: address, headers: { 'content-type': type, ...headers, ...more }, body: bytes, closed, ours: true };
  }

  private async undocumented(): Promise<RequestCase> {
    const { dice } = this;
    const issuer = dice.chance(0.4);
    const method = dice.pick(METHODS);
    const path = `${dice.pick(issuer ? ISSUER : OTHERS)}${dice.chance(0.5) ? `/${dice.pick(SEGMENTS)}` : ''}?${dice.pick(SEGMENTS)}=${dice.pick(SEGMENTS)}`;
    const body = {
      body: Buffer.from(`grant_type=${dice.pick(['client_credentials', 'password', '%00'])}&client_id=${dice.pick(SEGMENTS)}`),
    };
    const headers = { ...this.oddHeaders(), 'content-type': 'application/x-www-form-urlencoded' };
    return {
      name: `${method} ${issuer ? '/oidc' : '(other)'}`,
      method,
      path,
      headers,
      ...(issuer && method === 'POST' && body),
      closed: false,
      ours: false,
    };
  }

  private async caller(roles: readonly string[]): Promise<{ authorization?: string; closed: boolean }> {
    const { dice, tokens } = this;
    const open = roles.includes('anybody');
    const draw = dice.random();
    if (draw < 0.7) return { authorization: await (open ? tokens.anyRole(dice) : tokens.of(dice.pick(roles) as Role)), closed: false };
    if (draw < 0.8) return { authorization: tokens.none(dice), closed: !open };
    if (draw < 0.87) return { closed: !open };
    const role = dice.pick<Role>(['publisher', 'subject', 'dpo', 'auditor', 'operator']);
    return { authorization: await tokens.of(role), closed: !open && !roles.includes(role) };
  }

  private path(template: string): string {
    const { dice } = this;
    return template.replaceAll(/\{[^}]+\}/g, () => (dice.chance(0.5) ? dice.pick(this.known) : dice.pick(SEGMENTS)));
  }

  private query({ parameters = [] }: Operation): string {
    const { dice } = this;
    const pairs: string[] = [];
    for (const { name, in: where, required, schema = {} } of parameters) {
      if (where !== 'query' || !dice.chance(required === true ? 0.95 : 0.5)) continue;
      const good = () => encodeURIComponent(String(this.values.of(schema, name)));
      const value = dice.chance(0.5) ? good() : dice.pick(SEGMENTS);
      pairs.push(
        `${dice.chance(0.93) ? name : dice.pick([`${name}[]`, `${name}[a]`, `${name}[__proto__]`, `__proto__[${name}]`])}=${value}`,
      );
      if (dice.chance(0.05)) pairs.push(`${name}=${good()}`);
    }
    if (dice.chance(0.05)) pairs.push(`${dice.pick(SEGMENTS)}=${dice.pick(SEGMENTS)}`);
    return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
  }

  private body(content: NonNullable<Operation['requestBody']>['content']): { type: string; bytes: Buffer; more?: Record<string, string> } {
    const { dice } = this;
    const [type, { schema }] = dice.pick(Object.entries(content));
    const good = this.values.of(schema);
    const draw = dice.random();
    if (draw < 0.2) return { type, bytes: Buffer.from(JSON.stringify(good)) };
    if (draw < 0.75) return { type, bytes: Buffer.from(JSON.stringify(breakOne(good, dice).value) ?? 'null') };
    if (draw < 0.9) return { type, bytes: breakText(JSON.stringify(good), dice).bytes };
    if (draw < 0.95) return { type: dice.pick(WRONG_TYPES), bytes: Buffer.from(JSON.stringify(good)) };
    const encoding = dice.pick(['gzip', 'deflate', 'br', 'identity', 'foo', 'gzip, gzip']);
    const bytes = encoding === 'gzip' ? bomb() : Buffer.from(JSON.stringify(good));
    return { type, bytes, more: { 'content-encoding': encoding } };
  }

  /** What any client may send along; mostly nothing. */
  private oddHeaders(): Record<string, string | string[]> {
    const { dice } = this;
    if (!dice.chance(0.15)) return {};
    return dice.pick<() => Record<string, string | string[]>>([
      () => ({ 'x-forwarded-for': dice.pick(['', 'unknown', '::::', '1.2.3.4, '.repeat(400), PLANTED.phone]) }),
      () => ({ cookie: 'a=b; '.repeat(1_000) }),
      () => ({ accept: dice.pick(['', 'image/png', '*/*;q=2', 'application/xml']), 'accept-language': 'xx-'.repeat(900) }),
      () => ({
        traceparent: dice.pick(['00-zz', '', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`, 'ff-'.repeat(99)]),
        tracestate: PLANTED.email,
      }),
      () => ({ 'x-request-id': dice.pick([PLANTED.email, 'a'.repeat(4_000), '<x>']) }),
      () => ({ range: 'bytes=0-,-1', 'if-none-match': '*', 'if-modified-since': 'yesterday' }),
      () => ({ host: dice.pick(['', 'evil.example', 'localhost:99999', '[::1']) }),
      () => ({ 'sec-gpc': dice.pick(['1', '2', 'yes', '']) }),
      () => ({ 'x-http-method-override': 'DELETE', 'x-original-url': '/v1/alerts' }),
      () => Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`x-odd-${i}`, 'v'.repeat(50)])),
      () => ({
        'user-agent': encodeURIComponent(hostileText(dice).toWellFormed()) || 'x',
        referer: `https://shop.example/?mail=${PLANTED.email}`,
      }),
    ])();
  }
}

const WRONG_TYPES = [
  'text/plain',
  'application/xml',
  'multipart/form-data; boundary=x',
  'application/json; charset=utf-16',
  'application/json; charset="',
  'x',
  'application/x-www-form-urlencoded',
  'application/json, text/plain',
];

let zeros: Buffer | undefined;
/** 64 MiB of zeros. */
const bomb = (): Buffer => (zeros ??= gzipSync(Buffer.alloc(64 * 1024 * 1024)));
