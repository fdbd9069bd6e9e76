import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { AttestaError, clientCredentials } from './index.js';
import type { ClientCredentialsOptions } from './index.js';

describe('tokens by client credentials', () => {
  let server: http.Server;
  let issuer: string;
  let tokenAnswer: { status: number; body: unknown };
  let discovery: Record<string, unknown>;
  let now: number;
  const seen: { url: string; authorization?: string; body: string }[] = [];

  beforeAll(async () => {
    server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
      request.on('end', () => {
        const { authorization } = request.headers;
        seen.push({ url: request.url ?? '', body, ...(authorization && { authorization }) });
        const answer = request.url === '/token' ? tokenAnswer : { status: 200, body: discovery };
        response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer.body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    seen.length = 0;
    now = 0;
    discovery = { issuer, token_endpoint: `${issuer}/token` };
    tokenAnswer = { status: 200, body: { access_token: 'first', expires_in: 3600 } };
  });
  const source = (options: Partial<ClientCredentialsOptions> = {}) =>
    clientCredentials({ issuer, clientId: 'shop:1', clientSecret: 'p@ss word+', audience: 'attesta', now: () => now, ...options });

  it('are asked for once by all who wait, and kept until a minute before they expire', async () => {
    const token = source();
    expect(await Promise.all([token(), token(), token()])).toEqual(['first', 'first', 'first']);
    now = 3_539_000;
    expect(await token()).toBe('first');
    expect(seen).toHaveLength(2);
    tokenAnswer.body = { access_token: 'second', expires_in: 3600 };
    now = 3_541_000;
    expect(await token()).toBe('second');
    expect(seen.map(({ url }) => url)).toEqual(['/.well-known/openid-configuration', '/token', '/token']);
  });

  it('are asked for with encoded credentials in the header, and never in a URL', async () => {
    await source()();
    const request = seen[1];
    expect(Buffer.from(request?.authorization?.slice(6) ?? '', 'base64').toString('utf8')).toBe('shop%3A1:p%40ss+word%2B');
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({ grant_type: 'client_credentials', audience: 'attesta' });
  });

  it('that live for seconds only are used for half of that', async () => {
    tokenAnswer.body = { access_token: 'brief', expires_in: 10 };
    const token = source();
    await token();
    now = 4_900;
    await token();
    expect(seen).toHaveLength(2);
    now = 5_100;
    await token();
    expect(seen).toHaveLength(3);
  });

  it('are asked for again after a refusal', async () => {
    const token = source();
    tokenAnswer = { status: 401, body: { error: 'invalid_client' } };
    await expect(Promise.resolve(token())).rejects.toThrow(/401 \(invalid_client\)/);
    tokenAnswer = { status: 200, body: { access_token: 'now', expires_in: 3600 } };
    expect(await token()).toBe('now');
  });

  it('are not asked of an issuer that calls itself otherwise', async () => {
    discovery['issuer'] = 'https://evil.example';
    await expect(Promise.resolve(source()())).rejects.toBeInstanceOf(AttestaError);
    expect(seen).toHaveLength(1);
  });

  it('do not appear in errors, nor does the secret', async () => {
    tokenAnswer = { status: 400, body: { error_description: 'p@ss word+' } };
    const error = await Promise.resolve(source()()).then(
      () => undefined,
      (reason: unknown) => reason as AttestaError,
    );
    expect(`${error?.message} ${error?.stack}`).not.toContain('p@ss');
  });
});
