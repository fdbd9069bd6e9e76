import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { useJsonLogs } from '@attesta/service-kit';
import { askForData } from './demo.request.js';
import { playAndAsk } from './demo.run.js';
import { connectStorefront } from './sample-storefront.js';
import { SHIPPED_POLICY } from './shipped-files.js';
import { ownStandardOutput, stopOnSignals } from './main.output.js';
import { lastFullDay } from './sample-day/play.js';
import { startStandalone, type Standalone } from './standalone.js';

/** `npm run demo`: a system in a temporary directory lives the sample day and is audited; exit code 0 only if the answer verified. */
const say = ownStandardOutput();
useJsonLogs({ service: 'demo', level: 'warn' });
const { values } = parseArgs({
  options: { json: { type: 'boolean', default: process.env.npm_config_json === 'true' }, date: { type: 'string' } },
});
const tell = (text: string) => (values.json ? process.stderr.write(`${text}\n`) : say(text));

const home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-demo-'));
await fs.chmod(home, 0o755); // PostgreSQL runs as another user when we are root
let running: Standalone | undefined;
let disconnect = () => Promise.resolve();
const cleanUp = async () => {
  await disconnect();
  await running?.stop();
  await fs.rm(home, { recursive: true, force: true });
};
const origin = 'demo.localhost/attesta';
const outcome = { sealed: 0, rejected: 0, verified: false, origin, size: 0 };

try {
  tell('Starting PostgreSQL and the services ...');
  running = await startStandalone({ home, port: 0, host: '127.0.0.1', origin, policyFile: SHIPPED_POLICY });
  stopOnSignals(cleanUp);
  const date = values.date ?? lastFullDay(new Date());
  tell(`Playing ${date} of the sample company: storefront, mobile app, survey and support desk publish to ${running.url}\n`);
  const { day, answer } = await playAndAsk(running, date);
  tell(answer.text);
  disconnect = await connectStorefront(running, (error) => process.stderr.write(`${String(error)}\n`));
  tell(`\n${await askForData(running)}`);
  Object.assign(outcome, {
    sealed: day.receipts.length,
    rejected: answer.rejections.length,
    verified: answer.verified,
    origin: answer.origin,
    size: answer.size,
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  tell(`NOT VERIFIED: ${error instanceof Error ? error.message : String(error)}`);
} finally {
  await cleanUp();
}
if (values.json) say(JSON.stringify(outcome));
process.exit(outcome.verified ? 0 : 1);
