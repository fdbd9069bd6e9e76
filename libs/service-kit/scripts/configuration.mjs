/**
 * Every configuration class of every process, in the order of docs/configuration.md. A new class is added here and nowhere
 * else: `module` is resolved from this file, `name` is its export. What is read without a class, by tools that may import none,
 * is listed as it is; `npm run check` finds what is read and not here.
 */
export const CONFIGURATION = [
  { title: 'HTTP', about: 'Every process that listens.', module: '@attesta/service-kit/configuration', name: 'HttpConfig' },
  {
    title: 'Access',
    about: 'Every process that listens. The embedded run fills these in for its own issuer.',
    module: '@attesta/service-kit/configuration',
    name: 'AuthConfig',
  },
  { title: 'Logs', about: 'Every process.', module: '@attesta/service-kit/configuration', name: 'LogConfig' },
  {
    title: 'Telemetry',
    about: 'Every process started with `node --import @attesta/service-kit/telemetry`.',
    module: '@attesta/service-kit/configuration',
    name: 'TelemetryConfig',
  },
  {
    title: 'Metrics',
    about: 'The same processes, and the embedded run.',
    module: '@attesta/service-kit/configuration',
    name: 'MetricsConfig',
  },
  {
    title: 'Kafka',
    about:
      'Every service and `npm run start:kafka`. The audit, consent, requests, retention and notification services by themselves need the brokers; the others do without.',
    module: '@attesta/service-kit/configuration',
    name: 'OptionalKafkaConfig',
  },
  {
    title: 'Key-encryption keys',
    about: 'The ledger, consent, requests and notification services, and the embedded run: where the keys are that wrap data keys.',
    module: '@attesta/service-kit/configuration',
    name: 'KeyProviderConfig',
  },
  {
    title: 'The ledger',
    about: 'The first three also the embedded run; `npm run start:kafka` fills in the databases that are not given.',
    module: '@attesta/ledger/configuration',
    name: 'LedgerConfig',
  },
  {
    title: 'The audit service',
    about: 'Beside HTTP, access, logs and Kafka.',
    module: '@attesta/audit/configuration',
    name: 'AuditConfig',
  },
  {
    title: 'The consent service',
    about: 'Beside HTTP, access, logs and Kafka.',
    module: '@attesta/consent/configuration',
    name: 'ConsentConfig',
  },
  {
    title: 'The requests service',
    about: 'Beside HTTP, access, logs and Kafka. What is said of mail goes for the embedded run too.',
    module: '@attesta/requests/configuration',
    name: 'RequestsConfig',
  },
  {
    title: 'The retention service',
    about: 'Beside HTTP, access, logs and Kafka.',
    module: '@attesta/retention/configuration',
    name: 'RetentionConfig',
  },
  {
    title: 'The notification service',
    about: 'Beside HTTP, access, logs and Kafka. What is said of mail, text messages and bounces goes for the embedded run too.',
    module: '@attesta/notification/configuration',
    name: 'NotificationConfig',
  },
  {
    title: 'The console',
    about: 'Beside HTTP, access and logs.',
    module: '@attesta/console/configuration',
    name: 'ConsoleConfig',
  },
  {
    title: 'The witness',
    about: 'A process of its own, beside HTTP and logs; `apps/witness/dist/key.main.js` reads the first alone.',
    module: '@attesta/witness/configuration',
    name: 'WitnessConfig',
  },
  {
    title: 'The embedded run',
    about: '`npm start` and `npm run start:kafka`, which log from `warn` on, and the local issuer.',
    module: '@attesta/service-kit/configuration',
    name: 'EmbeddedConfig',
  },
  {
    title: 'The command line',
    about: '`npx attesta`, which takes no `_FILE`s but the one named here; options go before variables.',
    variables: [
      { name: 'ATTESTA_TOKEN', optional: true, about: 'The access token, instead of --token.' },
      { name: 'ATTESTA_CLIENT_SECRET', optional: true, about: 'The client secret that goes with --client-id, instead of --client-secret.' },
      { name: 'ATTESTA_HOME', default: '.attesta', about: 'The data directory of the local system, instead of --home.' },
      {
        name: 'ATTESTA_PEPPER',
        optional: true,
        about: "The deployment's pepper (base64), with which `attesta connector` finds whom a disposal means.",
      },
      { name: 'ATTESTA_PEPPER_FILE', optional: true, about: 'The file that holds it, instead of --pepper-file.' },
      {
        name: 'CONNECTOR_DATABASE_URL',
        kind: 'url',
        optional: true,
        about: 'The database that `attesta connector` reads, instead of --database.',
      },
      { name: 'DEBUG', optional: true, about: 'Where it names attesta, errors come with their stack.' },
      { name: 'NO_COLOR', optional: true, about: 'Whatever it holds, nothing is coloured.' },
      { name: 'TERM', optional: true, about: 'Where it is dumb, nothing is coloured and no progress is drawn.' },
    ],
  },
  {
    title: 'Tests and tools',
    about: '`npm test` and `npm run kafka`, without `_FILE`s.',
    variables: [
      {
        name: 'TEST_POSTGRES_URL',
        kind: 'url',
        optional: true,
        about: 'A PostgreSQL as its superuser, for tests; without it they start one.',
      },
      {
        name: 'KAFKA_BROKERS',
        kind: 'list',
        optional: true,
        about: 'The Kafka of tests; without it they start one where Java and Maven are there.',
      },
      {
        name: 'TEST_TRANSIT_URL',
        kind: 'url',
        optional: true,
        about: 'A Vault or OpenBao for tests; without it they start bao or vault where one is on PATH.',
      },
      { name: 'TEST_TRANSIT_TOKEN', optional: true, about: 'The token that may do everything there.' },
      {
        name: 'TEST_KMS_ENDPOINT',
        kind: 'url',
        optional: true,
        about: 'An AWS KMS emulator for tests; without it they start local-kms or moto_server where one is on PATH.',
      },
      { name: 'REQUIRE_KAFKA', optional: true, about: '1 lets tests fail, and not leave Kafka out, where there is none.' },
      { name: 'CHROMIUM_PATH', optional: true, about: 'The Chromium that tests look at pages with, before the one that is installed.' },
      { name: 'REQUIRE_BROWSER', optional: true, about: '1 lets tests fail, and not leave the browser out, where there is none.' },
      { name: 'REQUIRE_HELM', optional: true, about: '1 lets tests fail, and not leave rendered charts out, where there is no Helm.' },
      { name: 'JAVA_HOME', optional: true, about: 'The Java that runs Kafka, before the one in the PATH.' },
      { name: 'MAVEN_OPTS', optional: true, about: 'Given on to Maven, which fetches Kafka.' },
    ],
  },
];
