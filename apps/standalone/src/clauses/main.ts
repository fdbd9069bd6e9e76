import { parseArgs } from 'node:util';
import { HomeConfig, loadConfig, useJsonLogs } from '@attesta/service-kit';
import { ownStandardOutput, stopOnSignals } from '../main.output.js';
import { openSystem, reachRunning, startFresh } from './open-system.js';
import { playClauses } from './play-clauses.js';
import { summary, tableLine } from './table.js';

const HELP = `Plays the privacy notice clause by clause and shows the positions of the sealed events.
  --json                  one JSON object instead of the table
  --transport http|kafka  how events are published; default http
  --url URL               a running system instead of a fresh one; with it:
  --home DIR              its data directory (secrets of the local issuer, keys); default $ATTESTA_HOME or ./.attesta
  --issuer URL            its issuer, if not the one of the data directory
  --postgres URL          superuser of its PostgreSQL; default the embedded one of the data directory
Kafka: KAFKA_BROKERS names the brokers; a fresh system starts one of its own without it.`;

const say = ownStandardOutput();
useJsonLogs({ service: 'clauses', level: 'warn' });
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: process.env.npm_config_json === 'true' }, // npm keeps --json for itself unless it stands behind --
    transport: { type: 'string', default: 'http' },
    url: { type: 'string' },
    issuer: { type: 'string' },
    home: { type: 'string', default: loadConfig(HomeConfig).home },
    postgres: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  say(HELP);
  process.exit(0);
}
const transport = (['http', 'kafka'] as const).find((known) => known === values.transport);
if (!transport) {
  process.stderr.write(`--transport is http or kafka.\n${HELP}\n`);
  process.exit(2);
}

try {
  const { url, issuer, home, postgres } = values;
  process.stderr.write(url ? `Asking ${url} ...\n` : 'Starting a fresh system ...\n');
  const reachable = await (url === undefined ? startFresh(transport) : reachRunning({ url, issuer, home, postgres }));
  stopOnSignals(() => reachable.stop());
  const system = await openSystem(transport, reachable);
  const report = await playClauses(system, (result, why) => {
    if (!values.json) say(tableLine(result, why));
    else if (why !== undefined) process.stderr.write(`${tableLine(result, why)}\n`);
  }).finally(() => system.stop());
  say(values.json ? JSON.stringify(report) : `\n${summary(report.rows)}`);
  process.exit(report.rows.some(({ status }) => status === 'fail') ? 1 : 0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
