import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SAMPLE_ORIGIN, sampleEvidence } from './fixtures/sample-evidence.js';
import { generateLogKey, verifierProgram } from './node.js';

const key = generateLogKey(SAMPLE_ORIGIN);
let bundle: string;

beforeEach(async () => {
  bundle = fs.mkdtempSync(path.join(os.tmpdir(), 'evidence-'));
  for (const [name, bytes] of await sampleEvidence(key)) {
    fs.mkdirSync(path.dirname(path.join(bundle, name)), { recursive: true });
    fs.writeFileSync(path.join(bundle, name), bytes);
  }
  fs.writeFileSync(path.join(bundle, 'verify.mjs'), verifierProgram());
});

afterEach(() => fs.rmSync(bundle, { recursive: true }));

function run(args: string[] = [], cwd = bundle) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(bundle, 'verify.mjs'), ...args], {
    cwd,
    encoding: 'utf8',
    env: {},
  });
  expect(stderr).toBe(status === 2 ? stderr : '');
  return { status, stdout };
}

describe('verify.mjs in an evidence bundle', () => {
  test('is what the sources give', () => {
    const script = fileURLToPath(new URL('../build-verify.mjs', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('needs nothing but Node', () => {
    const imports = [...verifierProgram().matchAll(/^import .* from '(.*)';$/gm)].map(([, from]) => from);
    expect(imports.length).toBeGreaterThan(0);
    for (const from of imports) expect(from).toMatch(/^node:/);
  });

  test('verifies the bundle it lies in, from any directory, and says whose key it trusted', () => {
    const { status, stdout } = run([], os.tmpdir());
    expect(stdout).toMatch(/^VERIFIED\n/);
    expect(stdout).toContain('the key that came in the bundle itself');
    expect(status).toBe(0);
  });

  test('verifies against the key it is given', () => {
    expect(run(['--key', key.verifierKey])).toMatchObject({ status: 0, stdout: expect.stringContaining('the key you gave') });
    expect(run([`--key=${generateLogKey(SAMPLE_ORIGIN).verifierKey}`, '.']).status).toBe(1);
  });

  test('names a changed entry and exits 1', () => {
    const [name] = fs.readdirSync(path.join(bundle, 'entries'));
    const file = path.join(bundle, 'entries', name!);
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('contract', 'consents'));
    const { status, stdout } = run();
    expect(status).toBe(1);
    expect(stdout).toMatch(/^NOT VERIFIED\n/);
    expect(stdout).toContain(`entries/${name}`);
  });

  test('exits 1 in an empty directory and 2 when called wrongly', () => {
    const empty = fs.mkdtempSync(path.join(bundle, 'empty-'));
    expect(run([empty])).toMatchObject({ status: 1, stdout: expect.stringContaining('manifest.json is missing') });
    expect(run(['--kee', 'x']).status).toBe(2);
    expect(run(['--key']).status).toBe(2);
  });
});
