import fs from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { KeyProviderUnavailable } from './key-provider.js';

/** How a Vault or OpenBao server is spoken to. */
export interface TransitAccess {
  /** Such as https://vault.internal:8200. */
  url: string;
  /** The token itself, or the file that an agent keeps it in, which is read anew for each request. */
  token: { value: string } | { file: string };
  namespace?: string | undefined;
  /** Certificate authorities that vouch for the server, in PEM; else the system's. */
  ca?: string | undefined;
  /** For one attempt. */
  timeoutMs?: number | undefined;
}

export interface TransitAnswer {
  status: number;
  body: { data?: Record<string, unknown>; errors?: unknown };
}

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 100;
const MOST_BYTES = 32 * 1024 * 1024;

/** The HTTP API. What a later attempt may mend is tried again; then it is KeyProviderUnavailable, which says why. */
export class TransitHttp {
  private readonly base: string;
  private readonly agent: http.Agent;

  constructor(private readonly access: TransitAccess) {
    this.base = access.url.replace(/\/+$/, '');
    this.agent = this.base.startsWith('https:') ? new https.Agent({ keepAlive: true, ca: access.ca }) : new http.Agent({ keepAlive: true });
  }

  /**
   * @param path behind /v1/
   * @returns what was answered with 200, 400 or 404: of those the caller knows the meaning
   * @throws KeyProviderUnavailable
   */
  async call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<TransitAnswer> {
    for (let attempt = 1; ; attempt++) {
      let why: string;
      let cause: unknown;
      let again = true;
      try {
        const answer = await this.once(method, path, body);
        if (answer.status === 200 || answer.status === 400 || answer.status === 404) return answer;
        ({ why, again } = explain(answer));
      } catch (error) {
        [why, cause] = [`does not answer (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`, error];
      }
      if (!again || attempt >= ATTEMPTS) throw new KeyProviderUnavailable(`the Transit server at ${this.base} ${why}`, { cause });
      await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private async once(method: string, path: string, body: unknown): Promise<TransitAnswer> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const { namespace, timeoutMs = 5_000 } = this.access;
    const headers: http.OutgoingHttpHeaders = {
      'X-Vault-Token': await this.token(),
      'X-Vault-Request': 'true',
      ...(namespace !== undefined && { 'X-Vault-Namespace': namespace }),
      ...(payload !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) }),
    };
    const { request } = this.base.startsWith('https:') ? https : http;
    return new Promise((resolve, reject) => {
      const sent = request(`${this.base}/v1/${path}`, { method, headers, agent: this.agent, signal: AbortSignal.timeout(timeoutMs) });
      sent.once('error', reject);
      sent.once('response', (response) => void read(response).then(resolve, reject));
      sent.end(payload);
    });
  }

  private async token(): Promise<string> {
    const { token } = this.access;
    if ('value' in token) return token.value;
    return (await fs.readFile(token.file, 'utf8')).trim();
  }
}

async function read(response: http.IncomingMessage): Promise<TransitAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return { status: response.statusCode!, body: parse(Buffer.concat(chunks).toString('utf8')) };
}

/** A proxy in between may answer in anything but JSON. */
function parse(text: string): TransitAnswer['body'] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** https://developer.hashicorp.com/vault/api-docs#http-status-codes */
function explain({ status, body }: TransitAnswer): { why: string; again: boolean } {
  const said = errorsIn(body).join('; ');
  if (status === 503 && /sealed/i.test(said)) return { why: 'is sealed; unseal it', again: true };
  if (status === 307 || status === 308 || status === 472 || status === 473 || /standby/i.test(said))
    return { why: 'is a standby that does not forward; name the active server, or the load balancer', again: true };
  if (status === 403) return { why: `refuses the token (${said || 'permission denied'}); renew it, or correct its policy`, again: false };
  if (status === 429) return { why: 'takes no more requests just now (429)', again: true };
  // 412: a replica that is behind what this token has seen.
  return { why: `answered ${status}${said && ` (${said})`}`, again: status >= 500 || status === 412 };
}

export const errorsIn = ({ errors }: TransitAnswer['body']): string[] => (Array.isArray(errors) ? errors.map(String) : []);
