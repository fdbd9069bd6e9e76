import type { Server } from 'node:http';
import { Controller, Get, HttpCode, Module, Post } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import request from 'supertest';
import { bootstrap, JsonLogger, Limited, networkOf, Public, Roles } from '../index.js';

@Controller('v1')
class RoutesController {
  @Post('open')
  @Public()
  @HttpCode(200)
  open(): string {
    return 'open';
  }

  @Post('other')
  @Public()
  @HttpCode(200)
  other(): string {
    return 'other';
  }

  @Get('closed')
  @Roles('auditor')
  closed(): string {
    return 'closed';
  }

  @Get('tiles')
  @Public()
  @Limited('log')
  tiles(): string {
    return 'tiles';
  }
}

@Module({ controllers: [RoutesController] })
class RoutesModule {}

describe('how much one client may ask for', () => {
  let app: INestApplication<Server>;
  let privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
  let keys: ReturnType<typeof createLocalJWKSet>;

  beforeAll(async () => {
    const pair = await generateKeyPair('ES256', { extractable: true });
    privateKey = pair.privateKey;
    keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(pair.publicKey)), alg: 'ES256', kid: 'k' }] });
  });

  beforeEach(async () => {
    app = await bootstrap(RoutesModule, {
      service: 'limits',
      auth: { issuer: 'https://issuer.spec', audience: 'attesta', keys },
      logger: new JsonLogger({ service: 'limits', level: 'off' }),
      trustedProxies: ['127.0.0.1'],
      mount: [{ path: '/oidc', handler: (_, response) => void response.end('issuer'), limited: true }],
      rateLimits: { general: 4, strict: 2, log: 6, publishers: 0 },
      shutdownSignals: false,
    });
    await app.listen(0, '127.0.0.1');
  });
  afterEach(() => app.close());

  const token = (sub: string, role: string, sources: string[] = []) =>
    new SignJWT({ roles: [role], sources })
      .setProtectedHeader({ alg: 'ES256', kid: 'k', typ: 'at+jwt' })
      .setSubject(sub)
      .setIssuer('https://issuer.spec')
      .setAudience('attesta')
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey);
  const ask = (method: 'get' | 'post', path: string, { from = '203.0.113.7', bearer = '' } = {}) => {
    const asked = request(app.getHttpServer())[method](path).set('X-Forwarded-For', from);
    return bearer ? asked.set('Authorization', `Bearer ${bearer}`) : asked;
  };
  const statuses = async (times: number, one: () => Promise<{ status: number }>) => {
    const seen: number[] = [];
    for (let i = 0; i < times; i++) seen.push((await one()).status);
    return seen;
  };

  it('is told by every answer, and refused as a problem that says how long to wait', async () => {
    const first = await ask('post', '/v1/open');
    expect(first.headers).toMatchObject({
      'ratelimit-policy': '"strict";q=2;w=60',
      ratelimit: expect.stringMatching(/^"strict";r=1;t=\d+$/) as string,
    });
    await ask('post', '/v1/open');
    const refused = await ask('post', '/v1/open');
    expect(refused.status).toBe(429);
    expect(refused.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(refused.headers['ratelimit']).toMatch(/^"strict";r=0;t=\d+$/);
    expect(refused.body).toMatchObject({
      type: 'https://attesta.dev/problems/too-many-requests',
      status: 429,
      fix: expect.stringContaining('Retry-After') as string,
    });
  });

  it('is counted on open routes by network address, each route by itself', async () => {
    expect(await statuses(3, () => ask('post', '/v1/open'))).toEqual([200, 200, 429]);
    expect((await ask('post', '/v1/other')).status).toBe(200);
    expect((await ask('post', '/v1/open', { from: '203.0.113.8' })).status).toBe(200);
  });

  it('is one count for whoever has a whole IPv6 network', async () => {
    const answers = [];
    for (const from of ['2001:db8::1', '2001:db8::2', '2001:db8:0:0:ffff::3'])
      answers.push((await ask('post', '/v1/open', { from })).status);
    expect(answers).toEqual([200, 200, 429]);
    expect(networkOf('2001:db8:0:1::1')).not.toBe(networkOf('2001:db8::1'));
  });

  it('is counted by token where there is one, wherever it comes from', async () => {
    const auditor = await token('auditor-1', 'auditor');
    let n = 0;
    const asked = () => ask('get', '/v1/closed', { bearer: auditor, from: `203.0.113.${n++}` });
    expect(await statuses(5, asked)).toEqual([200, 200, 200, 200, 429]);
    expect((await ask('get', '/v1/closed', { bearer: await token('auditor-2', 'auditor') })).status).toBe(200);
  });

  it('is not limited for whoever speaks for a source', async () => {
    const service = await token('audit-service', 'auditor', ['//attesta/audit']);
    expect(await statuses(9, () => ask('get', '/v1/closed', { bearer: service }))).toEqual(Array(9).fill(200));
  });

  it('counts what was refused for the token or the role, too', async () => {
    expect(await statuses(3, () => ask('get', '/v1/closed', { bearer: 'guessed' }))).toEqual([401, 401, 429]);
    const operator = await token('operator', 'operator');
    expect(await statuses(5, () => ask('get', '/v1/closed', { bearer: operator }))).toEqual([403, 403, 403, 403, 429]);
  });

  it('is what the route says, where it says something', async () => {
    expect(await statuses(7, () => ask('get', '/v1/tiles'))).toEqual([200, 200, 200, 200, 200, 200, 429]);
  });

  it('lets the issuer be asked for its keys, and only so often for tokens', async () => {
    expect(await statuses(4, () => ask('get', '/oidc/jwks'))).toEqual([200, 200, 200, 200]);
    expect(await statuses(3, () => ask('post', '/oidc/token'))).toEqual([200, 200, 429]);
  });

  it('is never held against health checks', async () => {
    expect(await statuses(9, () => ask('get', '/health/live'))).toEqual(Array(9).fill(200));
  });

  it('goes by X-Forwarded-For from a trusted proxy alone', async () => {
    await app.close();
    app = await bootstrap(RoutesModule, {
      service: 'limits',
      auth: { issuer: 'https://issuer.spec', audience: 'attesta', keys },
      logger: new JsonLogger({ service: 'limits', level: 'off' }),
      trustedProxies: ['10.0.0.0/8'],
      rateLimits: { general: 4, strict: 2, log: 6, publishers: 0 },
      shutdownSignals: false,
    });
    await app.listen(0, '127.0.0.1');
    let n = 0;
    expect(await statuses(3, () => ask('post', '/v1/open', { from: `203.0.113.${n++}` }))).toEqual([200, 200, 429]);
  });
});
