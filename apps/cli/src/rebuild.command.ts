import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { Api } from './api.js';
import { needToken } from './credentials.js';
import { Failure } from './failure.js';
import { example, withAccess, withJson, withServer, type AccessOptions, type Cli, type ServerOptions } from './options.js';
import { readRebuild, type RebuildAnswer } from './ops-answers.js';
import { count, plain, type Screen } from './screen.js';

type RebuildOptions = ServerOptions & AccessOptions & { json?: true; timeout: string; swap?: true };

const ASK_EVERY_MS = 250;

export function addRebuild(program: Command, cli: Cli): void {
  const command = program
    .command('rebuild')
    .description('Fill the registers of a service from the log again, beside those that answer; compare both, and swap them')
    .argument('<service>', 'whose registers: audit')
    .option('--swap', 'also when they come out different; without it those from before go on answering then')
    .option('--timeout <seconds>', 'how long to wait', '3600');
  withJson(withAccess(withServer(command)));
  example(command, 'attesta rebuild audit --role operator').action((service: string, options: RebuildOptions) =>
    rebuild(service, options, cli),
  );
}

async function rebuild(service: string, options: RebuildOptions, { screen, terminal, exit }: Cli): Promise<void> {
  if (service !== 'audit') throw new Failure('only the registers of audit can be rebuilt', 'Run attesta rebuild audit.');
  if (!/^[1-9]\d{0,6}$/.test(options.timeout)) throw new Failure('--timeout is not a number of seconds', 'Write digits only.');
  const api = new Api(options.url, needToken(options, terminal, { role: 'operator', url: options.url }));
  const route = `/ops/${service}/rebuild`;
  const begun = readRebuild(await api.post(route, { onDifference: options.swap ? 'swap' : 'keep' }));
  const ended = await followed(api, route, begun, Number(options.timeout), screen);
  if (ended.state === 'given-up' || !ended.compared) {
    throw new Failure('the rebuild was given up', 'The registers are as they were. Order it again when nobody gives it up.');
  }
  const { position, present: before, rebuilt: after, differing } = ended.compared;
  const names = differing.map(({ register }) => register);
  const swapped = ended.state === 'done';
  if (options.json) screen.json({ equal: names.length === 0, swapped, position, before, after, differing: names });
  else describe(ended, screen);
  exit(names.length === 0 ? 0 : 1);
}

async function followed(api: Api, route: string, begun: RebuildAnswer, seconds: number, screen: Screen): Promise<RebuildAnswer> {
  const deadline = Date.now() + seconds * 1000;
  const target = (begun.target ?? -1) + 1;
  const bar = screen.progress('rebuilding', 'entries', target);
  try {
    for (;;) {
      const now = readRebuild(await api.get(route));
      bar.update(now.position === null ? target : Math.min(now.position + 1, target));
      if (now.run !== begun.run) throw new Failure('another rebuild was begun meanwhile', 'Look at it with GET /ops/audit/rebuild.');
      if (now.state !== 'filling') return now;
      if (Date.now() > deadline) {
        throw new Failure(
          `the second set is at position ${now.position} of ${target - 1}`,
          'The rebuild goes on; run the same again to wait for it.',
        );
      }
      await pause(ASK_EVERY_MS);
    }
  } finally {
    bar.stop();
  }
}

function describe({ state, compared, entriesPerSecond }: RebuildAnswer, screen: Screen): void {
  const { position, present, rebuilt, differing } = compared!;
  const rate = entriesPerSecond === null ? '' : `, ${count(entriesPerSecond, 'entry', 'entries')} a second`;
  screen.print(`Rebuilt from ${count(position + 1, 'entry', 'entries')}${rate}.`);
  if (differing.length === 0) {
    screen.print(`${screen.paint('good', 'EQUAL')}: ${count(Object.keys(rebuilt).length, 'register')} came out as before.`);
    return;
  }
  const outcome = state === 'done' ? 'they are now.' : 'they still answer. Run it with --swap to put the rebuilt ones in their place.';
  screen.print(`${screen.paint('bad', 'DIFFERENT')}: the registers were not what the log says; ${outcome}`);
  for (const { register, position: first } of differing) {
    const where = first === null ? '' : `, first at position ${first}`;
    screen.print(`  ${plain(register)}${where}: ${plain(present[register] ?? 'none')} before, ${plain(rebuilt[register] ?? 'none')} after`);
  }
}
