import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { advisoriesIn, advisoryProblems } from './advisories.mjs';
import { allows, licenceProblems } from './licences.mjs';

const json = (file) => JSON.parse(fs.readFileSync(new URL(file, new URL('../../', import.meta.url)), 'utf8'));

test('what a running system is made of has licences that are allowed or explained', () => {
  assert.deepEqual(licenceProblems(json('package-lock.json'), json('tools/audit/exceptions.json').licences), []);
});

test('each exception says why and since when, and one for an advisory until when', () => {
  const { advisories, licences } = json('tools/audit/exceptions.json');
  for (const { reason, since } of [...advisories, ...licences]) {
    assert.match(since, /^\d{4}-\d\d-\d\d$/);
    assert.ok(reason.length > 20);
  }
  for (const { until } of advisories) assert.match(until, /^\d{4}-\d\d-\d\d$/);
});

test('one side of an OR is enough, and both of an AND are needed', () => {
  for (const good of ['MIT', '(MIT OR GPL-3.0-only)', 'GPL-2.0-only OR ISC', 'MIT AND OFL-1.1', '(MIT AND Zlib) OR AGPL-3.0-only'])
    assert.equal(allows(good), true, good);
  for (const bad of ['GPL-3.0-only', 'MIT AND GPL-3.0-only', '(GPL-2.0-only OR MPL-2.0)', 'MIT OR', '(MIT', '', 'none', 'SEE LICENSE IN x'])
    assert.equal(allows(bad), false, bad);
});

test('a package whose licence is not allowed is named, unless it is for development, and so is an excuse that nothing needs', () => {
  const lock = {
    packages: {
      'node_modules/a': { version: '1.0.0', license: 'GPL-3.0-only' },
      'node_modules/x/node_modules/@b/c': { version: '2.0.0' },
      'node_modules/d': { version: '3.0.0', license: 'GPL-3.0-only', dev: true },
      'libs/own': { version: '0.1.0' },
    },
  };
  const problems = licenceProblems(lock, [
    { package: '@b/c', licence: 'none' },
    { package: 'gone', licence: 'MPL-2.0' },
  ]);
  assert.equal(problems.length, 2);
  assert.match(problems[0], /^a 1\.0\.0: licence GPL-3\.0-only/);
  assert.match(problems[1], /^gone: nothing needs/);
});

test('an advisory is named until it is excused, again when the excuse has run out, and an excuse when the advisory is gone', () => {
  const answer = {
    vulnerabilities: {
      a: { via: [{ source: 1, name: 'a', severity: 'high', title: 'T', url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc' }] },
      b: { via: ['a'] },
    },
  };
  const found = advisoriesIn(answer);
  assert.deepEqual(found, [{ id: 'GHSA-aaaa-bbbb-cccc', package: 'a', severity: 'high', title: 'T' }]);
  const excuse = { id: 'GHSA-aaaa-bbbb-cccc', package: 'a', reason: 'not reached', until: '2027-01-01' };
  assert.equal(advisoryProblems(found, [], '2026-11-27').length, 1);
  assert.deepEqual(advisoryProblems(found, [excuse], '2026-11-27'), []);
  assert.match(advisoryProblems(found, [excuse], '2027-01-02')[0], /until 2027-01-01/);
  assert.match(advisoryProblems([], [excuse], '2026-11-27')[0], /nothing needs/);
});
