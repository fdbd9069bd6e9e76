import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

interface TransitKey {
  versions: Buffer[];
  type: string;
  derived: boolean;
  minDecryption: number;
}

/**
 * A server that answers as Vault's Transit engine does: real AES-GCM by key versions, batches, its statuses and its words for errors. For machines that have
 * no Vault or OpenBao; the same suite runs against a real one where there is one.
 */
export class TransitServer {
  readonly keys = new Map<string, TransitKey>();
  token = 'root-token';
  namespace: string | undefined;
  sealed = false;
  standby = false;
  /** Statuses that the next requests are answered with. */
  readonly faults: number[] = [];
  /** Of each request: what was asked, and how many items it had. */
  readonly asked: string[] = [];
  private readonly server = http.createServer((request, response) => void this.answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  make(name: string, { type = 'aes256-gcm96', derived = false } = {}): void {
    this.keys.set(name, { versions: [randomBytes(32)], type, derived, minDecryption: 1 });
  }

  private async answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const say = (status: number, body: unknown) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
    const fail = (status: number, ...errors: string[]) => say(status, { errors });
    const fault = this.faults.shift();
    if (fault !== undefined) return void fail(fault);
    if (this.sealed) return void fail(503, 'Vault is sealed');
    if (this.standby) return void response.writeHead(307, { Location: 'http://active.invalid/' }).end();
    const known = request.headers['x-vault-token'] === this.token && request.headers['x-vault-namespace'] === this.namespace;
    if (!known) return void fail(403, 'permission denied');
    const [, verb, name] = /^\/v1\/transit\/(keys|encrypt|decrypt)\/([^/]+?)(?:\/rotate)?$/.exec(request.url!) ?? [];
    if (verb === undefined) return void fail(404, `no handler for route "${request.url!.slice(4)}". route entry not found.`);
    const key = this.keys.get(decodeURIComponent(name!));
    if (verb === 'keys') {
      if (!key) return void fail(404);
      if (request.url!.endsWith('/rotate')) key.versions.push(randomBytes(32));
      const { type, derived, versions } = key;
      return void say(200, { data: { type, derived, latest_version: versions.length, min_decryption_version: key.minDecryption } });
    }
    if (!key) return void fail(400, 'encryption key not found');
    const { batch_input: items } = JSON.parse(text) as { batch_input: Record<string, string>[] };
    this.asked.push(`${verb} ${items.length}`);
    const results = items.map((item) => (verb === 'encrypt' ? encrypt(key, item) : decrypt(key, item)));
    say(results.some(({ error }) => error) ? 400 : 200, { data: { batch_results: results } });
  }
}

interface Result {
  error?: string;
  ciphertext?: string;
  key_version?: number;
  plaintext?: string;
}

function encrypt({ versions }: TransitKey, item: Record<string, string>): Result {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', versions.at(-1)!, nonce);
  cipher.setAAD(Buffer.from(item['associated_data'] ?? '', 'base64'));
  const sealed = Buffer.concat([nonce, cipher.update(Buffer.from(item['plaintext']!, 'base64')), cipher.final(), cipher.getAuthTag()]);
  return { ciphertext: `vault:v${versions.length}:${sealed.toString('base64')}`, key_version: versions.length };
}

function decrypt({ versions, minDecryption }: TransitKey, item: Record<string, string>): Result {
  const [, at, text] = /^vault:v([0-9]+):(.+)$/.exec(item['ciphertext'] ?? '') ?? [];
  if (text === undefined) return { error: 'invalid ciphertext: no prefix' };
  const version = Number(at);
  if (version > versions.length) return { error: 'invalid ciphertext: version is too new' };
  if (version < minDecryption) return { error: 'ciphertext or signature version is disallowed by policy (too old)' };
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length < 28) return { error: 'invalid ciphertext length' };
  try {
    const decipher = createDecipheriv('aes-256-gcm', versions[version - 1]!, bytes.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(item['associated_data'] ?? '', 'base64'));
    decipher.setAuthTag(bytes.subarray(-16));
    return { plaintext: Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('base64') };
  } catch {
    return { error: 'cipher: message authentication failed' };
  }
}
