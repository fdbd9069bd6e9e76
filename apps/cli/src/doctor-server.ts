import { openNote, parseCheckpoint } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { AttestaError } from '@attesta/sdk';
import { refusal, type Api } from './api.js';
import { messageOf } from './failure.js';
import { note, ok, problem, skipped, type Finding } from './finding.js';
import { readKeyLine } from './keys.js';
import { LogHttp, NotThere } from './log-http.js';
import { readProgress } from './ops-answers.js';

export interface ServerUnderTest {
  api: Api;
  /** The same with the caller's token, or with tokens of the local system for these roles; undefined when there is none. */
  asOperator: Api | undefined;
  asAuditor: Api | undefined;
  /** Verifier key line the caller trusts. */
  key: string | undefined;
  now: () => Date;
}

const MOST_SKEW_MS = 10_000;
const MOST_LAG = 10_000;
/** Checkpoints follow within a second; this is far beyond a busy moment. */
const MOST_UNSIGNED_MS = 15_000;

/** What the server says of itself. When it does not answer at all, that is the one finding. */
export async function checkServer(server: ServerUnderTest): Promise<Finding[]> {
  const asked = server.now().getTime();
  let live: Response;
  try {
    live = await server.api.ask('GET', '/health/live');
    await live.body?.cancel();
  } catch (error) {
    return [problem('HTTP', messageOf(error), 'Start the system with npm start, or name another address with --url.')];
  }
  const reachable = live.ok
    ? ok('HTTP', `${server.api.url} answers`)
    : problem('HTTP', `answers with status ${live.status}`, 'Check that --url names an Attesta server.');
  const head = await readHead(server);
  return [
    reachable,
    checkClock(live.headers.get('date'), asked, server.now().getTime()),
    await checkReady(server.api),
    await checkToken(server.asOperator),
    head.finding,
    await checkUnsigned(server, head.size),
    await checkLag(server.asOperator, head.size),
  ];
}

/** The Date header tells whole seconds of a moment between question and answer. */
export function checkClock(date: string | null, asked: number, answered: number): Finding {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return skipped('clock', 'the server tells no time');
  const skew = theirs + 1000 < asked ? theirs + 1000 - asked : theirs > answered ? theirs - answered : 0;
  const text = `the server's clock is ${Math.abs(Math.round(skew / 1000))} s ${skew < 0 ? 'behind' : 'ahead of'} this one`;
  if (Math.abs(skew) <= MOST_SKEW_MS) return ok('clock', skew === 0 ? 'agrees with the server' : text);
  return problem('clock', text, 'Set both by NTP: tokens and events carry times.');
}

async function checkReady(api: Api): Promise<Finding> {
  const response = await api.ask('GET', '/health/ready');
  const answer = (await response.json().catch(() => ({}))) as { status?: string; error?: Record<string, { message?: string }> };
  if (response.ok && answer.status === 'ok') return ok('ready', 'every part is');
  const failing = Object.entries(answer.error ?? {}).map(([part, { message }]) => `${part}${message ? ` (${message})` : ''}`);
  return problem(
    'ready',
    failing.length > 0 ? `not ready: ${failing.join(', ')}` : `status ${response.status}`,
    'Look at the log of that service.',
  );
}

async function checkToken(asCaller: Api | undefined): Promise<Finding> {
  if (!asCaller) return skipped('token', 'none given', 'Give --token, or --role operator --home <directory>.');
  try {
    const response = await asCaller.ask('GET', '/v1/rejections?limit=1');
    if (response.ok) {
      await response.body?.cancel();
      return ok('token', 'accepted');
    }
    const { status, problem: document, message } = refusal(response.status, await response.text());
    if (status === 403) return note('token', 'accepted, but its role may not read rejections');
    return problem('token', document?.detail ?? message, document?.fix ?? 'Take a new one with attesta token.');
  } catch (error) {
    return problem('token', messageOf(error), 'Take a new one with attesta token.');
  }
}

async function readHead({ api, key: trusted }: ServerUnderTest): Promise<{ finding: Finding; size?: number }> {
  const log = new LogHttp(LogHttp.baseOf(api.url));
  try {
    const key = readKeyLine(trusted ?? (await log.text('key')), trusted === undefined ? `${log.base}/key` : '--key');
    const checkpoint = parseCheckpoint(openNote(nodePrimitives, await log.text('checkpoint'), [key]).text);
    if (checkpoint.origin !== key.name) throw new Error('the checkpoint is of another log than the key');
    const by = trusted === undefined ? "the log's own key" : 'the key you gave';
    return { finding: ok('checkpoint', `${checkpoint.size} entries, signed by ${by}`), size: checkpoint.size };
  } catch (error) {
    if (error instanceof NotThere) return { finding: note('checkpoint', 'nothing is signed yet', 'Publish something; then look again.') };
    const fix = log.failure ? 'Look at the log of the ledger.' : 'Run attesta log verify: it names what is wrong.';
    return { finding: problem('checkpoint', messageOf(error), fix) };
  }
}

/** How old the newest checkpoint is can only be told by what came after it: an entry without a checkpoint grows old. */
async function checkUnsigned({ asAuditor, now }: ServerUnderTest, size: number | undefined): Promise<Finding> {
  const check = 'checkpoint age';
  if (size === undefined || !asAuditor)
    return skipped(check, size === undefined ? 'there is no checkpoint' : 'needs a token of the role auditor');
  const response = await asAuditor.ask('GET', `/v1/events/${size}`);
  if (response.status === 404) {
    await response.body?.cancel();
    return ok(check, 'current: nothing is sealed beyond it');
  }
  const text = await response.text();
  if (response.status === 401 || response.status === 403)
    return skipped(check, 'needs a token of the role auditor', 'Run it with --role auditor.');
  if (!response.ok) return problem(check, refusal(response.status, text).message, 'Look at the log of the ledger.');
  const { entry } = JSON.parse(text) as { entry?: { recordedAt?: string } };
  const age = now().getTime() - Date.parse(entry?.recordedAt ?? '');
  if (!(age > MOST_UNSIGNED_MS)) return ok(check, 'current: the next is on its way');
  return problem(
    check,
    `an entry sealed ${Math.round(age / 1000)} s ago is under no checkpoint`,
    'The integrator stands still: look at the log of the ledger.',
  );
}

async function checkLag(asCaller: Api | undefined, size: number | undefined): Promise<Finding> {
  const check = 'registers';
  if (!asCaller) return skipped(check, 'needs a token of the role operator');
  try {
    const { position, lag } = readProgress(await asCaller.get('/ops/audit/progress'));
    const behind = lag ?? Math.max(0, (size ?? 0) - 1 - position);
    if (behind === 0) return ok(check, `all ${position + 1} entries are in them`);
    if (behind <= MOST_LAG) return ok(check, `${behind} entries behind`);
    return problem(check, `${behind} entries behind`, 'Look at attesta dlq list and the log of the audit service.');
  } catch (error) {
    if (error instanceof AttestaError && (error.status === 401 || error.status === 403)) {
      return skipped(check, 'needs a token of the role operator', 'Run it with --role operator.');
    }
    return problem(check, messageOf(error), 'Look at the log of the audit service.');
  }
}
