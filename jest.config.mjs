import fs from 'node:fs';

const swc = JSON.parse(fs.readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));

/** One configuration for every project; each runs it with its own --rootDir. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['attesta-source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false }] },
  testMatch: ['<rootDir>/{src,web}/**/*.spec.ts'],
  // Brokers and databases of several suites share two cores: what is slow is not wrong.
  testTimeout: 180_000,
  maxWorkers: 2,
};
