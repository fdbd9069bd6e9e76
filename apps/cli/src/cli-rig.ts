/* What the specs of the commands stand on: a terminal made of streams, directories that go away, a small HTTP server. */
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { main } from './main.js';
import type { Output } from './terminal.js';

export interface Run {
  code: number;
  out: string;
  err: string;
  /** What `--json` printed. */
  json(): Record<string, unknown>;
}

class Collector extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Runs one command as the process would, with nothing of this process but the clock. */
export async function attesta(
  args: string[],
  given: {
    input?: string | Buffer | Readable;
    cwd?: string;
    env?: Record<string, string>;
    tty?: boolean;
    interrupted?: () => Promise<void>;
  } = {},
): Promise<Run> {
  const stdout = new Collector();
  const stderr = new Collector();
  const { input = '' } = given;
  const output = (stream: Collector): Output => Object.assign(stream, { isTTY: given.tty ?? false });
  const code = await main(args, {
    stdin: input instanceof Readable ? input : Readable.from([Buffer.from(input)]),
    stdout: output(stdout),
    stderr: output(stderr),
    env: given.env ?? {},
    cwd: given.cwd ?? os.tmpdir(),
    now: () => new Date(),
    ...(given.interrupted && { interrupted: given.interrupted }),
  });
  return { code, out: stdout.text, err: stderr.text, json: () => JSON.parse(stdout.text) as Record<string, unknown> };
}

export function temporaryDirectory(): { path: string; file: (name: string, content?: string | Uint8Array) => string; remove: () => void } {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'attesta-cli-'));
  return {
    path: directory,
    file(name, content) {
      const file = path.join(directory, name);
      if (content !== undefined) {
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, content);
      }
      return file;
    },
    remove: () => fs.rmSync(directory, { recursive: true, force: true }),
  };
}

export type Handler = (
  request: { method: string; path: string; headers: http.IncomingHttpHeaders; body: Buffer },
  response: http.ServerResponse,
) => void;

/** A server on a free port whose handler a spec may change. */
export async function serveHttp(handler: Handler): Promise<{ url: string; handle: (next: Handler) => void; close: () => Promise<void> }> {
  let current = handler;
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () =>
      current({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) }, response),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    handle: (next) => (current = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function answerJson(response: http.ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json' }).end(JSON.stringify(body));
}

export const problemDocument = (status: number, title: string, more: Record<string, unknown> = {}) => ({
  type: 'https://attesta.dev/problems/spec',
  title,
  status,
  ...more,
});
