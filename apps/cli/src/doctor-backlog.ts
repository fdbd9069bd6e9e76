import { parseCheckpoint, splitNote } from '@attesta/proof';
import { AttestaError } from '@attesta/sdk';
import type { Api } from './api.js';
import { messageOf } from './failure.js';
import { note, ok, problem, skipped, type Finding } from './finding.js';
import { LogHttp, NotThere } from './log-http.js';

const DAY_MS = 86_400_000;
/** Witnesses are asked again once a minute when nothing happens. */
const MOST_UNWITNESSED_MS = 15 * 60_000;
/** A C2SP cosignature/v1: eight bytes of time before the 64 of the signature. */
const COSIGNATURE_BYTES = 72;
const FED = ['audit', 'consent', 'requests', 'retention', 'notification'] as const;

/** What lies about and waits for somebody: refused and parked events; and whether witnesses still sign. */
export async function checkBacklog(api: Api, asOperator: Api | undefined, now: () => Date): Promise<Finding[]> {
  return [
    await checkRejections(asOperator, now()),
    ...(await Promise.all(FED.map((service) => checkParked(service, asOperator)))),
    await checkWitnesses(api, now()),
  ];
}

async function checkRejections(asOperator: Api | undefined, now: Date): Promise<Finding> {
  const check = 'rejections';
  return asking(check, asOperator, async (caller) => {
    const { data = [] } = (await caller.get('/v1/rejections?limit=100')) as { data?: { at: string; problems?: { code: string }[] }[] };
    const today = data.filter(({ at }) => now.getTime() - Date.parse(at) < DAY_MS);
    if (today.length === 0) return ok(check, 'none within a day');
    const codes = [...new Set(today.flatMap(({ problems = [] }) => problems.map(({ code }) => code)))].slice(0, 5);
    const text = `${today.length}${today.length === 100 ? ' or more' : ''} events refused within a day (${codes.join(', ')})`;
    return note(check, text, 'GET /v1/rejections says what is wrong with each; tell their publishers.');
  });
}

async function checkParked(service: string, asOperator: Api | undefined): Promise<Finding> {
  const check = `parked: ${service}`;
  return asking(check, asOperator, async (caller) => {
    const { data = [], has_more: more } = (await caller.get(`/ops/${service}/dlq`)) as { data?: unknown[]; has_more?: boolean };
    if (data.length === 0) return ok(check, 'nothing');
    const text = `${data.length}${more ? ' or more' : ''} events are set aside: people's later events wait behind them`;
    return problem(check, text, `attesta dlq list --service ${service}; mend the cause, then attesta dlq replay.`);
  });
}

/** Without witnesses nothing is amiss; with them, the newest cosignature must not be old. Its keys are checked by `attesta log verify --witness`. */
async function checkWitnesses(api: Api, now: Date): Promise<Finding> {
  const check = 'witnesses';
  const log = new LogHttp(LogHttp.baseOf(api.url));
  try {
    const text = await log.text('checkpoint/witnessed');
    const { text: signed, signatures } = splitNote(text);
    const times = signatures
      .filter(({ signature }) => signature.length === COSIGNATURE_BYTES)
      .map(({ signature }) => Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0)) * 1_000);
    const age = now.getTime() - Math.max(0, ...times);
    const { size } = parseCheckpoint(signed);
    if (age <= MOST_UNWITNESSED_MS)
      return ok(check, `${times.length} signed ${size} entries ${Math.max(0, Math.round(age / 1_000))} s ago`);
    const fix =
      'Look at the witnesses, and at the log of the ledger: a witness that knows more of this log, or another one, is named there.';
    return problem(check, `the newest witnessed checkpoint was signed ${Math.round(age / 60_000)} minutes ago, on ${size} entries`, fix);
  } catch (error) {
    if (error instanceof NotThere) return skipped(check, 'no checkpoint is witnessed', 'Name witnesses in ATTESTA_WITNESS_POLICY.');
    return problem(check, messageOf(error), 'Look at the log of the ledger.');
  }
}

async function asking(check: string, caller: Api | undefined, look: (caller: Api) => Promise<Finding>): Promise<Finding> {
  if (!caller) return skipped(check, 'needs a token of the role operator');
  try {
    return await look(caller);
  } catch (error) {
    if (error instanceof AttestaError && (error.status === 401 || error.status === 403))
      return skipped(check, 'needs a token of the role operator', 'Run it with --role operator.');
    if (error instanceof AttestaError && error.status === 404) return skipped(check, 'is not served here');
    return problem(check, messageOf(error), 'Look at the log of that service.');
  }
}
