import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { configProblems, describeConfig } from '@attesta/service-kit/configuration';
import { describeHelm } from '@attesta/testing';
import {
  ALL_ON,
  CONFIGURATION,
  DEPLOYED,
  FACTS,
  ingressRoutes,
  read,
  render,
  type Deployed,
  type Resource,
  type Unread,
} from './helm-rig.js';

type Chart = keyof typeof ALL_ON;
const DOCUMENTED = new Set(read('docs/configuration.md').match(/(?<=^\| `)[A-Z0-9_]+(?=`)/gm));
const SECRET = new Set(
  DEPLOYED.flatMap((service) =>
    CONFIGURATION[service].flatMap((Class) => describeConfig<object>(Class).flatMap(({ name, secret }) => (secret ? [name] : []))),
  ),
);

/** Values that a service's configuration accepts, for the files that Secrets become. */
const SAMPLES: [RegExp, string][] = [
  [/(DATABASE|MIGRATION)_URL$/, 'postgres://user:password@host/db'],
  [/SMTP_URL$/, 'smtps://user:password@mail.example.com'],
  [/PEPPER$/, 'c'.repeat(43) + '='],
  [/./, 'some text'],
];

const podsOf = (resources: Resource[]) => resources.filter(({ kind }) => kind === 'Deployment' || kind === 'Job');
const containersOf = ({ spec }: Resource) => [...(spec.template.spec.initContainers ?? []), ...spec.template.spec.containers];
const of = (resources: Resource[], kind: string) => resources.filter((resource) => resource.kind === kind);
const matches = (selector: Record<string, string>, labels: Record<string, string> = {}) =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);
const deployments = (resources: Resource[]) =>
  Object.fromEntries(of(resources, 'Deployment').map((one) => [one.metadata.labels!['app.kubernetes.io/component'], one])) as Record<
    Deployed,
    Resource
  >;

const INSTALLATIONS: [string, Chart, object][] = (Object.keys(ALL_ON) as Chart[]).flatMap((chart) => [
  [`${chart} as it comes`, chart, {}],
  [`${chart} with everything on`, chart, ALL_ON[chart]],
]);

for (const [name, chart, values] of INSTALLATIONS)
  describeHelm(name, () => {
    let resources: Resource[];
    beforeAll(() => (resources = render(chart, values)));

    it('has each resource once, no Secret, and no image that is latest', () => {
      const names = resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
      expect(of(resources, 'Secret')).toEqual([]);
      const images = JSON.stringify(resources).match(/(?<="image(?:Name)?":")[^"]*/g) ?? [];
      for (const image of images) expect(image).toMatch(/:\d[^:]*$/);
    });
  });

for (const [name, chart, values] of INSTALLATIONS.filter(([, chart]) => chart === 'attesta'))
  describeHelm(name, () => {
    let resources: Resource[];
    beforeAll(() => (resources = render(chart, values)));

    it('runs containers that may do nothing but what they are for', () => {
      expect(podsOf(resources)).toHaveLength(13);
      for (const pod of podsOf(resources)) {
        const { spec } = pod.spec.template;
        expect(spec).toMatchObject({
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        });
        expect([spec.hostNetwork, spec.hostPID, spec.hostIPC]).toEqual([undefined, undefined, undefined]);
        for (const container of containersOf(pod)) {
          expect(container.securityContext).toEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            privileged: false,
            runAsNonRoot: true,
            capabilities: { drop: ['ALL'] },
            seccompProfile: { type: 'RuntimeDefault' },
          });
          expect(container.resources).toMatchObject({
            requests: { cpu: expect.any(String), memory: expect.any(String) },
            limits: { memory: expect.any(String) },
          });
        }
      }
    });

    it.each(DEPLOYED)('%s is probed, spread, budgeted, scaled and shut in', (service) => {
      const { metadata, spec } = deployments(resources)[service];
      const [container] = spec.template.spec.containers;
      expect(container).toMatchObject({
        startupProbe: { httpGet: { path: '/health/live', port: 'http' } },
        livenessProbe: { httpGet: { path: '/health/live', port: 'http' } },
        readinessProbe: { httpGet: { path: '/health/ready', port: 'http' } },
      });
      expect(spec.template.spec.topologySpreadConstraints).toHaveLength(2);
      const labels = spec.template.metadata.labels;
      expect(of(resources, 'PodDisruptionBudget').filter((one) => matches(one.spec.selector.matchLabels, labels))).toHaveLength(1);
      const scalers = [...of(resources, 'HorizontalPodAutoscaler'), ...of(resources, 'ScaledObject')];
      expect(scalers.filter((one) => one.spec.scaleTargetRef.name === metadata.name)).toHaveLength(1);
      const policies = of(resources, 'NetworkPolicy').filter((one) => matches(one.spec.podSelector.matchLabels, labels));
      expect(policies.map((one) => one.metadata.name)).toEqual(expect.arrayContaining(['attesta-default-deny', `attesta-${service}`]));
      expect(of(resources, 'ServiceAccount').find((one) => one.metadata.name === spec.template.spec.serviceAccountName)).toMatchObject({
        automountServiceAccountToken: false,
      });
    });

    it.each(DEPLOYED)('%s accepts its environment, which is documented and holds no secret', (service) => {
      const { spec } = deployments(resources)[service];
      const [container] = spec.template.spec.containers;
      const env = Object.fromEntries((container.env as { name: string; value: string }[]).map(({ name, value }) => [name, value]));
      const files = Object.keys(env).filter((name) => name.endsWith('_FILE'));
      for (const name of Object.keys(env)) expect([name, DOCUMENTED.has(name.replace(/_FILE$/, ''))]).toEqual([name, true]);
      expect(Object.keys(env).filter((name) => SECRET.has(name))).toEqual([]);

      const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'attesta-helm-'));
      for (const name of files) {
        const mount = container.volumeMounts.find((one: { mountPath: string }) => env[name]!.startsWith(`${one.mountPath}/`));
        const volume = spec.template.spec.volumes.find((one: { name: string }) => one.name === mount?.name);
        expect([name, volume?.secret.items.map((item: { path: string }) => `${mount.mountPath}/${item.path}`)]).toEqual([
          name,
          expect.arrayContaining([env[name]]),
        ]);
        env[name] = path.join(directory, name);
        fs.writeFileSync(env[name], SAMPLES.find(([pattern]) => pattern.test(name.replace(/_FILE$/, '')))![1]);
      }
      expect(configProblems(CONFIGURATION[service], env)).toEqual([]);
      fs.rmSync(directory, { recursive: true });
    });

    it('migrates by the owners, whose passwords no service has that does not rebuild registers', () => {
      const jobs = of(resources, 'Job');
      expect(jobs.map(({ metadata }) => metadata.name).sort()).toEqual(
        DEPLOYED.filter((one) => FACTS[one].databases.length > 0)
          .map((one) => `attesta-${one}-migration`)
          .sort(),
      );
      for (const { metadata, spec } of jobs) {
        expect(metadata.annotations?.['helm.sh/hook']).toBe('pre-install,pre-upgrade');
        expect(spec.template.spec.containers[0].args[0]).toMatch(/^apps\/\w+\/dist\/migrate\.main\.js$/);
      }
      for (const service of DEPLOYED)
        expect([service, JSON.stringify(deployments(resources)[service]).includes('MIGRATION_URL')]).toEqual([
          service,
          service === 'audit',
        ]);
    });

    it('opens the way that services ask each other on both sides, and no other between them', () => {
      const policies = Object.fromEntries(of(resources, 'NetworkPolicy').map((one) => [one.metadata.name, one.spec]));
      const components = (peers: Unread[]): string[] =>
        peers.flatMap((peer) => peer.podSelector?.matchLabels?.['app.kubernetes.io/component'] ?? []);
      for (const service of DEPLOYED) {
        const { ingress, egress, policyTypes } = policies[`attesta-${service}`]!;
        expect(policyTypes).toEqual(['Ingress', 'Egress']);
        expect(components(egress.flatMap((rule: Unread) => rule.to)).sort()).toEqual(Object.values(FACTS[service].calls).sort());
        const callers = DEPLOYED.filter((one) => Object.values(FACTS[one].calls).includes(service));
        expect(components(ingress.flatMap((rule: Unread) => rule.from)).sort()).toEqual(callers.sort());
        for (const rule of [...ingress, ...egress])
          expect([(rule.from ?? rule.to).length > 0, rule.ports.length > 0]).toEqual([true, true]);
      }
      expect(policies['attesta-default-deny']).toEqual({
        podSelector: { matchLabels: { 'app.kubernetes.io/name': 'attesta', 'app.kubernetes.io/instance': 'attesta' } },
        policyTypes: ['Ingress', 'Egress'],
      });
      expect(policies['attesta-console']!.egress).toEqual(
        'telemetry' in values ? [expect.objectContaining({ ports: [{ port: 4318 }] })] : [],
      );
    });

    it('serves figures beside what the ingress knows, and calls only what is there', () => {
      const services = Object.fromEntries(
        of(resources, 'Service').map((one) => [one.metadata.name, one.spec.ports.map((port: { name: string }) => port.name)]),
      );
      for (const service of DEPLOYED)
        expect([services[`attesta-${service}`], services[`attesta-${service}-metrics`]]).toEqual([['http'], ['metrics']]);
      const urls = JSON.stringify(resources).matchAll(/http:\/\/(attesta-\w+):(\d+)/g);
      for (const [, name, port] of urls) expect([name, services[name!], port]).toEqual([name, ['http'], '4000']);
    });
  });

describeHelm('with everything on', () => {
  it('the ingress has the routes of the reverse proxy', () => {
    const [ingress] = of(render('attesta', ALL_ON.attesta), 'Ingress');
    const routes: Record<string, string[]> = {};
    for (const { path: route, pathType, backend } of ingress!.spec.rules[0].http.paths) {
      expect([pathType, backend.service.port.name]).toEqual(['ImplementationSpecific', 'http']);
      (routes[backend.service.name.replace('attesta-', '')] ??= []).push(route);
    }
    expect(routes).toEqual(ingressRoutes());
  });

  it('every key that is mounted of a Secret is fetched by an ExternalSecret', () => {
    const resources = render('attesta', ALL_ON.attesta);
    const fetched = Object.fromEntries(
      of(resources, 'ExternalSecret').map((one) => [one.metadata.name, one.spec.data.map((item: { secretKey: string }) => item.secretKey)]),
    );
    const mounted = podsOf(resources)
      .flatMap((pod) => pod.spec.template.spec.volumes)
      .filter(({ name }) => ['own', 'shared', 'migration'].includes(name));
    expect(mounted.length).toBeGreaterThan(15);
    for (const { secret } of mounted)
      expect(fetched[secret.secretName]).toEqual(expect.arrayContaining((secret.items ?? []).map((item: { key: string }) => item.key)));
  });
});

describeHelm('Kafka and PostgreSQL', () => {
  let resources: Resource[];
  beforeAll(() => (resources = render('attesta-data', ALL_ON['attesta-data'])));

  it('nobody may make, change or delete topics, and everybody proves who they are by a certificate', () => {
    for (const { metadata, spec } of of(resources, 'KafkaUser')) {
      const operations = new Set(spec.authorization.acls.flatMap((acl: { operations: string[] }) => acl.operations));
      expect([metadata.name, [...operations].filter((one) => !['Read', 'Write', 'Describe'].includes(one as string))]).toEqual([
        metadata.name,
        [],
      ]);
      expect(spec.authentication).toEqual({ type: 'tls' });
    }
    const [kafka] = of(resources, 'Kafka');
    expect(kafka!.spec.kafka).toMatchObject({ authorization: { type: 'simple' }, config: { 'auto.create.topics.enable': false } });
    expect(kafka!.spec.kafka.listeners).toEqual([expect.objectContaining({ tls: true, authentication: { type: 'tls' } })]);
  });

  it('users are called what services show, and a client has what it was given', () => {
    const users = Object.fromEntries(of(resources, 'KafkaUser').map((one) => [one.metadata.name, one.spec.authorization.acls]));
    for (const service of DEPLOYED.filter((one) => FACTS[one].kafka)) expect(users).toHaveProperty([`attesta-kafka-${service}`]);
    expect(users['attesta-kafka-shop']).toEqual([
      { resource: { type: 'topic', name: 'attesta.intake.v1', patternType: 'literal' }, operations: ['Write', 'Describe'] },
    ]);
    expect(users['attesta-kafka-crm']).toContainEqual({
      resource: { type: 'group', name: 'attesta.consent-state.v1.reader.', patternType: 'prefix' },
      operations: ['Read'],
    });
  });

  it('a role reaches its own database alone, is nobody special, and every database has a backup', () => {
    const clusters = of(resources, 'Cluster');
    for (const { metadata, spec } of clusters) {
      expect(spec.postgresql.pg_hba.at(-1)).toBe('host all all all reject');
      for (const rule of spec.postgresql.pg_hba.slice(0, -1)) expect(rule).toMatch(/^hostssl (\w+) \1,\1_service all scram-sha-256$/);
      for (const role of spec.managed.roles) expect(role).toMatchObject({ superuser: false, createdb: false, createrole: false });
      expect(of(resources, 'ScheduledBackup').map((one) => one.spec.cluster.name)).toContain(metadata.name);
      expect(of(resources, 'ObjectStore').map((one) => one.metadata.name)).toContain(spec.plugins[0].parameters.barmanObjectName);
    }
    for (const { spec } of of(resources, 'Database')) {
      const cluster = clusters.find((one) => one.metadata.name === spec.cluster.name)!;
      expect(cluster.spec.managed.roles.map((role: { name: string }) => role.name)).toEqual(
        expect.arrayContaining([spec.owner, `${spec.name}_service`]),
      );
    }
  });
});
