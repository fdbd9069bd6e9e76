import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ESLint } from 'eslint';
import rule, { ROOT, violation } from './rule.mjs';
import { tagOf } from './zones.mjs';

/** [importing file, import] */
const FORBIDDEN = [
  ['libs/mail/src/mail-sender.ts', '@attesta/service-kit'],
  ['libs/pdf/src/paper.ts', '@attesta/service-kit'],
  ['libs/events/src/parse.ts', 'node:crypto'],
  ['libs/events/src/parse.ts', 'crypto'],
  ['libs/events/src/parse.ts', 'fs/promises'],
  ['libs/policy/src/policy.ts', '@nestjs/common'],
  ['libs/policy/src/policy.ts', 'pg'],
  ['libs/proof/src/tree.ts', 'node:crypto'],
  ['libs/proof/src/tree.ts', '@attesta/event-log'],
  ['libs/proof/src/node.ts', 'pg'],
  ['libs/proof/src/tree.unit.spec.ts', '@nestjs/common'],
  ['libs/events/src/parse.ts', '@attesta/testing'],
  ['libs/events/src/parse.ts', 'fast-check'],
  ['libs/event-log/src/appender.ts', 'kafkajs'],
  ['libs/event-log/src/appender.ts', '@attesta/vault'],
  ['libs/event-log/src/appender.ts', '@attesta/transport'],
  ['libs/event-log/src/appender.ts', '@attesta/testing'],
  ['libs/vault/src/vault.ts', '@attesta/service-kit'],
  ['libs/transport/src/feed.ts', '@attesta/service-kit'],
  ['libs/transport/src/feed.ts', '@attesta/ledger'],
  ['libs/service-kit/src/bootstrap.ts', 'kafkajs'],
  ['libs/service-kit/src/bootstrap.ts', '@attesta/transport'],
  ['libs/service-kit/src/bootstrap.ts', 'supertest'],
  ['libs/sdk/src/client.ts', '@nestjs/common'],
  ['libs/sdk/src/client.ts', 'kafkajs'],
  ['libs/sdk/src/client.ts', '@attesta/transport'],
  ['apps/ledger/src/ledger.module.ts', '@attesta/audit'],
  ['apps/ledger/src/ledger.module.ts', '@attesta/standalone'],
  ['apps/ledger/src/ledger.module.ts', 'kafkajs'],
  ['apps/ledger/src/ledger.module.ts', '@attesta/testing'],
  ['apps/audit/src/audit.int.spec.ts', '@attesta/ledger'],
  ['apps/audit/src/audit.module.ts', '../../ledger/src/index.js'],
  ['libs/policy/src/policy.ts', '../../events/src/index.js'],
  ['apps/standalone/src/main.ts', 'kafkajs'],
  ['apps/cli/src/main.ts', '@attesta/testing'],
  ['libs/events/src/parse.ts', '@attesta/unheard-of'],
  ['libs/service-kit/src/bootstrap.ts', 'left-pad'],
  ['libs/transport/src/feed.ts', './feed-rig.js'],
];

const ALLOWED = [
  ['apps/requests/src/post-office.ts', '@attesta/mail'],
  ['apps/notification/src/breach-report-pdf.ts', '@attesta/pdf'],
  ['libs/events/src/parse.ts', './field-problem.js'],
  ['libs/events/src/deep/parse.ts', '../field-problem.js'],
  ['libs/events/src/parse.ts', '@attesta/proof'],
  ['libs/events/src/parse.ts', '@attesta/events'],
  ['libs/events/src/parse.unit.spec.ts', 'node:fs'],
  ['libs/events/src/parse.unit.spec.ts', 'fast-check'],
  ['libs/proof/src/node.ts', 'node:crypto'],
  ['libs/event-log/src/appender.ts', 'node:crypto'],
  ['libs/event-log/src/appender.ts', '@attesta/proof'],
  ['libs/event-log/src/appender.ts', 'pg'],
  ['libs/event-log/src/appender.int.spec.ts', '@attesta/testing'],
  ['libs/transport/src/kafka-feed.ts', 'kafkajs'],
  ['libs/transport/src/feed.ts', '@attesta/event-log'],
  ['libs/service-kit/src/bootstrap.ts', '@nestjs/core'],
  ['libs/service-kit/src/bootstrap.ts', 'express'],
  ['libs/service-kit/src/bootstrap.int.spec.ts', 'supertest'],
  ['libs/transport/src/feed-rig.ts', '@attesta/testing'],
  ['libs/transport/src/feed.int.spec.ts', './feed-rig.js'],
  ['tools/build.mjs', 'node:fs'],
];

/** What a package does not declare is another rule's matter: here only the direction counts. */
const refusedByZone = (file, specifier) => {
  const message = violation(file, specifier);
  return message !== undefined && !message.includes('does not declare') ? message : undefined;
};

describe('a forbidden import fails', () => {
  for (const [file, specifier] of FORBIDDEN) {
    it(`${specifier} in ${file}`, () => assert.equal(typeof violation(file, specifier), 'string'));
  }
});

describe('an allowed import passes', () => {
  for (const [file, specifier] of ALLOWED) {
    it(`${specifier} in ${file}`, () => assert.equal(refusedByZone(file, specifier), undefined));
  }
  it('composers import services', () => {
    for (const composer of ['standalone', 'cli']) assert.equal(refusedByZone(`apps/${composer}/src/main.ts`, '@attesta/ledger'), undefined);
  });
});

describe('the rule', () => {
  const eslint = new ESLint({
    cwd: ROOT,
    overrideConfigFile: true,
    overrideConfig: [
      { files: ['**/*.ts', '**/*.js'], plugins: { attesta: { rules: { boundaries: rule } } }, rules: { 'attesta/boundaries': 'error' } },
    ],
  });
  const messages = async (code) => {
    const [result] = await eslint.lintText(code, { filePath: path.join(ROOT, 'libs/events/src/parse.js') });
    return result.messages.map(({ message }) => message);
  };
  const forms = [
    "import pg from 'pg';",
    "import 'pg';",
    "export * from 'pg';",
    "export { Pool } from 'pg';",
    "const pg = await import('pg');",
    "const pg = require('pg');",
    "jest.unstable_mockModule('pg', () => ({}));",
  ];
  // The files zones name are .ts; the code here is plain, so the path is the only difference.
  for (const code of forms) {
    it(`sees ${code}`, async () => {
      const found = await messages(code);
      assert.equal(found.length, 1);
      assert.match(found[0], /libs\/events may not import pg: pure libraries/);
    });
  }
  it('leaves the rest alone', async () => assert.deepEqual(await messages("import { a } from './a.js';\nexport { a };"), []));
});

describe('the table', () => {
  const folders = (parent) =>
    fs.readdirSync(path.join(ROOT, parent)).filter((name) => fs.existsSync(path.join(ROOT, parent, name, 'package.json')));
  for (const name of folders('libs')) it(`knows libs/${name}`, () => assert.ok(tagOf(name, false)));

  it('is given the same version of a dependency by every package', () => {
    const read = (file) => JSON.parse(fs.readFileSync(path.join(ROOT, file), 'utf8'));
    const root = read('package.json');
    const pinned = { ...root.devDependencies, ...root.dependencies };
    const versionOf = (name) => pinned[name] ?? read(`node_modules/${name}/package.json`).version;
    const packages = ['libs', 'apps'].flatMap((parent) => folders(parent).map((name) => `${parent}/${name}`));
    const different = packages.flatMap((folder) => {
      const { dependencies, devDependencies } = read(`${folder}/package.json`);
      return Object.entries({ ...dependencies, ...devDependencies })
        .filter(([name, version]) => (name.startsWith('@attesta/') ? version !== '*' : versionOf(name) !== version))
        .map(([name, version]) => `${folder}: ${name}@${version}, elsewhere ${name.startsWith('@attesta/') ? '*' : versionOf(name)}`);
    });
    assert.deepEqual(different, []);
  });
});
