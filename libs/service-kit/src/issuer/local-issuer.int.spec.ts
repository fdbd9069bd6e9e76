import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt, decodeProtectedHeader, importJWK, SignJWT } from 'jose';
import type { JWK } from 'jose';
import { Module } from '@nestjs/common';
import { bootstrap } from '../bootstrap.js';
import { actorOf } from '../access/actor.js';
import { TokenVerifier } from '../access/token-verifier.js';
import { Problem } from '../problems/problem.js';
import { issueToken, publisherClient, readIssuerHome, ROLE_CLIENTS, startIssuer } from './index.js';
import type { LocalIssuer } from './index.js';

const clients = [...ROLE_CLIENTS, publisherClient('storefront', '//storefront.example/')];

describe('the local issuer', () => {
  let home: string;
  let server: { port: number; close(): Promise<void> };
  let issuer: LocalIssuer;
  let url: string;

  beforeAll(async () => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'issuer-'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}/oidc`;
    issuer = await startIssuer({ home, issuer: url, audience: 'attesta', clients });
    server = await issuer.listen(port);
  });
  afterAll(async () => {
    await server.close();
    fs.rmSync(home, { recursive: true, force: true });
  });

  const tokenRequest = (id: string, secret: string) =>
    fetch(`${url}/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
  const secretOf = (id: string) => issuer.clients.find((client) => client.id === id)?.secret ?? '';
  const refusal = (verifier: TokenVerifier, token: string) =>
    verifier.verify(token).then(
      () => undefined,
      (error: unknown) => error as Problem,
    );

  it('publishes discovery for exactly its own URL', async () => {
    const discovery = (await (await fetch(`${url}/.well-known/openid-configuration`)).json()) as Record<string, string>;
    expect(discovery).toMatchObject({ issuer: url, jwks_uri: `${url}/jwks`, token_endpoint: `${url}/token` });
  });

  it('publishes public keys only', async () => {
    const { keys } = (await (await fetch(`${url}/jwks`)).json()) as { keys: JWK[] };
    expect(keys).toHaveLength(1);
    expect(keys[0]).not.toHaveProperty('d');
  });

  it('gives a client an access token for one hour with its roles and sources', async () => {
    const response = await tokenRequest('storefront', secretOf('storefront'));
    expect(response.status).toBe(200);
    const { access_token: token, expires_in: seconds } = (await response.json()) as { access_token: string; expires_in: number };
    expect(seconds).toBe(3600);
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
    expect(decodeJwt(token)).toMatchObject({
      iss: url,
      aud: 'attesta',
      sub: 'storefront',
      roles: ['publisher'],
      sources: ['//storefront.example/'],
    });
  });

  it('gives nothing for a wrong secret', async () => {
    expect((await tokenRequest('storefront', 'guess')).status).toBe(401);
  });

  it('keeps keys and secrets for its owner only, and the same over restarts', async () => {
    for (const file of ['issuer.json', 'signing-keys.json']) expect(fs.statSync(path.join(home, 'oidc', file)).mode & 0o777).toBe(0o600);
    const before = readIssuerHome(home);
    await startIssuer({ home, issuer: url, audience: 'attesta', clients });
    expect(readIssuerHome(home)).toEqual(before);
  });

  it('lives under a path of the service that trusts it', async () => {
    @Module({})
    class Nothing {}
    const port = await freePort();
    const here = `http://localhost:${port}/oidc`;
    const ownHome = fs.mkdtempSync(path.join(os.tmpdir(), 'issuer-'));
    const mounted = await startIssuer({ home: ownHome, issuer: here, audience: 'attesta', clients });
    const app = await bootstrap(Nothing, {
      service: 'whole',
      auth: { issuer: here, audience: 'attesta' },
      mount: [{ path: '/oidc', handler: mounted.handler }],
      logLevel: 'off',
      shutdownSignals: false,
    });
    await app.listen(port);
    const secret = mounted.clients.find(({ id }) => id === 'storefront')?.secret;
    const response = await fetch(`${here}/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`storefront:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', audience: 'attesta' }),
    });
    const { access_token: token } = (await response.json()) as { access_token: string };
    await expect(app.get(TokenVerifier).verify(token)).resolves.toMatchObject({ sub: 'storefront' });
    for (const [method, path, body] of [
      ['POST', '/oidc/token', 'x'.repeat(100_000)],
      ['GET', '/oidc/nowhere'],
      ['GET', '/oidc/auth?client_id=storefront'],
      ['DELETE', '/oidc/jwks'],
    ]) {
      const refused = await fetch(`http://localhost:${port}${path}`, {
        method: method ?? 'GET',
        ...(body && { body, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }),
      });
      expect(refused.status).toBeGreaterThanOrEqual(400);
      expect(refused.status).toBeLessThan(500);
    }
    await app.close();
    fs.rmSync(ownHome, { recursive: true });
  });

  describe('and a service that trusts it', () => {
    let verifier: TokenVerifier;
    beforeEach(() => (verifier = new TokenVerifier({ issuer: url, audience: 'attesta' })));
    const forge = async (claims: Record<string, unknown>, key?: JWK) => {
      const jwk = key ?? readIssuerHome(home).keys[0];
      return new SignJWT({ iss: url, aud: 'attesta', sub: 'x', roles: ['auditor'], exp: Math.floor(Date.now() / 1000) + 60, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: jwk?.kid ?? '' })
        .sign(await importJWK(jwk as JWK, 'ES256'));
    };

    it('knows the caller from a token made by the command line', async () => {
      const token = await issueToken(home, 'auditor');
      await expect(verifier.verify(token)).resolves.toEqual({ sub: 'auditor', roles: ['auditor'], sources: [] });
    });

    it('knows a data subject by the claim', async () => {
      const token = await issueToken(issuer, 'subject', { subject: 'ref1.abc' });
      await expect(verifier.verify(token)).resolves.toMatchObject({ roles: ['subject'], subject: 'ref1.abc' });
    });

    it('knows a caller whose sub is an e-mail address by a pseudonym alone', async () => {
      const sub = 'somchai@example.com';
      const actorPepper = 'a pepper of at least 32 characters';
      const peppered = new TokenVerifier({ issuer: url, audience: 'attesta', actorPepper });
      await expect(verifier.verify(await forge({ sub }))).resolves.toMatchObject({ sub: actorOf(url, sub) });
      await expect(peppered.verify(await forge({ sub }))).resolves.toMatchObject({ sub: actorOf(url, sub, actorPepper) });
    });

    it('pays for a signature once', async () => {
      const token = await issueToken(issuer, 'auditor');
      let fetched = 0;
      const counting = new TokenVerifier({ issuer: url, audience: 'attesta', fetch: (...args) => (fetched++, fetch(...args)) });
      for (let i = 0; i < 50; i++) await counting.verify(token);
      expect(fetched).toBe(1);
    });

    it('stops accepting a remembered token when it expires', async () => {
      let now = Date.now();
      const clocked = new TokenVerifier({ issuer: url, audience: 'attesta', now: () => now });
      const token = await issueToken(issuer, 'auditor');
      await clocked.verify(token);
      now += 3_600_000 + 29_000;
      await expect(clocked.verify(token)).resolves.toBeDefined();
      now += 2_000;
      expect((await refusal(clocked, token))?.detail).toBe('The token has expired.');
    });

    describe('refuses', () => {
      const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const claims = () => ({ iss: url, aud: 'attesta', sub: 'x', roles: ['auditor'], exp: Math.floor(Date.now() / 1000) + 60 });
      const expectRefused = async (token: string, detail: RegExp) => {
        const problem = await refusal(verifier, token);
        expect(problem).toBeInstanceOf(Problem);
        expect(problem?.getStatus()).toBe(401);
        expect(problem?.detail).toMatch(detail);
      };

      it('alg none', () => expectRefused(`${part({ alg: 'none' })}.${part(claims())}.`, /not signed with/));
      it('alg none in other letters', () => expectRefused(`${part({ alg: 'nOnE' })}.${part(claims())}.`, /not signed with/));
      it('HS256 keyed with the public key', async () => {
        const { keys } = (await (await fetch(`${url}/jwks`)).json()) as { keys: JWK[] };
        const pem = createPublicKey({ key: { ...keys[0] }, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
        const signed = `${part({ alg: 'HS256', kid: readIssuerHome(home).keys[0]?.kid })}.${part(claims())}`;
        await expectRefused(`${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`, /not signed with/);
      });
      it('another audience', async () => expectRefused(await forge({ aud: 'elsewhere' }), /another audience/));
      it('another issuer', async () => expectRefused(await forge({ iss: 'https://evil.example' }), /another issuer/));
      it('an expired token', async () => expectRefused(await forge({ exp: Math.floor(Date.now() / 1000) - 31 }), /expired/));
      it('a token without an end', async () => expectRefused(await forge({ exp: undefined }), /missing or wrong/));
      it('a token from the future', async () => expectRefused(await forge({ nbf: Math.floor(Date.now() / 1000) + 120 }), /not valid yet/));
      it('a token about nobody', async () => expectRefused(await forge({ sub: undefined }), /missing or wrong/));
      it('a changed claim', async () => {
        const [header, , signature] = (await forge({})).split('.');
        await expectRefused(`${header}.${part({ ...claims(), roles: ['dpo'] })}.${signature}`, /signature/);
      });
      it('a key the issuer does not publish', async () => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        await expectRefused(await forge({}, { ...(privateKey.export({ format: 'jwk' }) as JWK), kid: 'mine' }), /does not publish/);
      });
      it('a foreign key under the published id', async () => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        await expectRefused(
          await forge({}, { ...(privateKey.export({ format: 'jwk' }) as JWK), kid: readIssuerHome(home).keys[0]?.kid ?? '' }),
          /signature/,
        );
      });
      it('an embedded key', async () => {
        const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        const token = await new SignJWT(claims())
          .setProtectedHeader({ alg: 'ES256', jwk: publicKey.export({ format: 'jwk' }) as JWK })
          .sign(privateKey);
        await expectRefused(token, /signature|does not publish/);
      });
      it.each(['', '.', '..', 'a.b.c', 'eyJhbGciOiJFUzI1NiJ9.e30.', '\u0000.\u0000.\u0000', 'x'.repeat(100_000)])('garbage %#', (token) =>
        expectRefused(token, /./),
      );
      it('roles that do not exist, by ignoring them', async () => {
        await expect(verifier.verify(await forge({ roles: ['root', 'auditor', 7, null], sources: 'x' }))).resolves.toEqual({
          sub: 'x',
          roles: ['auditor'],
          sources: [],
        });
      });
    });

    it('answers 503 and not 401 while the issuer is away, asking it again only after a pause', async () => {
      let now = Date.now();
      let asked = 0;
      const alone = new TokenVerifier({
        issuer: url,
        audience: 'attesta',
        now: () => now,
        fetch: () => (asked++, Promise.reject(new TypeError('fetch failed'))),
      });
      const token = await issueToken(issuer, 'auditor');
      for (let i = 0; i < 5; i++) expect((await refusal(alone, token))?.getStatus()).toBe(503);
      expect(asked).toBe(1);
      now += 5_000;
      await refusal(alone, token);
      expect(asked).toBe(2);
    });

    it('does not trust a discovery document that names another issuer', async () => {
      const liar = new TokenVerifier({
        issuer: url,
        audience: 'attesta',
        fetch: async () => Response.json({ issuer: 'https://evil.example', jwks_uri: 'https://evil.example/jwks' }),
      });
      expect((await refusal(liar, await issueToken(issuer, 'auditor')))?.getStatus()).toBe(503);
    });
  });
});

async function freePort(): Promise<number> {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
