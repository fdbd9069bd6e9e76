/* A witness as C2SP tlog-witness has it and no line more, in memory, written apart from ours. For specs. */
import { createHash, generateKeyPairSync, sign as ed25519, type KeyObject } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyConsistency } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';

const EMPTY = createHash('sha256').digest();

export class SpecWitness {
  /** Of the log that it witnesses. */
  size = 0;
  root: Buffer = EMPTY;
  clock = 1_772_359_200;
  /** Bodies it was sent. */
  readonly asked: string[] = [];
  /** Answers instead, when set. */
  instead: ((response: http.ServerResponse) => void) | undefined;
  private readonly key: KeyObject;
  private readonly keyId: Buffer;
  private readonly publicKey: Buffer;
  private server: http.Server | undefined;
  url = '';

  constructor(private readonly name: string) {
    const pair = generateKeyPairSync('ed25519');
    this.key = pair.privateKey;
    this.publicKey = pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
    this.keyId = createHash('sha256').update(`${name}\n\u0004`).update(this.publicKey).digest().subarray(0, 4);
  }

  get verifierKey(): string {
    return `${this.name}+${this.keyId.toString('hex')}+${Buffer.concat([Buffer.of(4), this.publicKey]).toString('base64')}`;
  }

  async listen(): Promise<this> {
    this.server = http.createServer((request, response) => void this.answer(request, response));
    await new Promise<void>((resolve) => this.server!.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/some/prefix`;
    return this;
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  private async answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    this.asked.push(body);
    if (this.instead) return this.instead(response);
    if (request.url !== '/some/prefix/add-checkpoint' || request.method !== 'POST') return void response.writeHead(404).end();
    const [head, text] = [body.slice(0, body.indexOf('\n\n')), body.slice(body.indexOf('\n\n') + 2).split('\n\n')[0] + '\n'];
    const [old, ...proof] = head.split('\n');
    const [, sizeLine, rootLine] = text.split('\n');
    const [from, size, root] = [Number(old!.slice(4)), Number(sizeLine), Buffer.from(rootLine!, 'base64')];
    const conflict = () => void response.writeHead(409, { 'content-type': 'text/x.tlog.size; charset=utf-8' }).end(`${this.size}\n`);
    if (from !== this.size) return conflict();
    if (size === this.size && !root.equals(this.root)) return conflict();
    const hashes = proof.map((line) => new Uint8Array(Buffer.from(line, 'base64')));
    const consistent = verifyConsistency(nodePrimitives.sha256, {
      from,
      to: size,
      fromRoot: new Uint8Array(this.root),
      toRoot: new Uint8Array(root),
      proof: hashes,
    });
    if (!consistent) return void response.writeHead(422).end();
    [this.size, this.root] = [size, root];
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(this.clock));
    const signature = ed25519(null, Buffer.from(`cosignature/v1\ntime ${this.clock}\n${text}`), this.key);
    const line = `\u2014 ${this.name} ${Buffer.concat([this.keyId, time, signature]).toString('base64')}\n`;
    // Witnesses may answer with cosignatures of kinds that nobody here knows.
    response.writeHead(200).end(`\u2014 ${this.name} ${Buffer.alloc(90, 1).toString('base64')}\n${line}`);
  }
}
