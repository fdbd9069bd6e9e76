import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

const ACCESS_KEY = 'AKIDKEYSRIG';
const SECRET = 'secret-of-the-rig';

interface KmsKey {
  secret: Buffer;
  state: 'Enabled' | 'PendingDeletion' | 'Disabled';
}

type Context = Record<string, string> | undefined;
interface Asked {
  KeyId?: string;
  Plaintext?: string;
  CiphertextBlob?: string;
  EncryptionContext?: Context;
  SourceKeyId?: string;
  SourceEncryptionContext?: Context;
  DestinationKeyId?: string;
  DestinationEncryptionContext?: Context;
}

class Refusal extends Error {
  constructor(
    readonly type: string,
    message = '',
    readonly status = 400,
  ) {
    super(message);
  }
}

/** A server that speaks AWS KMS's JSON 1.1 protocol: Signature Version 4 is checked, encryption contexts are bound, its exceptions have their names. */
export class KmsServer {
  static readonly credentials = { AWS_ACCESS_KEY_ID: ACCESS_KEY, AWS_SECRET_ACCESS_KEY: SECRET, AWS_REGION: 'ap-southeast-1' };
  readonly keys = new Map<string, KmsKey>();
  readonly aliases = new Map<string, string>();
  readonly asked: string[] = [];
  /** Exceptions that the next requests are answered with. */
  readonly faults: string[] = [];
  private readonly server = http.createServer((request, response) => void this.answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** @returns its ARN */
  make(): string {
    const arn = `arn:aws:kms:ap-southeast-1:111122223333:key/${randomUUID()}`;
    this.keys.set(arn, { secret: randomBytes(32), state: 'Enabled' });
    return arn;
  }

  private async answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const say = (status: number, answer: unknown) =>
      response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
    try {
      checkSignature(request, body);
      const fault = this.faults.shift();
      if (fault !== undefined) throw new Refusal(fault, 'as the rig was told', fault === 'KMSInternalException' ? 500 : 400);
      const target = String(request.headers['x-amz-target']);
      this.asked.push(target);
      say(200, this.act(target, JSON.parse(body) as Asked));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      say(error.status, { __type: error.type, message: error.message });
    }
  }

  private act(target: string, asked: Asked): unknown {
    switch (target) {
      case 'TrentService.DescribeKey': {
        const [arn, { state }] = this.find(asked.KeyId);
        return {
          KeyMetadata: { Arn: arn, KeyId: arn.split('/')[1], KeyState: state, KeySpec: 'SYMMETRIC_DEFAULT', KeyUsage: 'ENCRYPT_DECRYPT' },
        };
      }
      case 'TrentService.Encrypt':
        return this.encrypt(asked.KeyId, Buffer.from(asked.Plaintext!, 'base64'), asked.EncryptionContext);
      case 'TrentService.Decrypt': {
        const [arn, plain] = this.decrypt(asked.KeyId, asked.CiphertextBlob!, asked.EncryptionContext);
        return { KeyId: arn, Plaintext: plain.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
      }
      case 'TrentService.ReEncrypt': {
        const [arn, plain] = this.decrypt(asked.SourceKeyId, asked.CiphertextBlob!, asked.SourceEncryptionContext);
        return { SourceKeyId: arn, ...this.encrypt(asked.DestinationKeyId, plain, asked.DestinationEncryptionContext) };
      }
      default:
        throw new Refusal('UnknownOperationException', target);
    }
  }

  private find(id: string | undefined): [arn: string, key: KmsKey] {
    const arn = this.aliases.get(id ?? '') ?? [...this.keys.keys()].find((one) => one === id || one.endsWith(`/${id}`));
    const key = arn === undefined ? undefined : this.keys.get(arn);
    if (arn === undefined || !key) throw new Refusal('NotFoundException', `Key '${id}' does not exist`);
    return [arn, key];
  }

  private usable(id: string | undefined): [arn: string, secret: Buffer] {
    const [arn, { secret, state }] = this.find(id);
    if (state === 'Disabled') throw new Refusal('DisabledException', `${arn} is disabled.`);
    if (state !== 'Enabled') throw new Refusal('KMSInvalidStateException', `${arn} is pending deletion.`);
    return [arn, secret];
  }

  private encrypt(id: string | undefined, plain: Buffer, context: Context) {
    const [arn, secret] = this.usable(id);
    if (plain.length === 0 || plain.length > 4096) throw new Refusal('ValidationException', 'plaintext must have 1 to 4096 bytes');
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', secret, nonce);
    cipher.setAAD(Buffer.from(JSON.stringify(Object.entries(context ?? {}).sort())));
    const name = Buffer.from(arn);
    const blob = Buffer.concat([Buffer.from([1, name.length]), name, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return { KeyId: arn, CiphertextBlob: blob.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  }

  /** The ciphertext tells its key; a key named beside it must be that one. */
  private decrypt(id: string | undefined, text: string, context: Context): [arn: string, plain: Buffer] {
    const blob = Buffer.from(text, 'base64');
    const end = 2 + blob[1]!;
    const [arn, secret] = this.usable(blob.subarray(2, end).toString());
    if (id !== undefined && this.find(id)[0] !== arn)
      throw new Refusal('IncorrectKeyException', 'The key ID in the request does not identify a CMK that can perform this operation.');
    try {
      const decipher = createDecipheriv('aes-256-gcm', secret, blob.subarray(end, end + 12), { authTagLength: 16 });
      decipher.setAAD(Buffer.from(JSON.stringify(Object.entries(context ?? {}).sort())));
      decipher.setAuthTag(blob.subarray(-16));
      return [arn, Buffer.concat([decipher.update(blob.subarray(end + 12, -16)), decipher.final()])];
    } catch {
      throw new Refusal('InvalidCiphertextException');
    }
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** AWS Signature Version 4, reckoned by itself and compared. */
function checkSignature({ method, url, headers }: http.IncomingMessage, body: string): void {
  const given =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([0-9]{8})\/([^/]+)\/kms\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  if (!given) throw new Refusal('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const [, id, day, region, signed, signature] = given as unknown as [string, string, string, string, string, string];
  if (id !== ACCESS_KEY) throw new Refusal('UnrecognizedClientException', 'The security token included in the request is invalid.');
  const lines = signed.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, url, '', lines.join(''), signed, sha256(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], `${day}/${region}/kms/aws4_request`, sha256(canonical)].join('\n');
  const key = ['kms', 'aws4_request'].reduce((last, part) => hmac(last, part), hmac(hmac(`AWS4${SECRET}`, day), region));
  if (!timingSafeEqual(hmac(key, text), Buffer.from(signature, 'hex')))
    throw new Refusal('InvalidSignatureException', 'The request signature we calculated does not match the signature you provided.');
}
