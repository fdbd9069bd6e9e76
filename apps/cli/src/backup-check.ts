import type { EntrySource } from '@attesta/event-log';
import { LogFiles, readKeyChanges } from '@attesta/ledger';
import { LogReader, parseLogState, verifyLog, type LogProblem, type LogState } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { Failure } from './failure.js';
import { readFile } from './files.js';
import { ok, problem, skipped, type Finding } from './finding.js';
import type { Cli } from './options.js';
import { RESTORABLE } from './restorable.js';
import { count, plain, type Screen } from './screen.js';
import { withStoppedSystem, type StoppedSystem } from './stopped-system.js';

export interface BackupCheckOptions {
  home?: string;
  state: string;
  json?: true;
}

const STATE_BYTES = 1 << 20;

export async function checkBackup(options: BackupCheckOptions, { screen, terminal, exit }: Cli): Promise<void> {
  const state = readState(terminal.cwd, options.state);
  const findings = await withStoppedSystem(options, terminal, async (system) => {
    const ledger = await checkLedger(system, state, screen);
    // What a log says that is not the one that was seen is nothing to compare with.
    if (ledger.status !== 'ok')
      return [ledger, ...Object.keys(RESTORABLE).map((service) => skipped(service, 'the log is not to be trusted'))];
    const found = [ledger];
    for (const service of Object.keys(RESTORABLE)) found.push(await checkService(system, service, screen));
    return found;
  });
  const problems = findings.filter(({ status }) => status === 'problem').length;
  if (options.json) screen.json({ ok: problems === 0, checks: findings });
  else describe(findings, problems, screen);
  exit(problems === 0 ? 0 : 1);
}

function readState(cwd: string, file: string): LogState {
  const text = readFile(cwd, file, { what: 'the state', maxBytes: STATE_BYTES }).toString('utf8');
  try {
    return parseLogState(JSON.parse(text));
  } catch (cause) {
    throw new Failure(`${file} is no state of a log`, 'Name the file that attesta log verify --state kept.', { cause });
  }
}

/** The whole log, from its entries: it must lead to the root that was seen from outside, and go on from there. */
async function checkLedger({ ledger, keys }: StoppedSystem, state: LogState, screen: Screen): Promise<Finding> {
  const files = new LogFiles(ledger, { changes: () => readKeyChanges(keys) });
  const bar = screen.progress('verifying', 'entries');
  try {
    const report = await verifyLog(nodePrimitives, new LogReader(nodePrimitives, (file) => files.read(file)), {
      key: state.key,
      state,
      onProgress: (checked, total) => bar.update(checked, total),
    });
    const [first] = report.problems;
    if (report.ok && report.checkpoint) {
      const { size } = report.checkpoint;
      return ok('ledger', `${count(size, 'entry', 'entries')}; it continues the ${count(state.size, 'entry', 'entries')} that were seen`);
    }
    return problem('ledger', first ? plain(first.message) : 'the log has no checkpoint', fixOf(report.problems));
  } finally {
    bar.stop();
  }
}

function fixOf(problems: readonly LogProblem[]): string {
  return problems.some(({ kind }) => kind === 'rollback')
    ? 'Entries are missing that somebody has seen. Do not start it: restore a newer backup, with the write-ahead log up to the loss.'
    : 'Do not start it, and keep it as evidence: restore another backup, and find out who wrote to this one (attesta log verify names the place).';
}

/** The same database built again from the log, as far as this one had followed it. */
async function checkService(system: StoppedSystem, service: string, screen: Screen): Promise<Finding> {
  if (!(await system.isFilled(service)))
    return problem(service, 'the database is empty, or not there', `Build it from the log: attesta restore ${service}.`);
  const { position, parked } = await followed(system, service);
  const size = await system.log.size();
  if (position >= size)
    return problem(
      service,
      `it has followed the log up to position ${position}, and the log ends at ${size - 1}`,
      `The ledger's backup is older than this one. Restore a newer one of the ledger; if there is none, build this anew: attesta restore ${service} --replace.`,
    );
  const scratch = `attesta_check_${service}`;
  const bar = screen.progress(`checking ${service}`, 'entries');
  try {
    const urls = await system.recreate(service, scratch);
    const onProgress = (applied: number, total: number) => bar.update(applied, total);
    await RESTORABLE[service]!.restore({ ...urls, policy: system.policy, entries: upTo(system.log, position + 1), onProgress }, () =>
      system.keysOf(service),
    );
    const [found, expected] = [await system.digest(service), await system.digest(service, scratch)];
    // What it had said and was not sealed yet is in the one and not in the other.
    const differing = Object.keys(expected).filter((name) => name !== 'service_event' && found[name] !== expected[name]);
    const where = `as of position ${position}`;
    if (differing.length === 0) return ok(service, `what the log says, ${where}`);
    const besides = parked > 0 ? `; ${count(parked, 'event')} of it set aside (attesta dlq)` : '';
    return problem(
      service,
      `${differing.join(', ')}: not what the log says, ${where}${besides}`,
      `Start the service, let it come up to the log and check again; if it stays so, attesta restore ${service} --replace.`,
    );
  } finally {
    bar.stop();
    await system.drop(scratch);
  }
}

const followed = (system: StoppedSystem, service: string): Promise<{ position: number; parked: number }> =>
  system.look(`attesta_${service}`, async (tx) => {
    const { rows } = await tx.query<{ position: string; parked: string }>(
      `select (select coalesce(min(position), -1) from feed_cursor where consumer = $1) as position,
              (select count(*) from feed_parked where consumer = $1 and state = 'parked') as parked`,
      [service],
    );
    return { position: Number(rows[0]!.position), parked: Number(rows[0]!.parked) };
  });

const upTo = (log: EntrySource, size: number): EntrySource => ({
  size: () => Promise.resolve(size),
  read: (after, limit) => log.read(after, limit),
  watch: (wake) => log.watch(wake),
});

function describe(findings: readonly Finding[], problems: number, screen: Screen): void {
  for (const { check, status, detail, fix } of findings) {
    const mark = status === 'ok' ? screen.paint('good', 'ok') : screen.paint(status === 'problem' ? 'bad' : 'quiet', status.toUpperCase());
    screen.print(`${check.padEnd(14)} ${mark.padEnd(9)} ${plain(detail)}`);
    if (fix !== undefined) screen.print(`${''.padEnd(24)} fix: ${fix}`);
  }
  screen.print(
    problems === 0
      ? `${screen.paint('good', 'GOOD')}: this copy is the log that was seen, and what follows from it.`
      : `${screen.paint('bad', 'REFUSED')}: ${count(problems, 'problem')}. Nothing was changed.`,
  );
}
