import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateAliasCommand, CreateKeyCommand, DisableKeyCommand, KMSClient, UpdateAliasCommand } from '@aws-sdk/client-kms';
import { describeServer, KmsServer, onPath, TransitServer } from '@attesta/testing';
import { providerConformance, type ProviderRig } from './key-provider-conformance.js';
import { KeyEncryptionKeyMissing, KeyProviderUnavailable } from './key-provider.js';
import { KeyProviders } from './key-providers.js';
import { KmsProvider } from './kms-provider.js';
import { LocalKeyring, type KeyringFile } from './local-keyring.js';
import { TransitProvider } from './transit-provider.js';

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'attesta-providers-'));
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill();
  fs.rmSync(directory, { recursive: true });
});

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
describe('the keyring file', () =>
  providerConformance(async (): Promise<ProviderRig> => {
    const file = path.join(directory, `${randomUUID()}.json`);
    await LocalKeyring.open(file);
    const change = (by: (ring: KeyringFile) => void) => {
      const ring = JSON.parse(fs.readFileSync(file, 'utf8')) as KeyringFile;
      by(ring);
      fs.writeFileSync(`${file}.new`, JSON.stringify(ring));
      fs.renameSync(`${file}.new`, file);
    };
    return {
      separates: false,
      open: () => LocalKeyring.read(file),
      rotate: async () =>
        change((ring) => {
          ring.keys['kek-2'] = randomBytes(32).toString('base64');
          ring.current = 'kek-2';
        }),
      lose: async (kek) => change((ring) => delete ring.keys[kek]),
      close: async () => undefined,
    };
  }));

const transitAway = async () =>
  new TransitProvider({
    url: `http://127.0.0.1:${await freePort()}`,
    token: { value: 'x' },
    key: 'attesta',
    service: 'ledger',
    timeoutMs: 500,
  });

describe('Transit, by a server that speaks its protocol', () => {
  providerConformance(async (): Promise<ProviderRig> => {
    const server = new TransitServer();
    server.make('attesta');
    const url = await server.start();
    return {
      separates: true,
      open: async (service = 'ledger') => new TransitProvider({ url, token: { value: server.token }, key: 'attesta', service }),
      away: transitAway,
      rotate: async () => void server.keys.get('attesta')!.versions.push(randomBytes(32)),
      lose: async () => void (server.keys.get('attesta')!.minDecryption = 2),
      close: () => server.stop(),
    };
  });

  let server: TransitServer;
  let url: string;
  beforeEach(async () => {
    server = new TransitServer();
    server.make('attesta');
    url = await server.start();
  });
  afterEach(() => server.stop());
  const provider = (change: Partial<ConstructorParameters<typeof TransitProvider>[0]> = {}) =>
    new TransitProvider({ url, token: { value: server.token }, key: 'attesta', service: 'ledger', ...change });

  it('wraps and opens many keys in one request', async () => {
    const one = provider();
    await one.unwrap(await one.wrap(Array.from({ length: 1_500 }, () => randomBytes(32))));
    expect(server.asked).toEqual(['encrypt 1000', 'encrypt 500', 'decrypt 1000', 'decrypt 500']);
  });

  it('tries again what may mend itself, and no longer than that', async () => {
    const one = provider();
    server.faults.push(500, 429, 503);
    expect(await one.current()).toBe('transit:transit/attesta:v1');
    server.faults.push(502, 502, 502, 502);
    await expect(one.current()).rejects.toThrow(/answered 502/);
    expect(server.faults).toEqual([]);
  });

  it.each([
    ['sealed', () => (server.sealed = true), /is sealed; unseal it/],
    ['a standby that does not forward', () => (server.standby = true), /is a standby/],
    ['refusing the token', () => (server.token = 'another'), /refuses the token \(permission denied\); renew it/],
  ])('a server that is %s is unavailable, and says what to do', async (_, happen, words) => {
    const one = provider();
    const wrapped = await one.wrap([randomBytes(32)]);
    happen();
    const failure = await one.unwrap(wrapped).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(KeyProviderUnavailable);
    expect((failure as Error).message).toMatch(words);
  });

  it('reads the token of a file anew, as an agent renews it', async () => {
    const file = path.join(directory, 'token');
    fs.writeFileSync(file, 'root-token\n');
    const one = provider({ token: { file } });
    const wrapped = await one.wrap([randomBytes(32)]);
    server.token = 'renewed';
    await expect(one.unwrap(wrapped)).rejects.toThrow(KeyProviderUnavailable);
    fs.writeFileSync(file, 'renewed\n');
    expect(await one.unwrap(wrapped)).toHaveLength(1);
  });

  it('speaks to a namespace', async () => {
    server.namespace = 'privacy/';
    await expect(provider().current()).rejects.toThrow(KeyProviderUnavailable);
    expect(await provider({ namespace: 'privacy/' }).current()).toBe('transit:transit/attesta:v1');
  });

  it('a key or engine that nobody made is missing, and a kind that cannot be used is refused before anything is wrapped', async () => {
    await expect(provider({ key: 'atesta' }).wrap([randomBytes(32)])).rejects.toThrow(KeyEncryptionKeyMissing);
    await expect(provider({ mount: 'transits' }).current()).rejects.toThrow(/no engine at its mount/);
    server.make('signing', { type: 'ed25519' });
    await expect(provider({ key: 'signing' }).wrap([randomBytes(32)])).rejects.toThrow(/of type aes256-gcm96/);
    server.make('derived', { derived: true });
    await expect(provider({ key: 'derived' }).current()).rejects.toThrow(/not derived/);
    expect(server.asked).toEqual([]);
  });

  it('a server that takes a request and never answers is unavailable', async () => {
    const silent = http.createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const one = provider({ url: `http://127.0.0.1:${(silent.address() as net.AddressInfo).port}`, timeoutMs: 100 });
    await expect(one.current()).rejects.toThrow(KeyProviderUnavailable);
    silent.closeAllConnections();
    silent.close();
  });
});

const realTransit = process.env.TEST_TRANSIT_URL ? 'TEST_TRANSIT_URL' : (onPath('bao') ?? onPath('vault'));
describeServer('Transit, by a real server', realTransit, 'bao or vault on PATH, and no TEST_TRANSIT_URL', (server) => {
  let url = process.env.TEST_TRANSIT_URL ?? '';
  const token = process.env.TEST_TRANSIT_TOKEN ?? 'root';
  const call = async (method: string, to: string, body: unknown = {}) => {
    const answer = await fetch(`${url}/v1/${to}`, { method, headers: { 'X-Vault-Token': token }, body: JSON.stringify(body) });
    return { ok: answer.ok, text: await answer.text() };
  };
  beforeAll(async () => {
    if (!url) {
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      started.push(
        spawn(server, ['server', '-dev', `-dev-root-token-id=${token}`, `-dev-listen-address=127.0.0.1:${port}`], {
          stdio: 'ignore',
        }),
      );
      const until = Date.now() + 20_000;
      while (
        !(await fetch(`${url}/v1/sys/health`).then(
          (answer) => answer.ok,
          () => false,
        ))
      ) {
        if (Date.now() > until) throw new Error(`${server} does not answer`);
        await pause(100);
      }
    }
    await call('POST', 'sys/mounts/transit', { type: 'transit' });
  });

  providerConformance(async (): Promise<ProviderRig> => {
    const key = `spec-${randomUUID()}`;
    await call('POST', `transit/keys/${key}`, { type: 'aes256-gcm96' });
    return {
      separates: true,
      open: async (service = 'ledger') => new TransitProvider({ url, token: { value: token }, key, service }),
      away: transitAway,
      rotate: async () => void (await call('POST', `transit/keys/${key}/rotate`)),
      lose: async () => void (await call('POST', `transit/keys/${key}/config`, { min_decryption_version: 2 })),
      close: async () => undefined,
    };
  });

  it('does not make a key that nobody made', async () => {
    const none = new TransitProvider({ url, token: { value: token }, key: 'nobody-made-this', service: 'ledger' });
    await expect(none.wrap([randomBytes(32)])).rejects.toThrow(KeyEncryptionKeyMissing);
    expect((await call('GET', 'transit/keys/nobody-made-this', undefined)).ok).toBe(false);
  });
});

const before = { ...process.env };
const asClient = (credentials: Record<string, string>) => Object.assign(process.env, credentials);
afterAll(() => {
  for (const name of Object.keys(KmsServer.credentials)) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
});

const kmsAway = async () => KmsProvider.open({ key: 'alias/attesta', endpoint: `http://127.0.0.1:${await freePort()}`, service: 'ledger' });

describe('AWS KMS, by a server that speaks its protocol', () => {
  beforeAll(() => asClient(KmsServer.credentials));
  let server: KmsServer;
  let endpoint: string;
  let first: string;
  beforeEach(async () => {
    server = new KmsServer();
    first = server.make();
    server.aliases.set('alias/attesta', first);
    endpoint = await server.start();
  });
  afterEach(() => server.stop());
  const open = (service = 'ledger', key = 'alias/attesta') => KmsProvider.open({ key, endpoint, service });

  providerConformance(async (): Promise<ProviderRig> => {
    return {
      separates: true,
      open,
      away: kmsAway,
      rotate: async () => void server.aliases.set('alias/attesta', server.make()),
      lose: async (kek) => void (server.keys.get(kek.slice('kms:'.length))!.state = 'PendingDeletion'),
      close: async () => undefined,
    };
  });

  it('names the key behind an alias, and rewraps without seeing the data key', async () => {
    const provider = await open();
    const wrapped = await provider.wrap([randomBytes(32)]);
    expect(wrapped[0]!.kek).toBe(`kms:${first}`);
    await provider.rewrap(wrapped);
    expect(server.asked).toEqual(['TrentService.Encrypt', 'TrentService.ReEncrypt']);
  });

  it('tries again where KMS says to, and is unavailable where it refuses', async () => {
    const provider = await open();
    server.faults.push('ThrottlingException', 'KMSInternalException');
    expect(await provider.current()).toBe(`kms:${first}`);
    server.faults.push('AccessDeniedException');
    await expect(provider.current()).rejects.toThrow(/KMS cannot be used \(AccessDeniedException/);
  });

  it('with wrong credentials is unavailable, for the server checks the signature', async () => {
    asClient({ AWS_SECRET_ACCESS_KEY: 'wrong' });
    const provider = await open();
    await expect(provider.current()).rejects.toThrow(/InvalidSignatureException/);
    asClient(KmsServer.credentials);
  });

  it('a key that is disabled is missing, not destroyed', async () => {
    const provider = await open();
    const wrapped = await provider.wrap([randomBytes(32)]);
    server.keys.get(first)!.state = 'Disabled';
    await expect(provider.unwrap(wrapped)).rejects.toThrow(KeyEncryptionKeyMissing);
    await expect(provider.current()).rejects.toThrow(/Disabled/);
  });
});

const moto = onPath('moto_server');
const localKms = onPath('local-kms');
const realKms = process.env.TEST_KMS_ENDPOINT ? 'TEST_KMS_ENDPOINT' : (localKms ?? moto);
describeServer('AWS KMS, by an emulator', realKms, 'local-kms or moto_server on PATH, and no TEST_KMS_ENDPOINT', () => {
  let endpoint = process.env.TEST_KMS_ENDPOINT ?? '';
  let client: KMSClient;
  beforeAll(async () => {
    asClient(KmsServer.credentials);
    if (!endpoint) {
      const port = await freePort();
      endpoint = `http://127.0.0.1:${port}`;
      started.push(
        localKms
          ? spawn(localKms, [], {
              stdio: 'ignore',
              env: { ...process.env, PORT: String(port), KMS_REGION: 'ap-southeast-1', KMS_DATA_PATH: directory },
            })
          : spawn(moto!, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' }),
      );
      const until = Date.now() + 30_000;
      while (
        !(await fetch(endpoint).then(
          () => true,
          () => false,
        ))
      ) {
        if (Date.now() > until) throw new Error(`${realKms} does not answer`);
        await pause(100);
      }
    }
    client = new KMSClient({ endpoint });
  }, 40_000);

  providerConformance(async (): Promise<ProviderRig> => {
    const make = async () => (await client.send(new CreateKeyCommand({}))).KeyMetadata!.Arn!;
    const alias = `alias/${randomUUID()}`;
    await client.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: await make() }));
    return {
      separates: true,
      open: (service = 'ledger') => KmsProvider.open({ key: alias, endpoint, service }),
      away: kmsAway,
      rotate: async () => void (await client.send(new UpdateAliasCommand({ AliasName: alias, TargetKeyId: await make() }))),
      // moto goes on with a key that is disabled.
      ...(realKms !== moto && {
        lose: async (kek: string) => void (await client.send(new DisableKeyCommand({ KeyId: kek.slice('kms:'.length) }))),
      }),
      close: async () => undefined,
    };
  });
});

describe('several providers', () => {
  it('wraps by the newest, opens what the others wrapped, and brings it over', async () => {
    const server = new TransitServer();
    server.make('attesta');
    const url = await server.start();
    const keyring = await LocalKeyring.open(path.join(directory, 'before.json'));
    const transit = new TransitProvider({ url, token: { value: server.token }, key: 'attesta', service: 'ledger' });
    const both = new KeyProviders(transit, [keyring]);
    const keys = Array.from({ length: 4 }, () => randomBytes(32));
    const mixed = [...(await keyring.wrap(keys.slice(0, 2))), ...(await both.wrap(keys.slice(2)))].toReversed();
    expect(await both.unwrap(mixed)).toEqual(keys.toReversed());
    const moved = await both.rewrap(mixed);
    expect(new Set(moved.map(({ kek }) => kek))).toEqual(new Set(['transit:transit/attesta:v1']));
    expect(await transit.unwrap(moved)).toEqual(keys.toReversed());
    await expect(both.unwrap([{ kek: 'kms:arn', wrapped: Buffer.alloc(60) }])).rejects.toThrow(/not configured here/);
    await server.stop();
  });
});
