import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadPolicy, type PolicySource } from '@attesta/policy';
import { describeConfig } from '@attesta/service-kit/configuration';
import { topicPlans } from '@attesta/transport';
import { Ajv, type AnySchema } from 'ajv';
import { serviceOf } from './gateway.js';
import { DEPLOYED, CONFIGURATION, FACTS, ingressRoutes, inRepository, read, readYaml, type Deployed, type Unread } from './helm-rig.js';

const CHARTS = ['attesta', 'attesta-data'] as const;
const schemaOf = (chart: string) => JSON.parse(read(`deploy/helm/${chart}/values.schema.json`)) as AnySchema & object;

function refused(chart: (typeof CHARTS)[number], change: (values: Record<string, Unread>) => void): string | undefined {
  const ajv = new Ajv({ allErrors: true, strict: false });
  const values = readYaml(`deploy/helm/${chart}/values.yaml`) as Record<string, Unread>;
  change(values);
  return ajv.validate(schemaOf(chart), values) ? undefined : ajv.errorsText();
}

describe('values of the charts', () => {
  it.each(CHARTS)('of %s are what their schema says', (chart) => expect(refused(chart, () => undefined)).toBeUndefined());

  it.each(CHARTS)('of %s are all known: nothing that is misspelt is passed over', (chart) => {
    const open: string[] = [];
    const walk = (node: unknown, place: string): void => {
      if (typeof node !== 'object' || node === null) return;
      if ('properties' in node && 'type' in node && !('additionalProperties' in node)) open.push(place);
      for (const [key, value] of Object.entries(node)) walk(value, `${place}/${key}`);
    };
    walk(schemaOf(chart), chart);
    expect(open).toEqual([]);
  });

  it.each<[string, (typeof CHARTS)[number], (values: Record<string, Unread>) => void]>([
    ['a name that is misspelt', 'attesta', (values) => (values['services'].ledger.replica = 3)],
    [
      'a volume where there are no keys',
      'attesta',
      (values) => (values['services'].audit.volume = { size: '1Gi', accessModes: ['ReadWriteMany'] }),
    ],
    ['the tag latest', 'attesta', (values) => (values['image'].tag = 'latest')],
    ['a secret as a variable', 'attesta', (values) => (values['services'].audit.env = { AUTH_CLIENT_SECRET: 'x' })],
    ['a database URL as a variable', 'attesta', (values) => (values['services'].audit.env = { AUDIT_DATABASE_URL: 'postgres://x' })],
    ['scaling by lag without a Prometheus', 'attesta', (values) => (values['autoscaling'].keda.enabled = true)],
    ['a public URL with a slash at its end', 'attesta', (values) => (values['publicUrl'] = 'https://privacy.example.com/')],
    [
      'an image of PostgreSQL without a version',
      'attesta-data',
      (values) => (values['postgres'].imageName = 'ghcr.io/cloudnative-pg/postgresql:latest'),
    ],
    ['two brokers', 'attesta-data', (values) => (values['kafka'].nodes = 2)],
    ['backups to nowhere', 'attesta-data', (values) => (values['postgres'].backup.enabled = true)],
  ])('refuse %s', (_what, chart, change) => expect(refused(chart, change)).toBeDefined());
});

describe('what the charts say of the code', () => {
  it('every service is there', () => {
    expect(Object.keys(FACTS)).toEqual(DEPLOYED);
    expect(Object.keys((readYaml('deploy/helm/attesta/values.yaml') as { services: object }).services)).toEqual(DEPLOYED);
  });

  it.each(DEPLOYED)('%s: databases and services that it asks are those of its configuration', (service) => {
    const names = CONFIGURATION[service].flatMap((Class) => describeConfig<object>(Class).map(({ name }) => name));
    const { databases, calls, kafka } = FACTS[service];
    const ending = (end: string) => names.filter((name) => name.endsWith(end)).sort();
    expect(databases.map((one) => `${one}_DATABASE_URL`).sort()).toEqual(ending('_DATABASE_URL'));
    expect(databases.map((one) => `${one}_MIGRATION_URL`).sort()).toEqual(ending('_MIGRATION_URL'));
    expect(Object.keys(calls).sort()).toEqual(
      names.filter((name) => /^(LEDGER|AUDIT|CONSENT|REQUESTS|RETENTION|NOTIFICATION)_URL$/.test(name)).sort(),
    );
    expect(kafka).toBe(names.includes('KAFKA_BROKERS'));
  });

  it('routes are those of the reverse proxy of docker compose', () => {
    const chart = Object.fromEntries(Object.entries(FACTS).map(([service, { routes }]) => [service, routes]));
    expect(chart).toEqual(ingressRoutes());
  });

  it('every route of the interface goes to the service that has it', () => {
    const { paths } = JSON.parse(read('docs/openapi.json')) as { paths: Record<string, object> };
    const answering = (route: string): Deployed[] =>
      DEPLOYED.filter((service) => service !== 'ledger' && FACTS[service].routes.some((one) => new RegExp(`^${one}`).test(route)));
    expect(Object.keys(paths).length).toBeGreaterThan(100);
    for (const route of Object.keys(paths).map((one) => one.replaceAll(/\{\w+\}/g, 'x'))) {
      const owner = serviceOf(route);
      expect([route, answering(route)]).toEqual([route, owner === 'ledger' ? [] : [owner]]);
    }
  });

  it('topics are made as the ledger makes them for three replicas', () => {
    const files = readYaml('deploy/helm/attesta-data/files/topics.yaml') as Record<string, { partitions: string; config: object }>;
    const topics = Object.entries(files).map(([topic, { partitions, config }]) => ({
      topic,
      partitions: partitions === 'one' ? 1 : 6,
      replicas: 3,
      config: { ...config, 'min.insync.replicas': '2' },
    }));
    const byName = (a: { topic: string }, b: { topic: string }) => a.topic.localeCompare(b.topic);
    expect(topics.sort(byName)).toEqual(Object.values(topicPlans(6, 3)).sort(byName));
  });

  it('users of Kafka are the services that speak it, and every topic is written and read by somebody', () => {
    type Rights = { reads: { topic: string; groups: string[] }[]; writes: string[]; sees?: string[] };
    const users = Object.entries(readYaml('deploy/helm/attesta-data/files/users.yaml') as Record<string, Rights>);
    expect(users.map(([name]) => name)).toEqual(DEPLOYED.filter((service) => FACTS[service].kafka));
    const written = new Set(users.flatMap(([, { writes }]) => writes));
    expect([...written].sort()).toEqual(
      Object.values(topicPlans())
        .map(({ topic }) => topic)
        .sort(),
    );
    for (const [, { reads }] of users)
      for (const { topic, groups } of reads)
        for (const group of groups) expect([written.has(topic), group.startsWith(`${topic}.`)]).toEqual([true, true]);
  });

  it('databases and their clusters hold what deploy/postgres-init.sql makes, the vault by itself', () => {
    const clusters = readYaml('deploy/helm/attesta-data/files/databases.yaml') as Record<string, string[]>;
    const made = [...read('deploy/postgres-init.sql').matchAll(/^create database (\w+) owner \1;$/gm)].map(([, name]) => name);
    expect(Object.values(clusters).flat().sort()).toEqual(made.sort());
    expect(clusters['vault']).toEqual(['attesta_vault']);
  });

  it('no backup is kept for longer than the policy says that destroyed keys may come back', () => {
    const { postgres } = readYaml('deploy/helm/attesta-data/values.yaml') as {
      postgres: { clusters: Record<string, { backup: { retention: string } }> };
    };
    const keptFor = /^P(\d+)D$/.exec(loadPolicy(readYaml('policies/m-med.yaml') as PolicySource).backupsKeptFor);
    for (const { backup } of Object.values(postgres.clusters))
      expect(Number(/^(\d+)d$/.exec(backup.retention)?.[1])).toBeLessThanOrEqual(Number(keptFor?.[1]));
  });
});

describe("the pepper among the ledger's keys", () => {
  let home: string;
  beforeEach(() => (home = fs.mkdtempSync(path.join(os.tmpdir(), 'attesta-pepper-'))));
  afterEach(() => fs.rmSync(home, { recursive: true }));
  const place = (pepper: string) => {
    fs.writeFileSync(path.join(home, 'given'), `${pepper}\n`);
    const script = read('deploy/helm/attesta/files/place-pepper.cjs');
    return spawnSync(process.execPath, ['-e', script, path.join(home, 'given'), path.join(home, 'keys/pepper')], { encoding: 'utf8' });
  };

  it('is placed once, and stays', () => {
    expect([place('cGVwcGVy').status, place('cGVwcGVy').status]).toEqual([0, 0]);
    expect(fs.readFileSync(path.join(home, 'keys/pepper'), 'utf8')).toBe('cGVwcGVy');
  });

  it('is not replaced by another', () => {
    place('cGVwcGVy');
    const { status, stderr } = place('c2FsdA==');
    expect([status, fs.readFileSync(path.join(home, 'keys/pepper'), 'utf8')]).toEqual([78, 'cGVwcGVy']);
    expect(stderr).toMatch(/another pepper/);
    expect(stderr).not.toMatch(/cGVwcGVy|c2FsdA/);
  });
});

describe('the image', () => {
  const stages = read('deploy/Dockerfile').split(/^(?=FROM )/m);
  const last = stages.at(-1)!;

  it('is of a Node of one version, the same that built it', () => {
    const bases = stages.slice(1).map((stage) => /^FROM (\S+)/.exec(stage)?.[1]);
    expect(new Set(bases).size).toBe(1);
    expect(bases[0]).toMatch(/^node:\d+\.\d+\.\d+-/);
  });

  it('runs as nobody who is root, says whether it is ready, and starts what is there', () => {
    expect(last).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
    expect(last).toMatch(/^HEALTHCHECK [^\n]*\\\n.*\/health\/ready/m);
    for (const service of DEPLOYED) expect(fs.existsSync(inRepository(`apps/${service}/src/main.ts`))).toBe(true);
    for (const service of DEPLOYED.filter((one) => FACTS[one].databases.length > 0))
      expect(fs.existsSync(inRepository(`apps/${service}/src/migrate.main.ts`))).toBe(true);
  });

  it('takes packages from the stage that left those of development out', () => {
    expect(stages[1]).toContain('npm prune --omit=dev');
    expect(last).not.toMatch(/npm (install|ci)|apt-get/);
  });
});
