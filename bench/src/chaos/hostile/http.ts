import http from 'node:http';
import type { Answer } from './answers.js';

export interface Sent {
  method: string;
  /** Path and query, exactly as they go out. */
  path: string;
  headers: Record<string, string | string[]>;
  body?: Buffer;
}

/** Longer than any route may take. */
const PATIENCE_MS = 25_000;

/** Sends exactly what it is given, over kept connections. */
export class Http {
  private readonly agent: http.Agent;
  private readonly host: string;
  private readonly port: number;

  constructor(url: string, connections: number) {
    const { hostname, port } = new URL(url);
    this.host = hostname;
    this.port = Number(port);
    this.agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  }

  /** @throws Error when no answer comes */
  ask({ method, path, headers, body }: Sent): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': String(body.length) };
      const options = { host: this.host, port: this.port, method, path, headers: { ...length, ...headers }, agent: this.agent };
      const request = http.request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() });
        });
        response.on('error', failed);
      });
      const failed = (error: Error) => {
        clearTimeout(timer);
        reject(error);
      };
      const timer = setTimeout(
        () => request.destroy(new Error(`${method} ${path.slice(0, 60)}: no answer within ${PATIENCE_MS / 1000} s`)),
        PATIENCE_MS,
      );
      request.on('error', failed);
      request.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
