import fs from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import { AttestaClient } from '@attesta/sdk';
import { needToken } from './credentials.js';
import { readEvents } from './event-input.js';
import { codeOf, explain, Failure, fieldLine } from './failure.js';
import { example, withAccess, withJson, withServer, type AccessOptions, type Cli, type ServerOptions } from './options.js';
import { publishAll, PublishStopped, type PublishSummary } from './publish.js';
import { count, plain, type Screen } from './screen.js';

type PublishOptions = ServerOptions & AccessOptions & { json?: true };

const SHOWN = 20;

export function addPublish(program: Command, cli: Cli): void {
  const command = program
    .command('publish')
    .description('Publish CloudEvents from a file or standard input: one JSON event, a JSON array, or JSON Lines, of any length')
    .argument('[file]', 'the file; - or nothing for standard input', '-');
  withJson(withAccess(withServer(command)));
  example(command, 'attesta publish events.jsonl --role publisher --home .attesta').action((file: string, options: PublishOptions) =>
    publish(file, options, cli),
  );
}

async function publish(file: string, options: PublishOptions, { screen, terminal, exit }: Cli): Promise<void> {
  const token = needToken(options, terminal, { role: 'publisher', url: options.url });
  const { stream, size } = openInput(file, terminal.stdin, terminal.cwd);
  const client = new AttestaClient({ url: options.url, source: 'urn:attesta:cli', token, retry: { attempts: 4 } });
  const bar = size === undefined ? screen.progress('publishing', 'events') : screen.progress('publishing', 'bytes', size);
  let bytes = 0;
  const counted = counting(stream, file, (length) => (bytes += length));
  try {
    const summary = await publishAll(client, readEvents(counted), {
      now: terminal.now,
      onProgress: (read) => (size === undefined ? bar.update(read, read) : bar.update(Math.min(bytes, size))),
    });
    bar.stop();
    if (summary.read === 0) throw new Failure('the input holds no events', 'Give a file with CloudEvents, or pipe them in.');
    if (options.json) screen.json(summary);
    else describe(summary, screen);
    exit(summary.rejected > 0 ? 1 : 0);
  } catch (error) {
    bar.stop();
    if (!(error instanceof PublishStopped)) throw error;
    if (options.json) screen.json({ ...error.summary, error: { message: error.message, problem: error.cause.problem } });
    else describeStop(error, screen);
    exit(2);
  } finally {
    if (stream !== terminal.stdin) stream.destroy();
  }
}

function openInput(file: string, stdin: Readable & { isTTY?: boolean }, cwd: string): { stream: Readable; size?: number } {
  if (file === '-') {
    if (stdin.isTTY) throw new Failure('there is no input', 'Name a file, or pipe events in: attesta publish < events.jsonl');
    return { stream: stdin };
  }
  try {
    const full = path.resolve(cwd, file);
    const stat = fs.statSync(full);
    if (stat.isDirectory()) throw new Failure(`${file} is a directory`, 'Name a file.');
    return { stream: fs.createReadStream(full, { highWaterMark: 1 << 18 }), ...(stat.isFile() && { size: stat.size }) };
  } catch (error) {
    throw error instanceof Failure ? error : unreadable(file, error);
  }
}

async function* counting(stream: Readable, file: string, onBytes: (length: number) => void): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
      onBytes(bytes.length);
      yield bytes;
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}

const unreadable = (file: string, error: unknown): Failure =>
  new Failure(`${file === '-' ? 'standard input' : file} cannot be read (${codeOf(error)})`, 'Check the name, and that you may read it.', {
    cause: error,
  });

function describe(summary: PublishSummary, screen: Screen): void {
  const { read, sealed, accepted, duplicate, rejected, rejections } = summary;
  const parts = [
    `${count(sealed, 'sealed', 'sealed')}`,
    ...(accepted > 0 ? [`${accepted} accepted, sealed soon`] : []),
    `${count(duplicate, 'known already', 'known already')}`,
    rejected > 0 ? screen.paint('bad', count(rejected, 'rejected', 'rejected')) : '0 rejected',
  ];
  screen.print(`${count(read, 'event')}: ${parts.join(', ')}`);
  for (const { line, id, problems } of rejections.slice(0, SHOWN)) {
    screen.print(`line ${line}${id === undefined ? '' : `, id ${plain(id)}`}`);
    for (const problem of problems) screen.print(`  ${fieldLine(problem)}`);
  }
  if (rejected > SHOWN) screen.print(`... and ${count(rejected - SHOWN, 'more')}; --json lists them.`);
}

function describeStop(stopped: PublishStopped, screen: Screen): void {
  const { summary } = stopped;
  const done = summary.sealed + summary.accepted + summary.duplicate;
  explain(stopped.cause).forEach((line) => screen.note(line));
  if (summary.read > 0 && done + summary.rejected > 0) describe(summary, screen);
  screen.note(
    `Not everything was published. Publish the same input again when this is mended: what is sealed already is not sealed twice.`,
  );
}
