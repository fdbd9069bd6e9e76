import assert from 'node:assert/strict';
import test from 'node:test';
import { undocumentedVariables, variablesReadIn } from './documented-variables.mjs';

test('variables are found however they are read', () => {
  const code = `
    process.env.ONE_A; process.env['TWO']; terminal.env["THREE"]; env?.FOUR;
    const { FIVE, SIX: six } = process.env;
    process.env.npm_config_json; process.env[name]; environment.SEVEN; { EIGHT } = other;`;
  assert.deepEqual(variablesReadIn(code), ['ONE_A', 'TWO', 'THREE', 'FOUR', 'FIVE', 'SIX']);
});

test('what is read is in docs/configuration.md', () => {
  const mend = 'declare it in a configuration class, or in libs/service-kit/scripts/configuration.mjs, and run `npm run generate`';
  assert.deepEqual(undocumentedVariables(), [], mend);
});
