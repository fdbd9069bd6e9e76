import { spawnSync } from 'node:child_process';

/** A suite that needs Helm in the PATH. Without it nothing is rendered to look at, which REQUIRE_HELM=1 makes a failure. */
export function describeHelm(name: string, suite: () => void): void {
  if (spawnSync('helm', ['version']).status === 0) return describe(name, suite);
  describe(name, () => {
    if (process.env['REQUIRE_HELM'] !== '1') return it.skip('skipped, no helm in the PATH', () => undefined);
    it('has Helm', () => {
      throw new Error('REQUIRE_HELM=1, but there is no helm in the PATH. Install it: https://helm.sh/docs/intro/install');
    });
  });
}

/**
 * What a chart renders, one text of YAML documents.
 * @param chart its directory
 * @param values over those of the chart
 * @throws Error with what Helm says
 */
export function renderChart(chart: string, values: object = {}): string {
  // Named, because what Helm takes for the newest Kubernetes depends on how it was built.
  const args = ['template', 'attesta', chart, '--kube-version', '1.34.0', '--values', '-'];
  const { status, stdout, stderr } = spawnSync('helm', args, { input: JSON.stringify(values), encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
