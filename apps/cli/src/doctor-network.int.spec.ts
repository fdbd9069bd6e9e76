import net, { type AddressInfo } from 'node:net';
import { freePort } from '@attesta/event-log/embedded';
import { answerJson, serveHttp } from './cli-rig.js';
import { checkIssuer, checkMail, checkNetwork } from './doctor-network.js';

describe('what the doctor says of the issuer', () => {
  let issuer: Awaited<ReturnType<typeof serveHttp>>;
  let document: Record<string, unknown>;
  let keys: unknown[];
  beforeAll(async () => {
    issuer = await serveHttp((request, response) => answerJson(response, 200, request.path === '/jwks' ? { keys } : document));
  });
  afterAll(() => issuer.close());
  beforeEach(() => {
    document = { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` };
    keys = [{ kty: 'OKP' }];
  });
  const look = async (url: string | undefined = issuer.url, now = () => new Date()) =>
    (await checkIssuer(url, now)).map(({ check, status, detail }) => [check, status, detail]);

  it('nothing, where it names itself, has keys and tells the time', async () => {
    expect(await look()).toEqual([
      ['issuer', 'ok', 'names itself rightly, 1 keys'],
      ['issuer: clock', 'ok', 'agrees with the server'],
    ]);
  });

  it('that it names another, has no keys, or does not answer', async () => {
    document['issuer'] = `${issuer.url}/other`;
    expect((await look())[0]).toEqual(['issuer', 'problem', 'its discovery document names another issuer']);
    document['issuer'] = issuer.url;
    keys = [];
    expect((await look())[0]).toEqual(['issuer', 'problem', 'it publishes no keys']);
    expect(await look(`http://127.0.0.1:${await freePort()}`)).toEqual([['issuer', 'problem', 'cannot be asked (ECONNREFUSED)']]);
  });

  it('that its clock is another', async () => {
    const [, clock] = await look(issuer.url, () => new Date(Date.now() - 3_600_000));
    expect(clock?.slice(0, 2)).toEqual(['issuer: clock', 'problem']);
  });
});

describe('what the doctor says of the mail server', () => {
  it('whether it accepts connections', async () => {
    const server = net.createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await checkMail(`smtps://user:hidden@127.0.0.1:${port}`)).toMatchObject({ status: 'ok' });
    await new Promise((resolve) => server.close(resolve));
    const gone = await checkMail(`smtps://user:hidden@127.0.0.1:${port}`);
    expect(gone).toMatchObject({ status: 'problem', detail: 'cannot be reached (ECONNREFUSED)' });
    expect(JSON.stringify(gone)).not.toContain('hidden');
  });

  it('is looked for where the environment says', async () => {
    const port = await freePort();
    const findings = await checkNetwork({ SMTP_URL: `smtp://127.0.0.1:${port}`, KAFKA_BROKERS: 'kafka.invalid:9092' }, () => new Date());
    expect(findings.find(({ check }) => check === 'mail server')).toMatchObject({ status: 'problem' });
    expect(findings.find(({ check }) => check === 'Kafka access')).toMatchObject({
      status: 'problem',
      fix: expect.stringContaining('KAFKA_TLS') as string,
    });
  });
});
