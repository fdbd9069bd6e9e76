import type { Command } from 'commander';
import { openNote, parseCheckpoint, splitNote, toBase64 } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { findToken } from './credentials.js';
import { Failure } from './failure.js';
import { givenKey, readKeyLine, type KeyOptions } from './keys.js';
import { LogHttp, NotThere } from './log-http.js';
import { addLogVerify } from './log-verify.command.js';
import { example, withAccess, withJson, withKey, withServer, type AccessOptions, type Cli, type ServerOptions } from './options.js';
import { plain } from './screen.js';

type LogOptions = ServerOptions & AccessOptions & KeyOptions & { json?: true };

export function addLog(program: Command, cli: Cli): void {
  const log = program.command('log').description('Verify the whole log, or show its key and newest checkpoint');
  addLogVerify(log, cli);

  const key = withAccess(withServer(log.command('key').description("Print the log's verifier key line, as the log itself tells it")));
  example(key, 'attesta log key > log.key').action(async (options: LogOptions) => {
    const line = await askFor('key', logOf(options, cli));
    readKeyLine(line, `${LogHttp.baseOf(options.url)}/key`);
    cli.screen.print(line.trim());
  });

  const checkpoint = withJson(withKey(withAccess(withServer(log.command('checkpoint').description('Print the newest signed checkpoint')))));
  example(checkpoint, 'attesta log checkpoint --key-file log.key').action((options: LogOptions) => printCheckpoint(options, cli));
}

async function printCheckpoint(options: LogOptions, { screen, terminal, exit, ...cli }: Cli): Promise<void> {
  const given = givenKey(options, terminal.cwd);
  const note = await askFor('checkpoint', logOf(options, { screen, terminal, exit, ...cli }));
  const { origin, size, root } = parseCheckpoint(splitNote(note).text);
  const problem = given === undefined ? undefined : signatureProblem(note, given);
  if (options.json) {
    screen.json({ origin, size, root: toBase64(root), note, ...(given !== undefined && { verified: problem === undefined, problem }) });
  } else {
    // The note itself has no control characters: reading it made sure.
    screen.print(note.replace(/\n$/, ''));
    if (given !== undefined) {
      screen.note(problem === undefined ? `The key you gave signed this: ${plain(origin)}, ${size} entries.` : `error: ${plain(problem)}`);
    }
  }
  if (problem !== undefined) exit(1);
}

function signatureProblem(note: string, keyLine: string): string | undefined {
  try {
    openNote(nodePrimitives, note, [readKeyLine(keyLine, '--key')]);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const logOf = (options: LogOptions, { terminal }: Cli): LogHttp =>
  new LogHttp(
    LogHttp.baseOf(options.url),
    options.token || options.role || options.issuer ? findToken(options, terminal, { role: 'auditor', url: options.url }) : undefined,
  );

async function askFor(path: string, log: LogHttp): Promise<string> {
  try {
    return await log.text(path);
  } catch (error) {
    if (!(error instanceof NotThere)) throw error;
    throw new Failure(`${log.base}/${path} is not there`, 'Check that --url names an Attesta server, and that something was published.');
  }
}
