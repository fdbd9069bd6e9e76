import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { COUNTERS, GAUGES, HISTOGRAMS, LABELS } from '@attesta/service-kit';
import { parse } from 'yaml';
import { describePromtool } from './promtool-rig.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const RULES = path.join(ROOT, 'deploy/prometheus');
const read = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8');

interface Rule {
  alert: string;
  expr: string;
  labels: Record<string, string>;
  annotations: { summary: string; runbook: string };
}
interface Case {
  alertname: string;
  exp_alerts: unknown[];
}
interface Panel {
  type: string;
  title: string;
  targets?: { expr: string }[];
}

const rules = (parse(read('deploy/prometheus/alerts.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
const cases = (parse(read('deploy/prometheus/alerts.test.yaml')) as { tests: { alert_rule_test: Case[] }[] }).tests.flatMap(
  (test) => test.alert_rule_test,
);
const runbooks = fs.readdirSync(path.join(ROOT, 'deploy/runbooks')).map((file) => ({ file, text: read(`deploy/runbooks/${file}`) }));
const dashboards = fs
  .readdirSync(path.join(ROOT, 'deploy/grafana/dashboards'))
  .map((file) => JSON.parse(read(`deploy/grafana/dashboards/${file}`)) as { uid: string; panels: Panel[] });
const panels = dashboards.flatMap((dashboard) => dashboard.panels);
const queries = [...rules.map(({ expr }) => expr), ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))];

/** As a scrape names them. */
const NAMES = new Set([
  ...Object.keys(GAUGES),
  ...Object.keys(COUNTERS),
  ...Object.keys(HISTOGRAMS).flatMap((name) => ['_bucket', '_count', '_sum'].map((end) => name + end)),
]);
/** Besides ours, those that Prometheus adds. */
const KNOWN_LABELS = new Set<string>([...LABELS, 'le', 'job', 'instance']);
const named = (texts: readonly string[]) => [...new Set(texts.flatMap((text) => text.match(/\battesta_\w+/g) ?? []))];

const labelsIn = (expr: string): string[] => [
  ...[...expr.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)].flatMap(([, list]) => list!.split(',').map((label) => label.trim())),
  ...[...expr.matchAll(/[{,]\s*(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label]) => label!),
];

describe('alerts, runbooks and dashboards', () => {
  it('name metrics that there are, by labels that they have', () => {
    expect(named(queries).filter((name) => !NAMES.has(name))).toEqual([]);
    expect(queries.flatMap(labelsIn).filter((label) => !KNOWN_LABELS.has(label))).toEqual([]);
  });

  it('leave no metric out', () => {
    const used = named(queries).map((name) => name.replace(/_(bucket|count|sum)$/, ''));
    const all = [...Object.keys(GAUGES), ...Object.keys(COUNTERS), ...Object.keys(HISTOGRAMS)];
    expect(all.filter((name) => !used.includes(name))).toEqual([]);
  });

  it('have a runbook for each alert, and no other', () => {
    expect(runbooks.map(({ file }) => file).sort()).toEqual(rules.map(({ alert }) => `${alert}.md`).sort());
    for (const { alert, annotations, labels } of rules) {
      expect(annotations.runbook).toBe(`deploy/runbooks/${alert}.md`);
      expect(labels['severity']).toMatch(/^(page|ticket)$/);
    }
    for (const { file, text } of runbooks) {
      expect(text).toMatch(new RegExp(`^# ${path.basename(file, '.md')}\\n\\n.+\\n\\n## Look\\n\\n[^]+\\n\\n## Do\\n\\n1\\. `));
    }
  });

  it('have runbooks that send nobody to what is not there', () => {
    const routes = Object.keys((JSON.parse(read('docs/openapi.json')) as { paths: object }).paths);
    const patterns = routes.map((route) => new RegExp(`^${route.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`));
    const cli = ['publish', 'verify', 'log verify', 'log checkpoint', 'log key', 'dlq list', 'dlq show', 'dlq replay', 'dlq discard'];
    const commands = [...cli, 'rebuild', 'doctor', 'token', 'connector'];
    const asked = runbooks.flatMap(({ file, text }) =>
      [...text.matchAll(/(\/(?:v1|ops|health|log)\/[\w/{}.-]+)/g)].map(([, route]) => ({ file, route: route! })),
    );
    expect(asked.filter(({ route }) => !patterns.some((pattern) => pattern.test(route)))).toEqual([]);
    const run = runbooks.flatMap(({ file, text }) =>
      [...text.matchAll(/npx attesta ([a-z]+(?: [a-z]+)?)/g)].map(([, words]) => ({ file, words: words! })),
    );
    expect(run.filter(({ words }) => !commands.some((command) => words === command || words.startsWith(`${command} `)))).toEqual([]);
    const linked = runbooks.flatMap(({ text }) => [...text.matchAll(/\]\((\w+\.md)\)/g)].map(([, link]) => link!));
    expect(linked.filter((link) => !runbooks.some(({ file }) => file === link))).toEqual([]);
    const queried = runbooks.map(({ text }) => text);
    expect(named(queried).filter((name) => !NAMES.has(name))).toEqual([]);
  });

  it('are tested: each alert is silent once and fires once', () => {
    for (const { alert } of rules) {
      const own = cases.filter(({ alertname }) => alertname === alert);
      expect({
        alert,
        silent: own.some((one) => one.exp_alerts.length === 0),
        fires: own.some((one) => one.exp_alerts.length > 0),
      }).toEqual({
        alert,
        silent: true,
        fires: true,
      });
    }
    expect(cases.filter(({ alertname }) => !rules.some(({ alert }) => alert === alertname))).toEqual([]);
  });
});

describePromtool('Prometheus', RULES, (promtool) => {
  const content = { status: 0, output: '' };

  it('takes the configuration, and the alerts do what their tests say', () => {
    expect(promtool('check', 'config', 'prometheus.yaml')).toEqual(content);
    expect(promtool('test', 'rules', 'alerts.test.yaml')).toEqual(content);
  });

  it('understands what dashboards ask', () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'attesta-dashboards-'));
    const file = path.join(home, 'dashboards.yaml');
    const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => ({ record: 'asked', expr })));
    fs.writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboards', rules: asked }] }));
    expect(promtool('check', 'rules', '--lint=none', file)).toEqual(content);
    fs.rmSync(home, { recursive: true });
  });
});

describe('the compose file', () => {
  const compose = parse(read('docker-compose.yml'), { merge: true }) as {
    services: Record<string, { environment?: Record<string, unknown>; volumes?: string[]; depends_on?: object; ports?: string[] }>;
    volumes: object;
  };

  it('scrapes every port that serves metrics, and publishes none of them', () => {
    const ports = Object.values(compose.services).flatMap(({ environment }) => environment?.['METRICS_PORT'] ?? []);
    const { scrape_configs } = parse(read('deploy/prometheus/prometheus.yaml')) as {
      scrape_configs: { static_configs: { targets: string[] }[] }[];
    };
    const targets = scrape_configs.flatMap((config) => config.static_configs.flatMap((one) => one.targets));
    expect(targets.sort()).toEqual(ports.map((port) => `ingress:${String(port)}`).sort());
    const published = Object.values(compose.services).flatMap(({ ports: list = [] }) => list.map((one) => one.split(':').at(-1)));
    expect(published.filter((port) => ports.map(String).includes(port!))).toEqual([]);
  });

  it('mounts files that are there and volumes that it has', () => {
    for (const { volumes = [] } of Object.values(compose.services)) {
      for (const volume of volumes) {
        const source = volume.split(':', 1)[0]!;
        expect({ source, there: source.startsWith('.') ? fs.existsSync(path.join(ROOT, source)) : source in compose.volumes }).toEqual({
          source,
          there: true,
        });
      }
    }
  });
});
