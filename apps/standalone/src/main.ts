import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { PublishedLogConfig } from '@attesta/ledger/configuration';
import { CarriersConfig } from '@attesta/notification/configuration';
import { MailConfig } from '@attesta/requests/configuration';
import {
  ConfigError,
  EmbeddedConfig,
  HttpConfig,
  JsonLogger,
  KeyProviderConfig,
  loadConfigs,
  LogConfig,
  readPolicy,
  readWitnessPolicy,
  serveMetricsFromEnvironment,
  useJsonLogs,
} from '@attesta/service-kit';
import { pinKey } from './auditor-answer.js';
import { answerFrom, playAgainst } from './demo.run.js';
import { ownStandardOutput, stopOnSignals } from './main.output.js';
import { lastFullDay, type PlayedDay } from './sample-day/play.js';
import { ASYNC_API, SHIPPED_POLICY } from './shipped-files.js';
import { connectStorefront } from './sample-storefront.js';
import { startStandalone, type Standalone } from './standalone.js';

const say = ownStandardOutput();

/** `npm start`: everything in this process; on the first run the sample day is played; then it stays up. */
async function start(): Promise<void> {
  const [http, log, published, { home, policy = SHIPPED_POLICY }, mail, carriers, keyProvider] = loadConfigs(
    [HttpConfig, LogConfig, PublishedLogConfig, EmbeddedConfig, MailConfig, CarriersConfig, KeyProviderConfig],
    { LOG_LEVEL: 'warn', MAIL_DIRECTORY: path.join(process.env['ATTESTA_HOME'] ?? '.attesta', 'mail'), ...process.env },
  );
  useJsonLogs({ service: 'standalone', level: log.level });
  const logger = new JsonLogger({ service: 'standalone', level: log.level });
  await requireFreePort(http.port, http.host);
  await serveMetricsFromEnvironment();
  say('Starting PostgreSQL, the ledger, the registers, the consent, requests, retention and notification services, and the web ...');
  const standalone = await startStandalone({
    home,
    port: http.port,
    host: http.host,
    http: http.serving(),
    origin: published.origin,
    mail,
    carriers,
    keyProvider,
    policyFile: policy,
    logLevel: log.level,
    logEntries: published.logEntries,
    witnessPolicy: published.witnessPolicy === undefined ? undefined : readWitnessPolicy(published.witnessPolicy),
    asyncApiFile: ASYNC_API,
  });
  let disconnect = () => Promise.resolve();
  stopOnSignals(async () => {
    say('\nStopping ...');
    await disconnect();
    await standalone.stop();
  });
  const key = await pinKey(standalone.url);
  const day = await sampleDay(standalone, home, policy);
  if (isSampleCompany(policy))
    disconnect = await connectStorefront(standalone, (error) => logger.error('the sample storefront', { error }));
  if ((await standalone.ledger.reader.size()) > 0) say((await answerFrom(standalone, key, day)).text);
  say(addresses(standalone, home));
}

/** Played on the first run, when the log is empty, or again to its end when it was interrupted then. */
async function sampleDay(standalone: Standalone, home: string, policy: string): Promise<PlayedDay | undefined> {
  const file = path.join(home, 'sample-day.json');
  const begun = await fs.readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as { date: string; played: boolean },
    () => undefined,
  );
  if (begun?.played || (!begun && (await standalone.ledger.reader.size()) > 0)) return undefined;
  if (!isSampleCompany(policy)) return undefined;
  const date = begun?.date ?? lastFullDay(new Date());
  await fs.writeFile(file, JSON.stringify({ date, played: false }));
  say(`First run: playing ${date} of the sample company through the public interface ...\n`);
  const day = await playAgainst(standalone, date);
  await fs.writeFile(file, JSON.stringify({ date, played: true }));
  return day;
}

/** The sample company lives by its own notice. */
const isSampleCompany = (policy: string): boolean => readPolicy(policy).id === readPolicy(SHIPPED_POLICY).id;

const addresses = ({ url }: Standalone, home: string): string =>
  [
    '',
    `Attesta is up at ${url}`,
    `  console     ${url}/console/, the privacy center ${url}/privacy/`,
    `  interface   ${url}/docs`,
    `  log         ${url}/log/checkpoint, verifier key at ${url}/log/key`,
    '  signing in  npx attesta login-accounts prints who may, and their passwords',
    '  a token     npx attesta token --role auditor   (or publisher, dpo, operator, subject)',
    `  data        ${path.resolve(home)}; mail to people in its mail directory`,
    'Ctrl-C stops it; the next start goes on from here.',
  ].join('\n');

async function requireFreePort(port: number, host: string): Promise<void> {
  if (port === 0) return;
  await new Promise<void>((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(port, host, () => probe.close(() => resolve()));
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE')
      throw new Unusable(`Port ${port} is in use. Stop what listens there, or choose another: PORT=4001 npm start`);
    if (error.code === 'EACCES')
      throw new Unusable(`Port ${port} may not be used by this account. Choose one above 1023: PORT=4000 npm start`);
    throw error;
  });
}

/** What the person who started it can mend; needs no stack. */
class Unusable extends Error {}

try {
  await start();
} catch (error) {
  const plain = error instanceof ConfigError || error instanceof Unusable;
  process.stderr.write(`${error instanceof Error ? ((plain ? undefined : error.stack) ?? error.message) : String(error)}\n`);
  process.exit(1);
}
