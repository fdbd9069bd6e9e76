import { verify, X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { AccessRecorder, bootstrap, JsonLogger, type Role } from '@attesta/service-kit';
import { Module, type INestApplication } from '@nestjs/common';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import request, { type Response, type Test } from 'supertest';
import { OWN_ROUTES } from './own-routes.js';
import { OpenDsrController } from './opendsr.controller.js';
import { OPENDSR_LIMIT } from './opendsr-request.js';
import { OpenDsrSigner } from './opendsr-signer.js';
import { OpenDsr, type OpenDsrOptions } from './opendsr.js';
import { RequestsRig } from './requests-rig.js';
import { Requests } from './requests.js';

const ISSUER = 'https://issuer.example';
const DOMAIN = 'privacy.example';

/** What a controller was called back with. */
export interface Call {
  url: string;
  headers: http.IncomingHttpHeaders;
  body: string;
}

@Module({})
class OpenDsrOnly {}

/** For specs only: OpenDSR over HTTP on the service of a `RequestsRig`, and a controller that is called back. */
export class OpenDsrRig {
  readonly calls: Call[] = [];
  /** What the controller answers next; 202 when there is nothing more. */
  readonly answers: number[] = [];
  private readonly tokens = new Map<string, string>();

  private constructor(
    readonly base: RequestsRig,
    readonly openDsr: OpenDsr,
    private readonly app: INestApplication<http.Server>,
    private readonly sign: (roles: Role[], sub: string) => Promise<string>,
    private readonly receiver: http.Server,
  ) {}

  static async start(options: Partial<OpenDsrOptions> = {}): Promise<OpenDsrRig> {
    const base = await RequestsRig.start();
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'attesta-opendsr-'));
    const signer = await OpenDsrSigner.selfSigned(directory, DOMAIN, base.time);
    const openDsr = new OpenDsr(base.requests, { signer, innerHosts: ['127.0.0.1'], ...options });
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] });
    const { requests } = base;
    const access = new AccessRecorder({
      routes: OWN_ROUTES,
      now: () => requests.now(),
      say: (events) => requests.log.append(requests.pool, 'access', 'any', events),
    });
    const providers = [
      { provide: Requests, useValue: requests },
      { provide: OpenDsr, useValue: openDsr },
      { provide: AccessRecorder, useValue: access },
    ];
    const app = await bootstrap(
      { module: OpenDsrOnly, controllers: [OpenDsrController], providers },
      {
        service: 'opendsr',
        auth: { issuer: ISSUER, audience: 'attesta', keys },
        rawBody: [{ path: '/opendsr', limit: OPENDSR_LIMIT }],
        logger: new JsonLogger({ service: 'opendsr', level: 'off' }),
        shutdownSignals: false,
      },
    );
    const sign = (roles: Role[], sub: string) =>
      new SignJWT({ roles })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .setIssuer(ISSUER)
        .setAudience('attesta')
        .setSubject(sub)
        .setExpirationTime('8h')
        .sign(privateKey);
    const receiver = http.createServer((incoming, response) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        rig.calls.push({ url: incoming.url ?? '', headers: incoming.headers, body: Buffer.concat(parts).toString() });
        const status = rig.answers.shift() ?? 202;
        response.writeHead(status, { location: 'http://127.0.0.1:9/' }).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const rig = new OpenDsrRig(base, openDsr, app, sign, receiver);
    return rig;
  }

  /** Where the controller wants to be called back. */
  callbackUrl(at: string): string {
    return `http://127.0.0.1:${(this.receiver.address() as AddressInfo).port}${at}`;
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.base.stop();
    await new Promise((resolve) => this.receiver.close(resolve));
  }

  /** @param role of the token; undefined sends none */
  async call(method: 'get' | 'post' | 'delete', url: string, sub?: string, body?: string | object, role: Role = 'publisher') {
    const call: Test = request(this.app.getHttpServer())[method](`/opendsr/v2${url}`).set('content-type', 'application/json');
    if (sub !== undefined) call.set('authorization', `Bearer ${await this.token(role, sub)}`);
    if (url.endsWith('/results')) call.buffer(true).parse(bytes);
    return call.send(typeof body === 'object' ? JSON.stringify(body) : body);
  }

  /** Whether the answer, or the callback, is signed by the certificate. */
  isSigned({ headers }: { headers: Record<string, unknown> }, body: string): boolean {
    const { publicKey } = new X509Certificate(this.openDsr.options.signer.certificate);
    const signature = Buffer.from(String(headers['x-opendsr-signature']), 'base64');
    return headers['x-opendsr-processor-domain'] === DOMAIN && verify('sha256', Buffer.from(body), publicKey, signature);
  }

  /** The request's own id. */
  async requestOf(response: Response): Promise<string> {
    const { rows } = await this.base.requests.pool.query<{ request: string }>('select request from opendsr_request where id = $1', [
      (response.body as { subject_request_id: string }).subject_request_id,
    ]);
    return rows[0]!.request;
  }

  private async token(role: Role, sub: string): Promise<string> {
    const name = `${role} ${sub}`;
    const token = this.tokens.get(name) ?? (await this.sign([role], sub));
    this.tokens.set(name, token);
    return token;
  }
}

const bytes = (response: Response, done: (error: Error | null, body: Buffer) => void): void => {
  const parts: Buffer[] = [];
  response.on('data', (part: Buffer) => parts.push(part));
  response.on('end', () => done(null, Buffer.concat(parts)));
};
