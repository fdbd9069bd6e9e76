import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeJwt } from 'jose';
import { publisherClient, ROLE_CLIENTS, startIssuer } from '@attesta/service-kit/issuer';
import { answerJson, attesta, serveHttp, temporaryDirectory } from './cli-rig.js';

describe('attesta token', () => {
  const directory = temporaryDirectory();
  const home = directory.file('home');
  beforeAll(async () => {
    const clients = [...ROLE_CLIENTS, publisherClient('storefront', '//storefront.example/')];
    await startIssuer({ home, issuer: 'http://localhost:4000/oidc', audience: 'attesta', clients });
  });
  afterAll(() => directory.remove());
  const token = (args: string[], env: Record<string, string> = {}) => attesta(['token', ...args], { cwd: directory.path, env });

  it('prints a token of a role of the local system, and nothing else', async () => {
    const run = await token(['--role', 'auditor', '--home', 'home']);
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(decodeJwt(run.out.trim())).toMatchObject({ sub: 'auditor', roles: ['auditor'], aud: 'attesta' });
  });

  it('finds the data directory in the environment', async () => {
    const run = await token(['--client', 'storefront', '--json'], { ATTESTA_HOME: home });
    expect(run.json()).toMatchObject({ client: 'storefront', roles: ['publisher'], sources: ['//storefront.example/'] });
  });

  it('names a data subject', async () => {
    const run = await token(['--role', 'subject', '--subject', '00000000-0000-4000-8000-000000000001', '--home', home]);
    expect(decodeJwt(run.out.trim())).toMatchObject({ roles: ['subject'], subject: '00000000-0000-4000-8000-000000000001' });
  });

  it.each([
    [['--role', 'root', '--home', 'home'], 'The roles are publisher'],
    [['--client', 'nobody', '--home', 'home'], 'The clients there are: publisher (publisher)'],
    [['--client', 'storefront', '--role', 'auditor', '--home', 'home'], 'does not have the role auditor'],
    [['--role', 'auditor', '--home', 'elsewhere'], 'no local issuer has run in'],
    [[], 'whose token?'],
    [['--issuer', 'http://localhost:1'], 'client credentials need'],
  ])('says what is missing: %j', async (args, message) => {
    const run = await token(args);
    expect(run).toMatchObject({ code: 2, out: '' });
    expect(run.err).toContain(message);
  });

  it('asks another issuer by client credentials', async () => {
    const issuer = await serveHttp(({ path, headers }, response) =>
      path.endsWith('openid-configuration')
        ? answerJson(response, 200, { issuer: issuer.url, token_endpoint: `${issuer.url}/token` })
        : answerJson(response, 200, { access_token: `for-${headers.authorization}`, expires_in: 60 }),
    );
    const run = await token(['--issuer', issuer.url, '--client-id', 'me'], { ATTESTA_CLIENT_SECRET: 's' });
    await issuer.close();
    await issuer.close();
    expect(run).toMatchObject({ code: 0, out: `for-Basic ${btoa('me:s')}\n` });
  });
});

describe('attesta login-accounts', () => {
  const directory = temporaryDirectory();
  const accounts = [
    { id: 'dpo', name: 'Officer', roles: ['dpo' as const] },
    { id: 'auditor', name: 'Auditor', roles: ['auditor' as const] },
  ];
  afterAll(() => directory.remove());

  it('prints who may sign in, and with which passwords', async () => {
    const home = directory.file('home');
    const issuer = await startIssuer({ home, issuer: 'http://localhost:4000/oidc', audience: 'attesta', clients: [], accounts });
    const [dpo, auditor] = issuer.accounts.map(({ password }) => password);
    const run = await attesta(['login-accounts', '--home', home], { cwd: directory.path });
    expect(run).toMatchObject({ code: 0, err: '', out: `dpo      ${dpo}  (dpo)\nauditor  ${auditor}  (auditor)\n` });
    expect((await attesta(['login-accounts', '--home', home, '--json'])).json()).toEqual({ accounts: issuer.accounts });
  });

  it('says where there are none', async () => {
    const run = await attesta(['login-accounts', '--home', 'elsewhere'], { cwd: directory.path });
    expect(run).toMatchObject({ code: 2, out: '', err: expect.stringContaining('no local issuer has run in') as string });
  });
});

describe('the command line', () => {
  it.each([
    'publish',
    'verify',
    'log',
    'log verify',
    'log key',
    'log checkpoint',
    'dlq list',
    'dlq show',
    'dlq replay',
    'dlq discard',
    'rebuild',
    'restore',
    'digest',
    'backup-check',
    'doctor',
    'connector',
    'token',
    'login-accounts',
  ])('explains %s with an example', async (command) => {
    const run = await attesta([...command.split(' '), '--help']);
    expect(run.code).toBe(0);
    expect(run.out).toContain(command === 'log' ? 'Commands:' : `Example:\n  attesta ${command}`);
  });

  it('helps who calls it with nothing, with a wrong command, with too little', async () => {
    expect(await attesta([])).toMatchObject({ code: 2, err: expect.stringContaining('Usage: attesta') as string });
    expect(await attesta(['publsh'])).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean publish?') as string });
    expect(await attesta(['verify'])).toMatchObject({
      code: 2,
      err: expect.stringContaining("missing required argument 'bundle'") as string,
    });
    expect(await attesta(['--version'])).toMatchObject({ code: 0, out: '0.1.0\n' });
  });

  it('runs from its file, or says that it is not built', () => {
    const package_ = fileURLToPath(new URL('..', import.meta.url));
    const run = spawnSync(process.execPath, [`${package_}/bin/attesta.mjs`, '--version'], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
    const built = fs.existsSync(`${package_}/dist/cli.js`);
    expect(run).toMatchObject(
      built ? { status: 0, stdout: '0.1.0\n' } : { status: 2, stderr: expect.stringContaining('npx nx run-many -t build') as string },
    );
  });
});
