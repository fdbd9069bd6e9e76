import type { Command } from 'commander';
import { LogReader, parseLogState, toBase64, verifyLog, type LogProblem, type LogReport, type LogState } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { findToken } from './credentials.js';
import { codeOf, explain, Failure } from './failure.js';
import { readFile, replaceFile } from './files.js';
import { givenKey, readKeyLine, type KeyOptions } from './keys.js';
import { LogHttp, NotThere } from './log-http.js';
import { example, withAccess, withJson, withKey, withServer, type AccessOptions, type Cli, type ServerOptions } from './options.js';
import { count, plain, type Screen } from './screen.js';
import { witnessDemand, withWitnesses, witnessedText, type WitnessOptions } from './witness-options.js';

type LogVerifyOptions = ServerOptions & AccessOptions & KeyOptions & WitnessOptions & { state?: string; json?: true };

/** Whose word the signature is checked against. */
interface TrustedKey {
  line: string;
  from: 'given' | 'state' | 'log';
}

interface Visit {
  url: string;
  key: TrustedKey;
  report: LogReport;
  /** Why the log could not be asked to its end. */
  failure?: Error;
  stateFile?: string;
  now: Date;
}

const STATE_BYTES = 1 << 20;

/** Findings that stand whatever could not be fetched besides: they come from what the log did say. */
const CERTAIN: ReadonlySet<LogProblem['kind']> = new Set(['edit', 'reorder', 'rollback', 'fork', 'signature', 'chain']);

export function addLogVerify(log: Command, cli: Cli): void {
  const command = log
    .command('verify')
    .description('Re-derive the whole log from its entries: order, chains, tree, signature, and that it continues what was seen last time')
    .option('--state <file>', 'what to remember between visits: without it, or witnesses, a rolled back or forked log can not be told');
  withJson(withWitnesses(withKey(withAccess(withServer(command)))));
  example(command, 'attesta log verify --url http://localhost:4000 --role auditor --state log.state').action((options: LogVerifyOptions) =>
    verifyTheLog(options, cli),
  );
}

async function verifyTheLog(options: LogVerifyOptions, { screen, terminal, exit }: Cli): Promise<void> {
  const witnesses = witnessDemand(options, terminal);
  const saved = options.state === undefined ? undefined : readState(terminal.cwd, options.state);
  const log = new LogHttp(LogHttp.baseOf(options.url), findToken(options, terminal, { role: 'auditor', url: options.url }));
  const key = await trustedKey(givenKey(options, terminal.cwd), saved, log);
  const bar = screen.progress('verifying', 'entries');
  let report: LogReport;
  try {
    report = await verifyLog(nodePrimitives, new LogReader(nodePrimitives, log.fetch), {
      key: key.line,
      ...(saved && { state: saved }),
      ...(witnesses && { witnesses }),
      onProgress: (checked, total) => bar.update(checked, total),
    });
  } finally {
    bar.stop();
  }
  if (!report.ok && !report.checkpoint && !log.failure && !saved) await explainNoCheckpoint(log);
  if (report.ok && options.state !== undefined && report.state) keepState(terminal.cwd, options.state, report.state);
  const visit: Visit = {
    url: log.base,
    key,
    report,
    now: terminal.now(),
    ...(log.failure && { failure: log.failure }),
    ...(options.state && { stateFile: options.state }),
  };
  if (options.json) screen.json(asJson(visit));
  else describe(visit, saved, screen);
  exit(report.ok ? 0 : findings(visit).length > 0 ? 1 : 2);
}

/** What is wrong with the log, as far as it could be asked. */
function findings({ report, failure }: Visit): LogProblem[] {
  return failure ? report.problems.filter(({ kind }) => CERTAIN.has(kind)) : report.problems;
}

async function trustedKey(given: string | undefined, saved: LogState | undefined, log: LogHttp): Promise<TrustedKey> {
  if (given !== undefined) return { line: given, from: 'given' };
  if (saved) return { line: saved.key, from: 'state' };
  try {
    const line = (await log.text('key')).trim();
    readKeyLine(line, `${log.base}/key`);
    return { line, from: 'log' };
  } catch (error) {
    if (!(error instanceof NotThere)) throw error;
    throw new Failure(`${log.base}/key is not there`, 'Check that --url names an Attesta server, or give the key with --key.');
  }
}

/** A log without any checkpoint, never seen before, is no broken log: nothing was signed yet, or it is none. */
async function explainNoCheckpoint(log: LogHttp): Promise<void> {
  try {
    await log.fetch('checkpoint', { maxBytes: 1_000_000 });
  } catch (error) {
    if (!(error instanceof NotThere)) throw error;
    throw new Failure(`there is no checkpoint at ${log.base}`, 'Publish something first, and check that --url names an Attesta server.');
  }
}

function readState(cwd: string, file: string): LogState | undefined {
  let text: string;
  try {
    text = readFile(cwd, file, { what: 'the state', maxBytes: STATE_BYTES }).toString('utf8');
  } catch (error) {
    if (codeOf((error as Error).cause) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return parseLogState(JSON.parse(text));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is not JSON' : (error as Error).message;
    throw new Failure(
      `the state file ${file} cannot be used: ${why}`,
      'Restore it from a copy. Removing it means to trust the log anew, as at a first visit.',
      { cause: error },
    );
  }
}

/** Another check may have seen more of the log while this one ran: what is known never becomes less. */
function keepState(cwd: string, file: string, state: LogState): void {
  const current = readState(cwd, file);
  if (current && current.origin === state.origin && current.size > state.size) return;
  replaceFile(cwd, file, `${JSON.stringify(state)}\n`);
}

function describe(visit: Visit, saved: LogState | undefined, screen: Screen): void {
  const { report, key, failure, stateFile, url, now } = visit;
  if (report.checkpoint) {
    const { origin, size, root } = report.checkpoint;
    screen.print(`Log ${plain(origin)} at ${url}: ${count(size, 'entry', 'entries')}, root ${toBase64(root)}`);
  }
  screen.print(keyText(key, url));
  if (report.witnessed) screen.print(witnessedText(report.witnessed, report.checkpoint!.size, now));
  const found = findings(visit);
  if (report.ok) {
    const since = saved ? `; it continues the ${count(saved.size, 'entry', 'entries')} of the last visit` : '';
    const chains = count(report.subjects, "subject's chain", "subjects' chains");
    screen.print(
      `${screen.paint('good', 'INTACT')}: every entry is in its place and leads to the signed root, ${chains} unbroken${since}.`,
    );
    if (stateFile !== undefined) screen.print(`${saved ? 'Remembered' : 'First visit, remembered'} in ${stateFile}.`);
    else if (report.witnessed)
      screen.print('Nothing was compared with an earlier visit; that the log was not rolled back is the word of its witnesses.');
    else screen.print('Nothing was compared with an earlier visit: keep --state <file>, or ask --witness, to notice a rollback or a fork.');
    return;
  }
  if (found.length > 0) {
    screen.print(`${screen.paint('bad', 'NOT INTACT')}: ${count(found.length + report.omitted, 'problem')}`);
    for (const problem of found) screen.print(`  ${problem.kind.padEnd(10)} ${placeText(problem).padEnd(18)} ${plain(problem.message)}`);
    if (report.omitted > 0) screen.print(`  ... and ${count(report.omitted, 'more')}`);
    if (stateFile !== undefined) screen.print(`${stateFile} still holds the last good visit.`);
  }
  if (failure) {
    explain(failure).forEach((line) => screen.note(line));
    screen.note(
      found.length > 0
        ? 'The rest of the log could not be checked.'
        : 'The log could not be checked to its end: this says nothing about it.',
    );
  }
}

function keyText({ line, from }: TrustedKey, url: string): string {
  switch (from) {
    case 'given':
      return `Key ${plain(line)}: the one you gave.`;
    case 'state':
      return `Key ${plain(line)}: the one of the last visit.`;
    case 'log':
      return `Key ${plain(line)}: taken on trust from ${url}/key. Compare it with the one you know from elsewhere, or give that with --key.`;
  }
}

function placeText({ position, lastPosition, positions }: LogProblem): string {
  if (positions && positions.length > 0) return `positions ${positions.slice(0, 10).join(', ')}${positions.length > 10 ? ', ...' : ''}`;
  if (position === undefined) return 'the whole log';
  return lastPosition === undefined || lastPosition === position ? `position ${position}` : `positions ${position} to ${lastPosition}`;
}

function asJson(visit: Visit): Record<string, unknown> {
  const { report, key, failure, stateFile, url } = visit;
  const { checkpoint, state: _state, ok, checked, subjects, omitted, witnessed } = report;
  return {
    ok,
    url,
    ...(checkpoint && { origin: checkpoint.origin, size: checkpoint.size, root: toBase64(checkpoint.root) }),
    checked,
    subjects,
    ...(witnessed && { witnessed: { ...witnessed, time: new Date(witnessed.time * 1000).toISOString() } }),
    key: key.line,
    keyFrom: key.from,
    problems: findings(visit),
    omitted,
    ...(failure && { error: failure.message }),
    ...(ok && stateFile !== undefined && { state: stateFile }),
  };
}
