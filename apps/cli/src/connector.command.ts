import type { Command } from 'commander';
import { connector, loadMapping, MappingError, type Connector, type DryRun, type Mapping } from '@attesta/postgres-connector';
import { AttestaError, Fulfilment, httpAnswers, httpTasks, readTask, type FulfilmentAnswer, type FulfilmentTask } from '@attesta/sdk';
import pg from 'pg';
import { Api } from './api.js';
import { needToken } from './credentials.js';
import { codeOf, explain, Failure } from './failure.js';
import { readFile } from './files.js';
import { example, withAccess, withJson, withServer, type AccessOptions, type Cli, type ServerOptions } from './options.js';
import { count, plain } from './screen.js';
import type { Terminal } from './terminal.js';

type ConnectorOptions = ServerOptions &
  AccessOptions & { map: string; database?: string; pepperFile?: string; system?: string; check?: true; dryRun?: string; json?: true };

/** What a mapping can be asked for. */
const KINDS = ['access', 'portability', 'rectification', 'erasure'];
const MAPPING_BYTES = 1_000_000;
const TASK_BYTES = 1_000_000;
const PEPPER_BYTES = 1_000;
const CONNECT_MS = 10_000;

export function addConnector(program: Command, cli: Cli): void {
  const command = program
    .command('connector')
    .description('Fulfil requests on a PostgreSQL database as a mapping file describes it, until interrupted')
    .requiredOption('--map <file>', 'mapping file: which tables and columns are about people')
    .option('--database <url>', 'postgres://user@host/name; with a password better in the environment as CONNECTOR_DATABASE_URL')
    .option(
      '--pepper-file <file>',
      "the deployment's pepper (base64), such as .attesta/keys/pepper, by which people are found whom nobody names in clear; environment: ATTESTA_PEPPER, ATTESTA_PEPPER_FILE",
    )
    .option('--system <id>', 'the system as it is registered, to be sure that the mapping is its')
    .option('--check', 'only look whether the mapping fits the database')
    .option('--dry-run <file>', 'do one task (JSON, as the service gives it) in a transaction that is undone, and tell what it would do');
  withJson(withAccess(withServer(command)));
  example(
    command,
    'attesta connector --map storefront.yaml --database postgres://shop@localhost/shop --client storefront --home .attesta',
  ).action((options: ConnectorOptions) => connect(options, cli));
}

async function connect(options: ConnectorOptions, cli: Cli): Promise<void> {
  const { screen, terminal, exit } = cli;
  const pool = openPool(options.database ?? terminal.env['CONNECTOR_DATABASE_URL'], cli);
  try {
    const mapping = mappingOf(options, terminal.cwd);
    const connected = connector(mapping, pool, { pepper: pepperOf(options, terminal) });
    await connected.check().catch(refuse);
    if (options.check) tellFit(mapping, options, cli);
    else if (options.dryRun !== undefined) await dryRun(connected, taskOf(options.dryRun, mapping, terminal.cwd), options, cli);
    else await serve(connected, mapping, options, cli);
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    if (options.json) screen.json({ fits: false, problems: error.problems });
    for (const { at, problem, fix } of options.json ? [] : error.problems)
      screen.print(`${plain(at)}: ${plain(problem)} | fix: ${plain(fix)}`);
    exit(1);
  } finally {
    await pool.end();
  }
}

/** @throws Failure for what is no pepper; nothing of it is repeated */
function pepperOf({ pepperFile }: ConnectorOptions, { env, cwd }: Terminal): Uint8Array | undefined {
  const file = pepperFile ?? (env['ATTESTA_PEPPER'] ? undefined : env['ATTESTA_PEPPER_FILE']);
  const text = file === undefined ? env['ATTESTA_PEPPER'] : readFile(cwd, file, { what: 'the pepper', maxBytes: PEPPER_BYTES }).toString();
  if (!text) return undefined;
  if (/^[A-Za-z0-9+/]{22,}={0,2}$/.test(text.trim())) return Buffer.from(text.trim(), 'base64');
  throw new Failure('the pepper is not at least 16 bytes in base64', 'Give it as the ledger keeps it in its keys directory.');
}

function mappingOf({ map, system }: ConnectorOptions, cwd: string): Mapping {
  const mapping = loadMapping(readFile(cwd, map, { what: 'the mapping', maxBytes: MAPPING_BYTES }).toString());
  if (system === undefined || system === mapping.system) return mapping;
  throw new Failure(`the mapping is that of ${mapping.system}, not of ${plain(system)}`, 'Name the same system in both.');
}

function taskOf(file: string, mapping: Mapping, cwd: string): FulfilmentTask {
  const text = readFile(cwd, file, { what: 'the task', maxBytes: TASK_BYTES }).toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Failure(`${file} is not JSON`, 'Give one task, as GET /v1/fulfilment/tasks answers it in data.');
  }
  const task = readTask(value);
  if (!task) throw new Failure(`${file} holds no task`, 'Give one task, as GET /v1/fulfilment/tasks answers it in data.');
  if (task.system !== mapping.system) throw new Failure(`the task is for another system than ${mapping.system}`, 'Give one of its own.');
  return task;
}

/** The system as it has to be registered for every task to find its columns. */
const registrable = ({ system, tables }: Mapping) => ({
  id: system,
  categories: [...new Set(tables.flatMap(({ columns }) => columns.map(({ category }) => category)))].sort(),
  kinds: KINDS,
});

function tellFit(mapping: Mapping, { json }: ConnectorOptions, { screen }: Cli): void {
  const { id, categories, kinds } = registrable(mapping);
  if (json) return screen.json({ fits: true, id, categories, kinds });
  const columns = mapping.tables.reduce((sum, table) => sum + table.columns.length, 0);
  screen.print(`The mapping of ${id} fits the database: ${count(columns, 'column')} of ${count(mapping.tables.length, 'table')}.`);
  screen.print(`Register it with categories ${categories.join(', ')}; kinds ${kinds.join(', ')}.`);
}

async function dryRun(connected: Connector, task: FulfilmentTask, { json }: ConnectorOptions, { screen, exit }: Cli): Promise<void> {
  const would = await connected.dryRun(task);
  if (json) screen.json(would);
  else describe(task, would, screen.print.bind(screen));
  exit(would.outcome === 'failed' ? 1 : 0);
}

function describe(
  { kind }: FulfilmentTask,
  { outcome, reason, categories, kept = [], statements }: DryRun,
  print: (line: string) => void,
): void {
  const what = categories ? ` in ${categories.join(', ') || 'nothing'}` : reason === undefined ? '' : `: ${plain(reason)}`;
  print(`${kind} would end ${outcome}${what}. Nothing was changed.`);
  for (const { category, reason: why, law } of kept)
    print(`  kept ${category}: ${plain(why)}${law === undefined ? '' : ` (${plain(law)})`}`);
  for (const { sql, rows } of statements) print(`  ${count(rows, 'row').padStart(7)} | ${plain(sql)}`);
}

async function serve(connected: Connector, mapping: Mapping, options: ConnectorOptions, { screen, terminal }: Cli): Promise<void> {
  const { url } = options;
  const token = needToken(options, terminal, { role: 'publisher', url });
  const through = { url, token };
  await lookAtRegister(new Api(url, token), mapping, screen.note.bind(screen));
  const hand = httpAnswers(through);
  let told = '';
  const fulfilment = new Fulfilment({
    system: mapping.system,
    tasks: httpTasks({ ...through, system: mapping.system }),
    answer: async (task, answer) => {
      await hand(task, answer);
      told = '';
      screen.print(`task ${task}: ${summary(answer)}`);
    },
    onError: (error) => {
      // An outage is one line, however long it lasts.
      const line = explain(error).join('\n');
      if (line !== told) screen.note(line);
      told = line;
    },
  });
  connected.attach(fulfilment);
  fulfilment.start();
  screen.note(`${mapping.system} takes its tasks from ${url} until it is interrupted (Ctrl-C).`);
  await terminal.interrupted?.();
  await fulfilment.stop();
}

/** Nothing of the person. */
function summary(answer: FulfilmentAnswer): string {
  if (answer.outcome === 'data') return `data, ${count(answer.records.length, 'record')}`;
  if (answer.outcome === 'failed') return `failed: ${plain(answer.reason)}`;
  if (answer.outcome === 'nothing-held') return 'nothing held';
  return `done in ${answer.categories.join(', ') || 'nothing'}${answer.kept ? `; kept ${answer.kept.map(({ category }) => category).join(', ')}` : ''}`;
}

/** What would fail with the first task fails at the start. A service that is away for now is waited for. @throws Failure, AttestaError */
async function lookAtRegister(api: Api, mapping: Mapping, note: (line: string) => void): Promise<void> {
  const wanted = registrable(mapping);
  const found = await api.get('/v1/systems').catch((error: unknown) => {
    if (error instanceof AttestaError && error.status !== undefined && error.status < 500) throw error;
    explain(error).forEach(note);
    return undefined;
  });
  if (found === undefined) return;
  const { data = [] } = found as { data?: { id: string; categories: string[]; kinds: string[] }[] };
  const registered = data.find(({ id }) => id === wanted.id);
  if (!registered) {
    const { id, categories, kinds } = wanted;
    throw new Failure(
      `no system ${id} is registered`,
      `Let the data protection officer register it at POST /v1/systems with categories ${categories.join(', ')}; kinds ${kinds.join(', ')}.`,
    );
  }
  const strange = registered.categories.filter((category) => !wanted.categories.includes(category));
  if (strange.length > 0)
    note(`warning: the system is registered with ${strange.map(plain).join(', ')}, of which the mapping has no column.`);
  const undone = registered.kinds.filter((kind) => !KINDS.includes(kind));
  if (undone.length > 0) note(`warning: the system is registered for ${undone.map(plain).join(', ')}, which a mapping cannot do.`);
}

function openPool(url: string | undefined, { screen }: Cli): pg.Pool {
  const fix = 'Write it as postgres://user@host/name.';
  if (url === undefined) throw new Failure('which database? give --database, or CONNECTOR_DATABASE_URL in the environment', fix);
  if (!URL.canParse(url) || !['postgres:', 'postgresql:'].includes(new URL(url).protocol))
    throw new Failure('--database is no address of a PostgreSQL database', fix);
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'attesta-connector',
    max: 4,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
  });
  // Without a listener a restart of the database would end the process.
  pool.on('error', (error) => screen.note(`an idle connection to the database was lost (${codeOf(error)})`));
  return pool;
}

const refuse = (error: unknown): never => {
  if (error instanceof MappingError) throw error;
  throw new Failure(`the database cannot be used (${codeOf(error)})`, 'Check --database, and that the user may log in there.', {
    cause: error,
  });
};
