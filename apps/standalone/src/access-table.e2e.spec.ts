import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ROLES, type Role } from '@attesta/service-kit';
import { ACCESS_TABLE } from './access-table-rig.js';
import { SHIPPED_POLICY } from './shipped-files.js';
import { startStandalone, type Standalone } from './standalone.js';

const NOBODY = '00000000-0000-4000-8000-000000000000';

describe('who may ask what', () => {
  let home: string;
  let system: Standalone;
  beforeAll(async () => {
    home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-access-'));
    await fs.chmod(home, 0o755); // PostgreSQL runs as another user when we are root
    const options = { home, port: 0, host: '127.0.0.1', origin: 'access.localhost/log', policyFile: SHIPPED_POLICY };
    system = await startStandalone({ ...options, logLevel: 'off' });
  }, 120_000);
  afterAll(async () => {
    await system.stop();
    await fs.rm(home, { recursive: true, force: true });
  });

  it('the table has every route there is, and no other', async () => {
    const { paths } = (await (await fetch(`${system.url}/docs-json`)).json()) as { paths: Record<string, object> };
    const routes = Object.entries(paths).flatMap(([route, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${route}`),
    );
    expect(Object.keys(ACCESS_TABLE).sort()).toEqual(routes.sort());
  });

  it.each(Object.entries(ACCESS_TABLE))('%s: %s', async (route, cells) => {
    const open = cells === 'anybody';
    const found: string[] = [];
    for (const role of ROLES) found.push((await refused(route, role)) ? '-' : role[0]!);
    const anonymous = await refused(route, undefined);
    expect({ cells: open ? 'anybody' : found.join(''), all: open ? found.includes('-') : false, anonymous }).toEqual({
      cells,
      all: false,
      anonymous: !open,
    });
  });

  /** Whether the guard lets the caller through; what is behind it may still say no, by what was asked. */
  async function refused(route: string, role: Role | undefined): Promise<boolean> {
    const [method, pattern] = route.split(' ') as [string, string];
    const response = await fetch(
      system.url +
        pattern
          .replaceAll(/\{(?:id|task)\}/g, NOBODY)
          .replaceAll(/\{position\}/g, '999999')
          .replaceAll(/\{\w+\}/g, 'none'),
      {
        method,
        redirect: 'manual',
        headers: {
          ...(role && { authorization: `Bearer ${await system.issuer.issueToken(role)}` }),
          ...(method !== 'GET' && { 'content-type': 'application/json' }),
        },
        ...(method !== 'GET' && method !== 'DELETE' && { body: '{}' }),
      },
    );
    const { type = '' } = (await response.json().catch(() => ({}))) as { type?: string };
    if (role === undefined) return response.status === 401;
    return response.status === 403 && /\/(?:role-required|forbidden)$/.test(type);
  }
});
