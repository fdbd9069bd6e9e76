import { spawnSync } from 'node:child_process';

export interface Checked {
  status: number | null;
  /** What it said where it did not like something. */
  output: string;
}

export type Promtool = (...args: string[]) => Checked;

/** A suite with Prometheus' own tool (Debian: package `prometheus`). Where there is none it is one skipped test whose name says so. */
export function describePromtool(name: string, cwd: string, suite: (promtool: Promtool) => void): void {
  const run = (args: string[]) => spawnSync('promtool', args, { cwd, encoding: 'utf8' });
  const missing = run(['--version']).error !== undefined;
  describe(name, () => {
    // eslint-disable-next-line no-restricted-syntax -- it is no package of npm, and the name says so
    if (missing) it.skip('skipped, no promtool: apt-get install prometheus', () => undefined);
    else
      suite((...args) => {
        const { status, stdout, stderr } = run(args);
        return { status, output: status === 0 ? '' : stdout + stderr };
      });
  });
}
