/**
 * Every configuration class of every process, in the order of docs/configuration.md. A new class is added here and nowhere
 * else: `module` is resolved from this file, `name` is its export.
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
];
