// Writes docs/openapi.json from the routes of all services; --check only says whether it is fresh. Needs the build.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import { referenceDocument } from '../dist/openapi.js';

const file = fileURLToPath(new URL('../../../docs/openapi.json', import.meta.url));
const options = (await prettier.resolveConfig(file)) ?? {};
const text = await prettier.format(JSON.stringify(await referenceDocument(), null, 2), { ...options, parser: 'json' });
if (!process.argv.includes('--check')) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
} else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text) {
  process.stderr.write('docs/openapi.json is not what the routes say. Run: npm run generate\n');
  process.exit(1);
}
process.exit(0);
