import type http from 'node:http';
import type { Answer, Witness } from './witness.js';

/** 63 lines of a proof and a note of many signatures fit well. */
const MOST_BYTES = 128 * 1024;

export interface ListenerOptions {
  /** Told of every refusal but that of another old size, by which clients learn the right one. */
  onRefused?: (refused: { status: number; message: string; contradiction: boolean }) => void;
  onError?: (error: unknown) => void;
}

/** `POST /add-checkpoint` (C2SP tlog-witness), `GET /` with the verifier key line, and `GET /health/live` and `/health/ready`. */
export function listenerOf(witness: Witness, { onRefused, onError }: ListenerOptions = {}): http.RequestListener {
  return (request, response) => {
    void handle(witness, request, response, onRefused).catch((error: unknown) => {
      onError?.(error);
      if (response.headersSent) response.destroy();
      else say(response, 500, 'the witness could not do this; ask again later');
    });
  };
}

async function handle(
  witness: Witness,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  onRefused: ListenerOptions['onRefused'],
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://witness');
  const route = `${request.method} ${pathname}`;
  switch (route) {
    case 'POST /add-checkpoint': {
      const body = await read(request);
      if (body === undefined) return say(response, 413, `a request has at most ${MOST_BYTES} bytes`, { Connection: 'close' });
      const answer = await witness.addCheckpoint(body);
      if (answer.status !== 200 && (answer.status !== 409 || answer.contradiction)) {
        onRefused?.({ status: answer.status, message: answer.message, contradiction: answer.contradiction === true });
      }
      return answerWith(response, answer);
    }
    case 'GET /':
      return say(response, 200, witness.verifierKey);
    case 'GET /health/live':
      return say(response, 200, 'ok');
    case 'GET /health/ready':
      return await witness.pool.query('select 1').then(
        () => say(response, 200, 'ok'),
        () => say(response, 503, 'the database does not answer'),
      );
    default:
      return say(response, 404, 'there is POST /add-checkpoint here (c2sp.org/tlog-witness), and nothing else to write');
  }
}

function answerWith(response: http.ServerResponse, answer: Answer): void {
  if (answer.status === 200) return say(response, 200, answer.cosignature);
  if (answer.size === undefined) return say(response, answer.status, answer.message);
  return say(response, answer.status, String(answer.size), { 'Content-Type': 'text/x.tlog.size' });
}

function say(response: http.ServerResponse, status: number, text: string, headers: http.OutgoingHttpHeaders = {}): void {
  response
    .writeHead(status, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...headers,
    })
    .end(text.endsWith('\n') ? text : `${text}\n`);
}

/** undefined when it is too long. What is no UTF-8 becomes U+FFFD, which no signature is over. */
async function read(request: http.IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
