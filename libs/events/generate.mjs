// Writes docs/events: one JSON Schema per event type, and the AsyncAPI document. Run in libs/events.
//   node generate.mjs             writes, and fails when a released schema was broken
//   node generate.mjs --check     writes nothing; fails when a committed file is stale or a released schema was broken
//   node generate.mjs --release   also takes today's schemas as the released ones (baseline/); run once per release
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import prettier from 'prettier';

const here = path.dirname(fileURLToPath(import.meta.url));
const docs = path.join(here, '../../docs/events');
const baseline = path.join(here, 'baseline');
const check = process.argv.includes('--check');

// Straight from the sources, so that what is written can never be that of an old build.
const bundle = await esbuild.build({
  entryPoints: [path.join(here, 'src/index.ts')],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  conditions: ['attesta-source'],
  logLevel: 'error',
});
const code = bundle.outputFiles[0].contents;
const { events, asyncApi, jsonSchema, compareSchemas } = await import(
  `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
);

const { version } = JSON.parse(fs.readFileSync(path.join(here, 'package.json'), 'utf8'));
const style = await prettier.resolveConfig(path.join(docs, 'asyncapi.json'));
const json = (value) => prettier.format(JSON.stringify(value), { ...style, parser: 'json' });

const wanted = new Map([['asyncapi.json', await json(asyncApi(events, version))]]);
for (const definition of events.all()) wanted.set(`${definition.type}.schema.json`, await json(jsonSchema(definition)));

const complaints = brokenReleases();
const present = fs.existsSync(docs) ? fs.readdirSync(docs) : [];
if (check) {
  for (const [name, text] of wanted) {
    const file = path.join(docs, name);
    if (!fs.existsSync(file)) complaints.push(`docs/events/${name} is missing`);
    else if (fs.readFileSync(file, 'utf8') !== text) complaints.push(`docs/events/${name} is stale`);
  }
  for (const name of present) if (!wanted.has(name)) complaints.push(`docs/events/${name} describes no event type`);
} else if (complaints.length === 0) {
  fs.mkdirSync(docs, { recursive: true });
  for (const name of present) if (!wanted.has(name)) fs.rmSync(path.join(docs, name));
  for (const [name, text] of wanted) fs.writeFileSync(path.join(docs, name), text);
  if (process.argv.includes('--release')) {
    fs.mkdirSync(baseline, { recursive: true });
    for (const [name, text] of wanted)
      if (name !== 'asyncapi.json') fs.writeFileSync(path.join(baseline, name.replace('.schema.json', '.json')), text);
  }
}

for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
if (complaints.length > 0) {
  if (check) process.stderr.write('run `npm run generate` in libs/events and commit what it writes\n');
  process.exit(1);
}

/** A released version may be widened, never broken: that would be a new version with an upcast. */
function brokenReleases() {
  if (!fs.existsSync(baseline)) return [];
  return fs.readdirSync(baseline).flatMap((name) => {
    const type = name.replace(/\.json$/, '');
    const definition = events.get(type);
    if (definition === undefined) return [`${type} was released and is gone`];
    const released = JSON.parse(fs.readFileSync(path.join(baseline, name), 'utf8'));
    return compareSchemas(released, jsonSchema(definition)).map(
      ({ field, message }) => `${type} ${field || '/'} ${message}: make it a new version with an upcast`,
    );
  });
}
