/** Scripts that write committed files, and with --check only say whether they are fresh. A package that generates something adds a line. */
export const GENERATED = [
  { what: 'docs/events', cwd: 'libs/events', script: 'generate.mjs' },
  { what: 'the offline verifier', cwd: 'libs/proof', script: 'build-verify.mjs' },
  { what: 'docs/configuration.md', cwd: 'libs/service-kit', script: 'scripts/generate-configuration.mjs' },
  { what: 'docs/openapi.json', cwd: 'apps/standalone', script: 'scripts/generate-openapi.mjs' },
  { what: 'docs/requests.md', cwd: 'apps/requests', script: 'scripts/generate-diagram.mjs' },
  { what: 'docs/messages.md and the templates of messages', cwd: 'apps/notification', script: 'scripts/build-templates.mjs' },
];
