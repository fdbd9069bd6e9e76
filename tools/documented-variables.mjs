// Which environment variables code reads, and docs/configuration.md does not have.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const LEFT_OUT = new Set(['node_modules', 'dist', 'generated', 'target']);
/** The operating system's. */
const GIVEN = new Set(['PATH']);

/** `env.X` or `env['X']`, of whatever object; names put together at run time are not seen, and npm's own are in lower case. */
const READ = /\benv(?:\??\.|(?:\?\.)?\[['"])([A-Z][A-Z0-9_]+)\b/g;
/** `const { X, Y: y } = process.env` */
const TAKEN = /\{([^{}]*)\}\s*=\s*(?:\w+\.)*env\b/g;

/** @returns {string[]} */
export function variablesReadIn(code) {
  const taken = [...code.matchAll(TAKEN)].flatMap(([, names]) => names.match(/\b[A-Z][A-Z0-9_]+\b/g) ?? []);
  return [...new Set([...[...code.matchAll(READ)].map(([, name]) => name), ...taken])];
}

/** @returns {string[]} `file: VARIABLE` */
export function undocumentedVariables() {
  const documented = new Set(fs.readFileSync(path.join(root, 'docs/configuration.md'), 'utf8').match(/(?<=^\| `)[A-Z0-9_]+(?=`)/gm));
  return ['apps', 'libs', 'bench', 'tools'].flatMap((folder) =>
    [...sources(folder)].flatMap((file) =>
      variablesReadIn(fs.readFileSync(path.join(root, file), 'utf8'))
        .filter((name) => !documented.has(name) && !GIVEN.has(name))
        .map((name) => `${file}: ${name}`),
    ),
  );
}

function* sources(folder) {
  for (const entry of fs.readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const file = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!LEFT_OUT.has(entry.name)) yield* sources(file);
    } else if (/\.(?:ts|mjs)$/.test(entry.name) && !/\.(?:spec|test)\.\w+$/.test(entry.name)) yield file;
  }
}
