import { signTask, type FulfilmentTask } from '@attesta/sdk';

const TIMEOUT_MS = 15_000;
/** Bytes of an answer. */
const LONGEST = 16 * 1024 * 1024;

/**
 * Sends a task to a system, signed (Standard Webhooks).
 * @returns what it answered, as JSON; undefined when the answer comes later
 * @throws Error for everything else, which repeats nothing of what came
 */
export async function callWebhook(url: string, secret: string, task: FulfilmentTask, now: Date): Promise<unknown> {
  const body = JSON.stringify(task);
  const timestamp = Math.floor(now.getTime() / 1000);
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': task.task,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signTask(secret, task.task, timestamp, body),
    },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status === 200) return parsed(await bounded(response), task.system);
  await response.body?.cancel();
  if (response.status === 202) return undefined;
  throw new Error(`The webhook of ${task.system} answered ${response.status}`);
}

/** @throws Error that repeats nothing of the text, as those of JSON.parse do */
function parsed(text: string, system: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error(`The webhook of ${system} answered with something else than JSON`);
  }
}

async function bounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > LONGEST) throw new Error('A webhook answered with more than 16 MiB');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
