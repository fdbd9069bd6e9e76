import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { Body, Controller, Get, HttpCode, Module, Param, Post, Query, Req } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { IsInt, IsOptional, IsString, MaxLength } from 'class-validator';
import { Type } from 'class-transformer';
import type { Request } from 'express';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import request from 'supertest';
import { bootstrap, CurrentPrincipal, DeniedAccess, JsonLogger, Problem, Public, Readiness, Roles } from './index.js';
import type { DeniedRequest, Principal } from './index.js';

class Note {
  @IsString()
  @MaxLength(10)
  text!: string;

  @IsOptional()
  @IsInt()
  priority?: number;
}

class Page {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  limit?: number;
}

@Controller('v1')
class NotesController {
  @Post('notes')
  @Public()
  @HttpCode(200)
  note(@Body() body: Note): Note {
    return body;
  }

  @Get('notes/:id')
  @Public()
  one(@Param('id') id: string): { id: string } {
    return { id };
  }

  @Get('notes')
  @Public()
  list(@Query() page: Page): Page {
    return page;
  }

  @Post('events')
  @Public()
  @HttpCode(200)
  events(@Req() incoming: Request): { buffer: boolean; bytes: number } {
    return { buffer: Buffer.isBuffer(incoming.body), bytes: (incoming.body as Buffer).length };
  }

  @Get('auditors')
  @Roles('auditor')
  auditors(@CurrentPrincipal() principal: Principal): Principal {
    return principal;
  }

  @Get('closed')
  closed(): string {
    return 'nobody may read this';
  }

  @Get('broken')
  @Public()
  broken(): never {
    throw new Error('no account for somchai@example.com');
  }

  @Get('slow')
  @Public()
  slow(): Promise<never> {
    return new Promise(() => undefined);
  }

  @Get('teapot')
  @Public()
  refused(): never {
    throw Problem.conflict('It is recorded otherwise.', 'Read it first.');
  }
}

@Module({ controllers: [NotesController] })
class NotesModule {}

describe('a service started by bootstrap', () => {
  let app: INestApplication<http.Server>;
  let port: number;
  let sign: (claims: Record<string, unknown>, alg?: string) => Promise<string>;
  const lines: string[] = [];
  const denied: DeniedRequest[] = [];
  const issuer = 'https://issuer.example';

  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' };
    sign = (claims) =>
      new SignJWT({ iss: issuer, aud: 'attesta', sub: 'caller', exp: Math.floor(Date.now() / 1000) + 60, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .sign(privateKey);
    app = await bootstrap(NotesModule, {
      service: 'notes',
      auth: { issuer, audience: 'attesta', keys: createLocalJWKSet({ keys: [jwk] }) },
      rawBody: [{ path: '/v1/events', limit: 1024 }],
      jsonLimit: 2048,
      openApi: { title: 'Notes', version: '1' },
      requestTimeoutMs: 300,
      shutdownSignals: false,
      logger: new JsonLogger({ service: 'notes', write: (line) => lines.push(line) }),
      onDenied: (refusal) => void denied.push(refusal),
    });
    await app.listen(0, '127.0.0.1');
    port = (app.getHttpServer().address() as AddressInfo).port;
  });
  afterAll(() => app.close());

  const server = () => request(app.getHttpServer());
  const expectProblem = (
    response: { status: number; headers: Record<string, string>; body: Record<string, unknown> },
    status: number,
    slug: string,
  ) => {
    expect(response.body).toMatchObject({ type: `https://attesta.dev/problems/${slug}`, status });
    expect(response.status).toBe(status);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(typeof response.body['fix']).toBe('string');
    expect(response.body['requestId']).toBe(response.headers['x-request-id']);
  };

  describe('answers a stranger', () => {
    it.each([
      ['an unknown path', 'GET', '/nowhere', 404, 'route-not-found'],
      ['an unknown path with a query full of dirt', 'GET', '/nowhere?a[b][c]=1&__proto__[x]=1', 404, 'route-not-found'],
      ['a known path asked with another method', 'DELETE', '/v1/notes', 405, 'method-not-allowed'],
      ['broken percent-encoding in a parameter', 'GET', '/v1/notes/%E0%A4%A', 400, 'malformed-url'],
      ['broken percent-encoding in a query', 'GET', '/v1/notes?limit=%ff', 400, 'malformed-url'],
      ['a NUL character in a parameter', 'GET', '/v1/notes/a%00b', 400, 'malformed-url'],
      ['a URL without end', 'GET', `/v1/notes/${'a'.repeat(5000)}`, 414, 'url-too-long'],
      ['a repeated parameter', 'GET', '/v1/notes?limit=1&limit=2', 400, 'invalid-fields'],
      ['an unknown parameter', 'GET', '/v1/notes?sort=name', 400, 'invalid-fields'],
      ['a route that names nobody', 'GET', '/v1/closed', 401, 'token-required'],
    ])('%s with a problem document', async (_story, method, url, status, slug) => {
      const response = await raw(port, `${method} ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expectProblem(response, status, slug);
    });

    it('naming the methods a path takes', async () => {
      const response = await server().put('/v1/notes/7');
      expectProblem(response, 405, 'method-not-allowed');
      expect(response.headers['allow']).toBe('GET, HEAD');
    });

    it('who sends headers beyond all measure', async () => {
      const response = await raw(port, `GET /v1/notes HTTP/1.1\r\nHost: x\r\nX-Big: ${'a'.repeat(40_000)}\r\n\r\n`);
      expect(response.status).toBe(431);
      expect(response.body).toMatchObject({ type: 'https://attesta.dev/problems/headers-too-large' });
    });

    it('who does not speak HTTP', async () => {
      const response = await raw(port, 'HELO mail.example\r\n\r\n');
      expect(response.status).toBe(400);
      expect(response.body).toMatchObject({ type: 'https://attesta.dev/problems/malformed-http' });
    });
  });

  describe('reads bodies', () => {
    const post = (body: string | Buffer, type = 'application/json', extra: Record<string, string> = {}) =>
      server()
        .post('/v1/notes')
        .set({ 'Content-Type': type, ...extra })
        .serialize((value: unknown) => value as string)
        .send(body);

    it('that fit their class', async () => {
      const response = await post('{"text":"short"}');
      expect(response.status).toBe(200);
      expect(response.body).toEqual({ text: 'short' });
    });

    it('with a +json type', async () => {
      expect((await post('{"text":"short"}', 'application/vnd.notes+json')).status).toBe(200);
    });

    it.each([
      ['malformed JSON', '{"text": "somchai', 'application/json', 400, 'malformed-json'],
      ['a bare number', '7', 'application/json', 400, 'malformed-json'],
      ['an empty body', '', 'application/json', 400, 'invalid-fields'],
      ['a list where an object belongs', '[]', 'application/json', 400, 'invalid-fields'],
      ['a prototype-polluting key', '{"text":"a","__proto__":{"admin":true}}', 'application/json', 400, 'invalid-fields'],
      ['an escaped prototype-polluting key', '{"text":"a","\\u005f_proto__":{"admin":true}}', 'application/json', 400, 'invalid-fields'],
      ['nesting without end', `{"text":${'['.repeat(500)}${']'.repeat(500)}}`, 'application/json', 400, 'invalid-fields'],
      ['a NUL character', '{"text":"a\\u0000b"}', 'application/json', 400, 'invalid-fields'],
      ['half a surrogate pair', '{"text":"a\\ud800"}', 'application/json', 400, 'invalid-fields'],
      ['too large a body', `{"text":"${'a'.repeat(4000)}"}`, 'application/json', 413, 'body-too-large'],
      ['text', 'hello', 'text/plain', 415, 'unsupported-media-type'],
      ['a form', 'text=a', 'application/x-www-form-urlencoded', 415, 'unsupported-media-type'],
      ['an impossible charset', '{"text":"a"}', 'application/json; charset=klingon', 415, 'unsupported-media-type'],
      ['a content type of garbage', '{"text":"a"}', ';;;', 415, 'unsupported-media-type'],
    ])('and refuses %s', async (_story, body, type, status, slug) => {
      expectProblem(await post(body, type), status, slug);
    });

    it('and refuses what is not UTF-8', async () => {
      expectProblem(await post(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])), 400, 'invalid-utf8');
    });

    it('and refuses an unknown content encoding', async () => {
      expectProblem(await post('{"text":"a"}', 'application/json', { 'Content-Encoding': 'zip' }), 415, 'unsupported-media-type');
    });

    it('and refuses gzip that is none', async () => {
      const response = await post('{"text":"a"}', 'application/json', { 'Content-Encoding': 'gzip' });
      expect(response.status).toBe(400);
      expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    });

    it('listing every field problem with pointer and fix, and none of the values', async () => {
      const response = await post(JSON.stringify({ text: 'somchai@example.com', priority: 'soon', owner: 'x' }));
      expectProblem(response, 400, 'invalid-fields');
      expect(response.body.errors).toEqual([
        expect.objectContaining({ field: '/owner', code: 'unknown-field' }),
        expect.objectContaining({ field: '/text', code: 'max-length' }),
        expect.objectContaining({ field: '/priority', code: 'is-int' }),
      ]);
      expect(JSON.stringify(response.body)).not.toContain('somchai');
    });
  });

  describe('hands raw routes their bytes', () => {
    it.each(['application/cloudevents-batch+json', 'application/json', 'text/plain', ';;;'])('of type %s', async (type) => {
      const response = await server()
        .post('/v1/events')
        .set('Content-Type', type)
        .serialize((value: unknown) => value as string)
        .send('{not json');
      expect(response.body).toEqual({ buffer: true, bytes: 9 });
    });

    it('even when there are none', async () => {
      expect((await server().post('/v1/events')).body).toEqual({ buffer: true, bytes: 0 });
    });

    it('up to the limit', async () => {
      expectProblem(await server().post('/v1/events').set('Content-Type', 'text/plain').send('a'.repeat(1025)), 413, 'body-too-large');
    });
  });

  describe('lets nobody in by default', () => {
    const as = async (path: string, claims: Record<string, unknown>) =>
      server()
        .get(path)
        .set('Authorization', `Bearer ${await sign(claims)}`);

    it('and an auditor where auditors may come', async () => {
      const response = await as('/v1/auditors', { roles: ['auditor'], sources: ['//a.example'] });
      expect(response.status).toBe(200);
      expect(response.body).toEqual({ sub: 'caller', roles: ['auditor'], sources: ['//a.example'] });
    });

    it('and tells a stranger how to authenticate', async () => {
      const response = await server().get('/v1/auditors');
      expectProblem(response, 401, 'token-required');
      expect(response.headers['www-authenticate']).toBe('Bearer realm="attesta"');
    });

    it('and refuses a role that does not open the route', async () => {
      const response = await as('/v1/auditors', { roles: ['operator'] });
      expectProblem(response, 403, 'role-required');
      expect(response.headers['www-authenticate']).toContain('insufficient_scope');
    });

    it('and refuses everybody on a route that names no role', async () => {
      expectProblem(await as('/v1/closed', { roles: ['auditor', 'dpo', 'operator', 'publisher', 'subject'] }), 403, 'forbidden');
    });

    it.each(['Basic Zm9vOmJhcg==', 'Bearer', 'Bearer a b', 'Bearer ünïcode', 'bearer x.y.z', `Bearer ${'a'.repeat(9000)}`])(
      'and refuses the header %.30s',
      async (header) => {
        const response = await server().get('/v1/auditors').set('Authorization', Buffer.from(header).toString('latin1'));
        expect(response.status).toBe(401);
        expect(response.headers['www-authenticate']).toContain('error="invalid_');
      },
    );

    it('and reports each refusal with the route pattern and never the URL', async () => {
      denied.length = 0;
      await as('/v1/auditors?email=somchai@example.com', { roles: ['dpo'], sub: 'someone' });
      expect(denied).toEqual([
        expect.objectContaining({
          status: 403,
          reason: 'role-required',
          method: 'GET',
          route: '/v1/auditors',
          principal: expect.objectContaining({ sub: 'someone' }),
        }),
      ]);
    });

    it('and a listener that fails changes nothing', async () => {
      const stop = app.get(DeniedAccess).onDenied(() => Promise.reject(new Error('the log is down')));
      expect((await server().get('/v1/auditors')).status).toBe(401);
      stop();
    });
  });

  describe('when a handler fails', () => {
    it('shows nothing of the cause and logs it under the same request id', async () => {
      lines.length = 0;
      const response = await server().get('/v1/broken');
      expectProblem(response, 500, 'internal-error');
      expect(JSON.stringify(response.body)).not.toContain('somchai');
      const line = lines.map((text) => JSON.parse(text) as Record<string, unknown>).find(({ message }) => message === 'request failed');
      expect(line).toMatchObject({ level: 'error', requestId: response.headers['x-request-id'], route: '/v1/broken' });
      expect(lines.join('')).not.toContain('somchai');
    });

    it('keeps the problem a handler threw', async () => {
      expectProblem(await server().get('/v1/teapot'), 409, 'conflict');
    });

    it('answers 503 when the handler never does', async () => {
      expectProblem(await server().get('/v1/slow'), 503, 'timeout');
    });
  });

  describe('names each request', () => {
    const id = '6f1e2d3c-0000-4000-8000-000000000001';
    it('by the id the caller sent, when it is a UUID', async () => {
      expect((await server().get('/v1/notes').set('x-request-id', id)).headers['x-request-id']).toBe(id);
    });
    it('by one of its own otherwise', async () => {
      expect((await server().get('/v1/notes').set('x-request-id', 'somchai')).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    });
  });

  describe('tells its health', () => {
    it('live without looking at anything', async () => {
      expect((await server().get('/health/live')).body).toEqual({ status: 'ok' });
    });

    it('ready when every registered part answers, and not when one fails, without showing why', async () => {
      const readiness = app.get(Readiness);
      const stops = [readiness.register('notes.database', async () => ({ lag: 0 }))];
      expect((await server().get('/health/ready')).body).toMatchObject({
        status: 'ok',
        details: { 'notes.database': { status: 'up', lag: 0 } },
      });
      stops.push(
        readiness.register('notes.feed', () =>
          Promise.reject(Object.assign(new Error('connect db.internal as somchai'), { code: 'ECONNREFUSED' })),
        ),
      );
      const response = await server().get('/health/ready');
      expect(response.status).toBe(503);
      expect(response.body).toMatchObject({ status: 'error', error: { 'notes.feed': { status: 'down', message: 'ECONNREFUSED' } } });
      expect(JSON.stringify(response.body)).not.toContain('somchai');
      for (const stop of stops) stop();
    });
  });

  describe('describes itself', () => {
    it('as OpenAPI 3.1', async () => {
      const { body } = await server().get('/docs-json');
      expect(body).toMatchObject({ openapi: '3.1.0', info: { title: 'Notes' } });
      expect(Object.keys((body as { paths: object }).paths)).toContain('/v1/notes/{id}');
    });
    it('on a page', async () => {
      const page = await server().get('/docs');
      expect(page.status).toBe(200);
      expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    });
    it('and says so when it carries no event reference', async () => {
      expectProblem(await server().get('/docs/asyncapi.json'), 404, 'not-found');
    });
  });
});

interface RawResponse {
  status: number;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

/** Sends bytes that no HTTP client would send. */
function raw(port: number, text: string): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('utf8')));
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', ...rest] = answer.split('\r\n\r\n');
      const [statusLine = '', ...headerLines] = head.split('\r\n');
      const headers = Object.fromEntries(
        headerLines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
      );
      const text = rest
        .join('\r\n\r\n')
        .replace(/^[0-9a-f]+\r\n/i, '')
        .replace(/\r\n0\r\n\r\n$/, '');
      resolve({ status: Number(statusLine.split(' ')[1]), headers, body: JSON.parse(text || '{}') as Record<string, unknown> });
    });
  });
}
