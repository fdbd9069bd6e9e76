import { parseEvent, type CloudEvent, type FieldProblem } from '@attesta/events';
import { AttestaError, PublishIncomplete, type AttestaClient, type Receipt } from '@attesta/sdk';
import type { InputItem } from './event-input.js';

export interface RejectedEvent {
  line: number;
  id?: string;
  source?: string;
  problems: FieldProblem[];
}

export interface PublishSummary {
  /** Events found in the input, readable or not. */
  read: number;
  sealed: number;
  accepted: number;
  duplicate: number;
  rejected: number;
  /** The first of them, in the order of the input. */
  rejections: RejectedEvent[];
}

/** Kept for the summary; the ledger keeps all of those it saw. */
const MOST_REJECTIONS = 10_000;
const WINDOW = 2_000;

/** Why publishing stopped, with what was done until then. */
export class PublishStopped extends Error {
  override readonly name = 'PublishStopped';
  constructor(
    readonly summary: PublishSummary,
    override readonly cause: AttestaError,
  ) {
    super(cause.message);
  }
}

/**
 * Publishes events as they come, window by window: events of one subject arrive in the order of the input.
 * @throws PublishStopped when the ledger cannot be reached or refuses the caller; publishing the same input again is safe
 */
export async function publishAll(
  client: AttestaClient,
  input: AsyncIterable<InputItem>,
  { now, onProgress }: { now: () => Date; onProgress?: (read: number) => void },
): Promise<PublishSummary> {
  const summary: PublishSummary = { read: 0, sealed: 0, accepted: 0, duplicate: 0, rejected: 0, rejections: [] };
  let window: { line: number; event: CloudEvent }[] = [];
  const flush = async () => {
    const sending = window;
    window = [];
    await sendWindow(client, sending, summary);
    onProgress?.(summary.read);
  };
  for await (const item of input) {
    summary.read++;
    if ('problem' in item) {
      reject(summary, { line: item.line, problems: [item.problem] });
      continue;
    }
    const unsendable = notAnEvent(item.value, now());
    if (unsendable) reject(summary, { line: item.line, ...unsendable });
    else window.push({ line: item.line, event: item.value as unknown as CloudEvent });
    if (window.length >= WINDOW) await flush();
  }
  await flush();
  summary.rejections.sort((a, b) => a.line - b.line);
  return summary;
}

async function sendWindow(client: AttestaClient, window: { line: number; event: CloudEvent }[], summary: PublishSummary): Promise<void> {
  let receipts: (Receipt | undefined)[];
  let failure: AttestaError | undefined;
  try {
    receipts = await client.publishMany(window.map(({ event }) => event));
  } catch (error) {
    if (!(error instanceof PublishIncomplete)) throw error instanceof AttestaError ? new PublishStopped(summary, error) : error;
    receipts = error.receipts;
    failure = error;
  }
  for (const [at, { line, event }] of window.entries()) {
    const receipt = receipts[at] ?? (failure && (await sendAlone(client, event, failure, summary)));
    if (!receipt) continue;
    if (receipt.status === 'rejected') reject(summary, { line, id: receipt.id, source: receipt.source, problems: receipt.problems ?? [] });
    else summary[receipt.status]++;
  }
}

/** What was wrong with a batch as a whole (its size for a proxy in between, say) need not be wrong with each event of it. */
async function sendAlone(client: AttestaClient, event: CloudEvent, batch: AttestaError, summary: PublishSummary): Promise<Receipt> {
  if (!concernsContent(batch.status)) throw new PublishStopped(summary, batch);
  try {
    return await client.publish(event);
  } catch (error) {
    if (!(error instanceof AttestaError) || !concernsContent(error.status)) {
      throw error instanceof AttestaError ? new PublishStopped(summary, error) : error;
    }
    const { title = error.message, fix = 'mend the event' } = error.problem ?? {};
    const problems = error.errors.length > 0 ? error.errors : [{ field: '', code: 'refused', message: title, fix }];
    return { id: event.id, source: event.source, status: 'rejected', problems };
  }
}

const concernsContent = (status: number | undefined): boolean => status === 400 || status === 409 || status === 413 || status === 422;

/** What the ledger could not even file under a source is told here. */
function notAnEvent(value: Record<string, unknown>, now: Date): Omit<RejectedEvent, 'line'> | undefined {
  if (Object.hasOwn(value, 'specversion') && typeof value['source'] === 'string') return undefined;
  const parsed = parseEvent(value, { now });
  if (parsed.ok) return undefined;
  const { problems, id, source } = parsed;
  return { problems, ...(id !== undefined && { id }), ...(source !== undefined && { source }) };
}

function reject(summary: PublishSummary, rejected: RejectedEvent): void {
  summary.rejected++;
  if (summary.rejections.length < MOST_REJECTIONS) summary.rejections.push(rejected);
}
