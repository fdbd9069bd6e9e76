import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { Api } from './api.js';
import { needToken } from './credentials.js';
import { Failure } from './failure.js';
import { example, withAccess, withJson, withServer, type AccessOptions, type Cli, type ServerOptions } from './options.js';
import { readDigests, readProgress, type Digests } from './ops-answers.js';
import { count, plain, type Screen } from './screen.js';

type RebuildOptions = ServerOptions & AccessOptions & { json?: true; timeout: string };

const ASK_EVERY_MS = 250;

export function addRebuild(program: Command, cli: Cli): void {
  const command = program
    .command('rebuild')
    .description('Empty the registers of a service and fill them from the log again, then compare what came out')
    .argument('<service>', 'whose registers: audit')
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
  const ops = `/ops/${service}`;
  const before = readDigests(await api.get(`${ops}/digest`));
  await api.post(`${ops}/rebuild`);
  const deadline = Date.now() + Number(options.timeout) * 1000;
  const bar = screen.progress('rebuilding', 'entries', before.position + 1);
  try {
    for (;;) {
      const { position } = readProgress(await api.get(`${ops}/progress`));
      bar.update(Math.max(0, Math.min(position, before.position) + 1));
      if (position >= before.position) break;
      if (Date.now() > deadline) {
        throw new Failure(
          `the registers are at position ${position} of ${before.position}`,
          'The rebuild goes on; look again with attesta doctor.',
        );
      }
      await pause(ASK_EVERY_MS);
    }
  } finally {
    bar.stop();
  }
  const after = readDigests(await api.get(`${ops}/digest?position=${before.position}`));
  if (after.position !== before.position) {
    throw new Failure(
      'the digest after the rebuild is of another position',
      'The service does not tell digests of a position: nothing was compared.',
    );
  }
  const differing = differences(before, after);
  if (options.json)
    screen.json({ equal: differing.length === 0, position: before.position, before: before.registers, after: after.registers, differing });
  else describe(before, after, differing, screen);
  exit(differing.length === 0 ? 0 : 1);
}

function differences(before: Digests, after: Digests): string[] {
  const names = new Set([...Object.keys(before.registers), ...Object.keys(after.registers)]);
  return [...names].filter((name) => before.registers[name] !== after.registers[name]);
}

function describe(before: Digests, after: Digests, differing: string[], screen: Screen): void {
  screen.print(`Rebuilt from ${count(before.position + 1, 'entry', 'entries')}.`);
  if (differing.length === 0) {
    const equal = screen.paint('good', 'EQUAL');
    screen.print(`${equal}: ${count(Object.keys(after.registers).length, 'register')} came out as before.`);
    return;
  }
  screen.print(`${screen.paint('bad', 'DIFFERENT')}: the registers were not what the log says; they are now.`);
  for (const name of differing) {
    screen.print(`  ${plain(name)}: ${plain(before.registers[name] ?? 'none')} before, ${plain(after.registers[name] ?? 'none')} after`);
  }
}
