#!/usr/bin/env node
import fs from 'node:fs';

const program = new URL('../dist/cli.js', import.meta.url);
if (fs.existsSync(program)) {
  await import(program.href);
} else {
  process.stderr.write('attesta is not built yet: run npm start or npx nx run-many -t build first.\n');
  process.exitCode = 2;
}
