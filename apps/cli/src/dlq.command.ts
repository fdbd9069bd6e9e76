import type { Command } from 'commander';
import { Api } from './api.js';
import { needToken } from './credentials.js';
import { Failure } from './failure.js';
import { example, withAccess, withJson, withServer, type AccessOptions, type Cli, type ServerOptions } from './options.js';
import { count, plain } from './screen.js';

type DlqOptions = ServerOptions & AccessOptions & { service: string; json?: true };

/** A parked event as the services tell it; all but its place may be missing. */
interface ParkedEvent {
  position?: number;
  key?: string;
  poison?: boolean;
  error?: string | null;
  attempts?: number;
  parkedAt?: string;
  state?: string;
  reason?: string | null;
}

export function addDlq(program: Command, cli: Cli): void {
  const dlq = program.command('dlq').description('Events a service could not apply: set aside in order, one key at a time');
  const sub = (usage: string, description: string) =>
    withJson(withAccess(withServer(dlq.command(usage).description(description)))).option('--service <name>', 'whose events', 'audit');

  example(sub('list', 'List the events set aside'), 'attesta dlq list --role operator')
    .option('--key <key>', 'only those of this key')
    .action((options: DlqOptions & { key?: string }) => list(options, cli));
  example(sub('show <position>', 'Show one of them'), 'attesta dlq show 1042 --role operator').action(
    (position: string, options: DlqOptions) => show(positionOf(position), options, cli),
  );
  example(sub('replay <key>', 'Apply the events of one key again, in order'), 'attesta dlq replay 0b52…e1 --role operator').action(
    (key: string, options: DlqOptions) => replay(key, options, cli),
  );
  example(sub('discard <position>', 'Give one event up for good'), 'attesta dlq discard 1042 --reason "bad migration" --role operator')
    .requiredOption('--reason <text>', 'why; it is kept')
    .action((position: string, options: DlqOptions & { reason: string }) => discard(positionOf(position), options, cli));
}

async function list(options: DlqOptions & { key?: string }, { screen, terminal }: Cli): Promise<void> {
  const api = apiOf(options, terminal);
  const found: ParkedEvent[] = [];
  let cursor: string | null | undefined;
  do {
    const query = new URLSearchParams({ ...(options.key !== undefined && { key: options.key }), ...(cursor && { cursor }) }).toString();
    const page = (await api.get(`${pathOf(options)}${query && `?${query}`}`)) as { data?: ParkedEvent[]; next_cursor?: string | null };
    found.push(...(page.data ?? []));
    cursor = page.next_cursor;
  } while (cursor);
  if (options.json) {
    screen.json(found);
    return;
  }
  if (found.length === 0) {
    screen.print(`Nothing is set aside by ${plain(options.service)}.`);
    return;
  }
  const keys = new Set(found.map(({ key }) => key));
  screen.print(`${count(found.length, 'event')} of ${count(keys.size, 'key')} set aside by ${plain(options.service)}:`);
  for (const event of found) {
    const why = event.poison ? (event.error ?? 'failed') : 'waits behind one that failed';
    screen.print(`  position ${String(event.position).padEnd(10)} key ${plain(event.key)}  ${plain(why)}`);
  }
  screen.print('Look at one with attesta dlq show <position>; when the cause is mended: attesta dlq replay <key>.');
}

async function show(position: number, options: DlqOptions, { screen, terminal }: Cli): Promise<void> {
  const event = await apiOf(options, terminal).get(`${pathOf(options)}/${position}`);
  screen.json(event);
}

async function replay(key: string, options: DlqOptions, { screen, terminal, exit }: Cli): Promise<void> {
  const result = (await apiOf(options, terminal).post(`${pathOf(options)}/replay`, { key })) as {
    applied?: number;
    left?: number;
    error?: string;
  };
  const { applied = 0, left = 0, error } = result;
  if (options.json) screen.json(result);
  else {
    screen.print(`${count(applied, 'event')} applied, ${left} left.`);
    if (error !== undefined) screen.print(`The next one failed again: ${plain(error)}`);
  }
  exit(left > 0 ? 1 : 0);
}

async function discard(position: number, options: DlqOptions & { reason: string }, { screen, terminal }: Cli): Promise<void> {
  const result = await apiOf(options, terminal).post(`${pathOf(options)}/${position}/discard`, { reason: options.reason });
  if (options.json) screen.json(result ?? { discarded: position });
  else screen.print(`Position ${position} is given up. Others of its key wait for attesta dlq replay <key>.`);
}

const apiOf = (options: DlqOptions, terminal: Cli['terminal']): Api =>
  new Api(options.url, needToken(options, terminal, { role: 'operator', url: options.url }));

/** The name becomes part of a path: nothing but a name may. */
function pathOf({ service }: DlqOptions): string {
  if (!/^[a-z][a-z0-9-]{0,40}$/.test(service)) throw new Failure('--service is no name of a service', 'It is one such as audit.');
  return `/ops/${service}/dlq`;
}

function positionOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Failure('the position is not a whole number', 'Positions are shown by attesta dlq list.');
  return Number(text);
}
