// `npm test`: every check and every suite, on a real PostgreSQL always and a real Kafka where one can be had.
// REQUIRE_KAFKA=1 makes Kafka's absence a failure. The last line is `N passed, N failed`, summed over everything.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { KafkaUnavailable, prepare, startKafka } from './kafka/kafka.mjs';
import { root, setup } from './setup.mjs';

const results = path.join(root, '.test-results');
const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'attesta-test-'));
fs.chmodSync(temporary, 0o755);
const total = { passed: 0, failed: 0, skipped: 0 };
const notes = [];

const missing = await kafkaMissing();
if (missing && process.env.REQUIRE_KAFKA === '1') {
  console.log(`REQUIRE_KAFKA=1, but there is no Kafka. ${missing}`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}
setup();
const stops = [];
try {
  await check();
  const env = { ...process.env, NX_DAEMON: 'false', ...(await startServers()) };
  await suites(env);
} finally {
  for (const stop of stops.reverse()) await stop().catch(() => undefined);
  fs.rmSync(temporary, { recursive: true, force: true });
}
if (missing) notes.push(`Kafka suites were skipped: ${missing.split('\n', 1)[0]}`);
for (const note of notes) console.log(note);
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped ? `, ${total.skipped} skipped` : ''}`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);

async function kafkaMissing() {
  if (process.env.KAFKA_BROKERS) return undefined;
  try {
    await prepare({ quiet: false });
    return undefined;
  } catch (error) {
    if (!(error instanceof KafkaUnavailable)) throw error;
    return error.message;
  }
}

async function startServers() {
  const { startPostgres } = await import('../libs/event-log/dist/embedded.js');
  const postgres = await startPostgres({
    dataDir: path.join(temporary, 'postgres'),
    persistent: false,
    settings: { max_connections: '300' },
  });
  stops.push(() => postgres.stop());
  const env = { TEST_POSTGRES_URL: postgres.adminUrl() };
  if (missing || process.env.KAFKA_BROKERS) return env;
  const kafka = await startKafka({ dataDir: path.join(temporary, 'kafka') });
  stops.push(() => kafka.stop());
  return { ...env, KAFKA_BROKERS: kafka.brokers.join(',') };
}

/** The tree's own state counts like tests: one per step. */
async function check() {
  const { output } = await run([path.join(root, 'tools/check.mjs')], process.env);
  const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(output) ?? [undefined, 0, 1];
  total.passed += Number(passed);
  total.failed += Number(failed);
}

async function suites(env) {
  fs.rmSync(results, { recursive: true, force: true });
  const nx = path.join(root, 'node_modules/nx/dist/bin/nx.js');
  const { status } = await run([nx, 'run-many', '-t', 'test', '--parallel=1', '--output-style=stream-without-prefixes'], env);
  let suitesFailed = 0;
  for (const file of fs.existsSync(results) ? fs.readdirSync(results) : []) {
    const result = JSON.parse(fs.readFileSync(path.join(results, file), 'utf8'));
    total.passed += result.numPassedTests;
    total.failed += result.numFailedTests;
    total.skipped += result.numPendingTests + result.numTodoTests;
    suitesFailed += result.numRuntimeErrorTestSuites;
    notes.push(...failuresOf(path.basename(file, '.json'), result));
  }
  total.failed += suitesFailed;
  // A run that broke without a failing test (a crash, a timeout) is a failure too.
  if (status !== 0 && total.failed === 0) total.failed++;
}

/** Each test that failed, with the first lines of why: a long run's output is read from its end. */
function failuresOf(project, { testResults }) {
  const lines = (message) =>
    stripVTControlCharacters(message)
      .split('\n')
      .filter((line) => line.trim() && !/^\s+at /.test(line))
      .slice(0, 12)
      .map((line) => `    ${line}`);
  return testResults.flatMap(({ name, message, status, assertionResults }) => {
    const failed = assertionResults.filter((one) => one.status === 'failed');
    if (status === 'failed' && failed.length === 0) return [`FAILED ${project} ${path.relative(root, name)}`, ...lines(message)];
    return failed.flatMap((one) => [`FAILED ${project} ${path.basename(name)}: ${one.fullName}`, ...lines(one.failureMessages.join('\n'))]);
  });
}

function run(args, env) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output = (output + chunk).slice(-100_000);
      process.stdout.write(chunk);
    });
    child.on('close', (status) => resolve({ status, output }));
  });
}
