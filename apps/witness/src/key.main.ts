/* `node apps/witness/dist/key.main.js new NAME` makes the key of WITNESS_KEY; `... show NAME` prints its verifier key line, which verifiers are given. */
import { formatWitnessKey } from '@attesta/proof';
import { publicKeyOf } from '@attesta/proof/node';
import { loadConfig } from '@attesta/service-kit/configuration';
import { WitnessKeyConfig } from './witness.config.js';
import { makeKey, readKey } from './witness-files.js';

const { key: file } = loadConfig(WitnessKeyConfig);
const [command, name, ...more] = process.argv.slice(2);
try {
  if (name === undefined || more.length > 0 || (command !== 'new' && command !== 'show')) {
    throw new Error('usage: key.main.js new|show NAME, where NAME is like witness.example/attesta');
  }
  process.stdout.write(`${command === 'new' ? makeKey(file, name) : formatWitnessKey(name, publicKeyOf(readKey(file)))}\n`);
} catch (error) {
  process.stderr.write(`error: ${(error as Error).message}\n`);
  process.exitCode = 2;
}
