import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));

describe('a process that cannot start', () => {
  const start = (body: string) =>
    spawnSync(
      process.execPath,
      [
        '--conditions=attesta-source',
        `--import=${path.join(HERE, '../scripts/ts-sources.mjs')}`,
        '--input-type=module',
        '--eval',
        `import { AuthConfig, HttpConfig, loadConfigs, runProcess } from '@attesta/service-kit'; await runProcess(async () => { ${body} });`,
      ],
      { cwd: path.join(HERE, '..'), env: { PATH: process.env['PATH'], PORT: 'http', HTTP_KEEP_ALIVE_MS: '-1' }, encoding: 'utf8' },
    );

  it('names every wrong variable in plain words and ends with the status for configuration', () => {
    const { status, stderr, stdout } = start('loadConfigs([HttpConfig, AuthConfig])');
    expect(status).toBe(78);
    expect(stderr).toContain('3 environment variables are missing or wrong');
    for (const name of ['PORT', 'HTTP_KEEP_ALIVE_MS', 'AUTH_ISSUER']) expect(stderr).toContain(`  ${name}: `);
    expect(stdout).toBe('');
  });

  it('logs any other cause and ends with status 1', () => {
    const { status, stdout } = start("throw new Error('no account for somchai@example.com')");
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ level: 'error', message: 'the process could not start', error: { name: 'Error' } });
    expect(stdout).not.toContain('somchai');
  });
});
