// `npm run audit`: known weaknesses of what a running system is made of, and its licences. Exit 0: clean, or explained in exceptions.json;
// 1: something is not; 2: the registry does not answer such questions, so that nothing is known.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { advisoriesIn, advisoryProblems } from './advisories.mjs';
import { licenceProblems } from './licences.mjs';

const root = new URL('../../', import.meta.url);
const json = (file) => JSON.parse(fs.readFileSync(new URL(file, root), 'utf8'));
const excused = json('tools/audit/exceptions.json');
const say = (line) => process.stdout.write(`${line}\n`);

const licences = licenceProblems(json('package-lock.json'), excused.licences);
say(licences.length === 0 ? `licences: all allowed, ${excused.licences.length} explained` : `licences:\n  ${licences.join('\n  ')}`);

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 << 20,
  timeout: 120_000,
});
const answer = parsed(stdout);
if (!answer?.vulnerabilities) {
  say(
    'advisories: not known. The registry that npm is set to does not answer audit requests; ask another with `npm run audit --registry=URL`.',
  );
  process.exit(licences.length === 0 ? 2 : 1);
}
const found = advisoriesIn(answer);
const advisories = advisoryProblems(found, excused.advisories, new Date().toISOString().slice(0, 10));
say(advisories.length === 0 ? `advisories: ${found.length}, each explained` : `advisories:\n  ${advisories.join('\n  ')}`);
process.exit(licences.length + advisories.length === 0 ? 0 : 1);

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
