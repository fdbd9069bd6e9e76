// ESLint rule over the table of zones. Written instead of configuring no-restricted-imports, which does not see import().
import fs from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { tagOf, ZONES } from './zones.mjs';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const BUILTINS = new Set(builtinModules);
const SCOPE = '@attesta/';

/**
 * What is wrong with an import, or undefined.
 * @param {string} file path from the repository root, with forward slashes
 * @param {string} specifier as written in the import
 */
export function violation(file, specifier, root = ROOT) {
  const zone = ZONES.find(({ files }) => files.some((pattern) => globToRegExp(pattern).test(file)));
  if (!zone) return undefined;
  const home = packageOf(file);
  const refuse = (what) => `${file.split('/').slice(0, 2).join('/')} may not import ${what}: ${zone.why}.`;

  if (specifier.startsWith('.') || specifier.startsWith('/')) {
    const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
    if (!target.startsWith(`${home}/`)) return refuse(`${specifier}, which is outside its package; import the package by name`);
    const testOnly = /(?:\.spec|-rig|-conformance)(?:\.js)?$/;
    return testOnly.test(target) && !/(?:\.spec|-rig|-conformance)\.ts$/.test(file) ? `${specifier} is for tests only.` : undefined;
  }
  if (specifier.startsWith('node:') || BUILTINS.has(specifier.split('/')[0])) {
    return zone.builtins ? undefined : refuse(specifier);
  }
  if (specifier.startsWith(SCOPE)) {
    const name = specifier.slice(SCOPE.length).split('/')[0];
    if (home.endsWith(`/${name}`) || home === name) return undefined;
    const tag = tagOf(name, fs.existsSync(path.join(root, 'apps', name)));
    if (!tag) return `${specifier} is not in tools/boundaries/zones.mjs: give the package a tag.`;
    if (!zone.tags.includes(tag)) return refuse(`${specifier} (${tag})`);
  } else if (zone.closed.some((pattern) => matches(specifier, pattern))) {
    return refuse(specifier);
  }
  // Stores are tested with `testing`, which stands on stores: declared, it would be a cycle between packages.
  return specifier === `${SCOPE}testing` ? undefined : undeclared(home, specifier, root);
}

/** A package runs alone in an image, so it declares what it imports, and not only the root does. */
function undeclared(home, specifier, root) {
  const manifest = manifestOf(path.join(root, home, 'package.json'));
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const declared = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies };
  return name in declared || `@types/${name}` in declared ? undefined : `${home}/package.json does not declare ${name}.`;
}

const manifests = new Map();
function manifestOf(file) {
  if (!manifests.has(file)) manifests.set(file, fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {});
  return manifests.get(file);
}

const packageOf = (file) => (file.startsWith('bench/') ? 'bench' : file.split('/').slice(0, 2).join('/'));
const matches = (specifier, pattern) =>
  pattern.endsWith('/*') ? specifier.startsWith(pattern.slice(0, -1)) : specifier === pattern || specifier.startsWith(`${pattern}/`);

/** The table uses `*`, `**` and `{a,b}` only. */
function globToRegExp(pattern) {
  const source = pattern
    .replace(/[.+^$()|[\]\\]/g, '\\$&')
    .replace(/\{([^}]*)\}/g, (_all, names) => `(?:${names.replaceAll(',', '|')})`)
    .replaceAll('**/', '\u0001')
    .replaceAll('**', '\u0002')
    .replaceAll('*', '[^/]*')
    .replaceAll('\u0001', '(?:.*/)?')
    .replaceAll('\u0002', '.*');
  return new RegExp(`^${source}$`);
}

export default {
  meta: { type: 'problem', docs: { description: 'imports stay within the zones of tools/boundaries/zones.mjs' }, schema: [] },
  create(context) {
    const file = path.relative(ROOT, context.filename).split(path.sep).join('/');
    const check = (source) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const message = violation(file, source.value);
      if (message) context.report({ node: source, message });
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source ?? node.argument?.literal),
      CallExpression: (node) => {
        const name = node.callee.type === 'Identifier' ? node.callee.name : node.callee.property?.name;
        if (name === 'require' || name === 'unstable_mockModule') check(node.arguments[0]);
      },
    };
  },
};
