import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import { AttestaError } from './errors.js';
import type { Fulfilment } from './fulfilment.js';
import { readTask } from './fulfilment-task.js';
import { signTask, verifyWebhook, WebhookRefused } from './webhook-signature.js';

export interface TaskWebhookOptions {
  /** `whsec_<base64>`, as it was given when the system was registered. */
  secret: string;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Milliseconds after which a task is answered 202 and its answer handed in later, where the fulfilment has `answer`. Default 8,000. */
  answerWithinMs?: number;
}

const BODY_LIMIT = 1_000_000;
const SEEN = 100_000;

/**
 * Answers signed tasks over HTTP, for a server or a route of this system's own; the body must not have been read. What is forged, older or newer than
 * five minutes, or seen before under the same timestamp is refused: every attempt of the service has a timestamp of its own.
 * @throws AttestaError when the secret is none
 */
export function taskWebhook(fulfilment: Fulfilment, options: TaskWebhookOptions): RequestListener {
  const { secret, now = Date.now, answerWithinMs = 8_000 } = options;
  checkSecret(secret);
  const seen = new LRUCache<string, true>({ max: SEEN });

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'POST') {
      response.setHeader('Allow', 'POST');
      throw new Refusal(405, 'method-not-allowed', 'Tasks are posted.');
    }
    const bytes = await bodyOf(request);
    const body = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    const { id, timestamp } = verifyWebhook(secret, request.headers, body, now());
    if (seen.has(`${id} ${timestamp}`))
      throw new Refusal(401, 'replayed', 'This attempt was seen before; sign each with a timestamp of its own.');
    seen.set(`${id} ${timestamp}`, true);
    const task = readTask(parse(body));
    if (!task) throw new Refusal(400, 'not-a-task', 'The body is no task; send a FulfilmentTask as JSON.');
    if (task.task !== id) throw new Refusal(400, 'other-task', 'The header webhook-id names another task than the body.');

    const answering = fulfilment.handle(task);
    const answer = fulfilment.answersLater ? await within(answering, answerWithinMs) : await answering;
    if (answer) return send(response, 200, 'application/json', answer);
    fulfilment.take(task);
    send(response, 202, 'application/json', { task: task.task, status: 'accepted' });
  };

  return (request, response) => {
    respond(request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) return;
      const refusal = refusalOf(error);
      // What is left of the body is not waited for.
      if (!request.complete) response.setHeader('Connection', 'close');
      const { status, code, message } = refusal;
      send(response, status, 'application/problem+json', { type: `https://attesta.dev/problems/${code}`, title: message, status });
    });
  };
}

/** Why a request was not taken; nothing of what it held. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof WebhookRefused) return new Refusal(401, error.code, error.message);
  return error instanceof Refusal ? error : new Refusal(400, 'unreadable', 'The request could not be read.');
}

function checkSecret(secret: string): void {
  try {
    signTask(secret, 'check', 0, '');
  } catch {
    throw new AttestaError('The webhook secret is none; it is written whsec_ and base64.');
  }
}

/** @throws Refusal */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = new Refusal(413, 'too-large', 'A task has at most 1 MB.');
  if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT) throw tooLarge;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= BODY_LIMIT) return void chunks.push(chunk);
      request.pause();
      reject(tooLarge);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), milliseconds)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function send(response: ServerResponse, status: number, contentType: string, body: object): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Cache-Control': 'no-store' }).end(JSON.stringify(body));
}
