import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Dice } from './dice.js';
import { PLANTED } from './planted.js';

/** What came back over a connection of its own before it was closed. */
export interface RawAnswer {
  text: string;
  /** Of every response on it. */
  statuses: number[];
  ended: boolean;
}

const HEAD = 'Host: localhost\r\n';

/** Bytes that are no HTTP request, or one that two readers read differently. */
const MALFORMED: readonly [how: string, bytes: (dice: Dice) => string | Buffer][] = [
  ['noise', (dice) => Buffer.from(Array.from({ length: 200 }, () => dice.between(0, 256)))],
  ['a TLS greeting', () => Buffer.from('16030100c8010000c40303', 'hex')],
  ['no host', () => 'GET /health/live HTTP/1.1\r\n\r\n'],
  ['another protocol', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['HTTP/9.9', () => `GET / HTTP/9.9\r\n${HEAD}\r\n`],
  ['no version', () => `GET /\r\n${HEAD}\r\n`],
  ['a method nobody knows', () => `BREW /v1/events HTTP/1.1\r\n${HEAD}\r\n`],
  ['a space in a header name', () => `GET / HTTP/1.1\r\n${HEAD}X Y: 1\r\n\r\n`],
  ['NUL in a header', () => `GET / HTTP/1.1\r\n${HEAD}X: a\0b\r\n\r\n`],
  ['NUL in the URL', () => `GET /a\0b HTTP/1.1\r\n${HEAD}\r\n`],
  ['bytes above 127 in the URL', () => Buffer.from(`GET /v1/events/\xff\xfe HTTP/1.1\r\n${HEAD}\r\n`, 'latin1')],
  ['a folded header', () => `GET / HTTP/1.1\r\n${HEAD}X: a\r\n b\r\n\r\n`],
  ['bare line feeds', () => `GET /health/live HTTP/1.1\nHost: localhost\n\n`],
  ['two lengths', () => `POST /v1/events HTTP/1.1\r\n${HEAD}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`],
  [
    'a length and chunks',
    () => `POST /v1/events HTTP/1.1\r\n${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
  ],
  ['a length below nothing', () => `POST /v1/events HTTP/1.1\r\n${HEAD}Content-Length: -1\r\n\r\n`],
  ['a length beyond all', () => `POST /v1/events HTTP/1.1\r\n${HEAD}Content-Length: 99999999999999999999\r\n\r\n`],
  ['a chunk that is none', () => `POST /v1/events HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n`],
  ['an encoding nobody knows', () => `POST /v1/events HTTP/1.1\r\n${HEAD}Transfer-Encoding: xchunked\r\n\r\nabc`],
  ['headers beyond 16 KiB', () => `GET / HTTP/1.1\r\n${HEAD}X: ${'a'.repeat(20_000)}\r\n\r\n`],
  ['thousands of headers', () => `GET / HTTP/1.1\r\n${HEAD}${'A: b\r\n'.repeat(3_000)}\r\n`],
  ['a URL beyond all', () => `GET /${'a'.repeat(60_000)} HTTP/1.1\r\n${HEAD}\r\n`],
  [
    'an absolute URL of elsewhere',
    () => `GET http://elsewhere.example/${encodeURIComponent(PLANTED.email)} HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`,
  ],
  ['an asterisk', () => `OPTIONS * HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`],
  ['CONNECT', () => `CONNECT elsewhere.example:443 HTTP/1.1\r\n${HEAD}\r\n`],
  ['an upgrade', () => `GET / HTTP/1.1\r\n${HEAD}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n`],
  [
    'an expectation nobody meets',
    () => `POST /v1/events HTTP/1.1\r\n${HEAD}Expect: 200-ok\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
  ],
  [
    'fifty requests at once',
    () => `GET /health/live HTTP/1.1\r\n${HEAD}\r\n`.repeat(49) + `GET /health/live HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`,
  ],
];

/** Sends bytes that are no proper request, says that no more come, and waits until the other side has ended. */
export async function sendMalformed(url: string, dice: Dice, seconds: number): Promise<RawAnswer & { how: string }> {
  const [how, bytes] = dice.pick(MALFORMED);
  const socket = new Raw(url);
  socket.write(bytes(dice));
  socket.end();
  return { how, ...(await socket.answer(seconds)) };
}

/** Leaves in the middle of a request. */
export async function sendTruncated(url: string, dice: Dice): Promise<void> {
  const whole = `POST /v1/events HTTP/1.1\r\n${HEAD}Content-Type: application/cloudevents+json\r\nContent-Length: 5000\r\n\r\n{"specversion":"1.0","id":"cut"`;
  const socket = new Raw(url);
  socket.write(whole.slice(0, dice.between(1, whole.length)));
  await pause(dice.between(0, 40));
  socket.reset();
}

/** A request that never comes to its end: a byte now and then, in the headers or in the body. */
export async function sendSlowly(url: string, inHeaders: boolean, seconds: number): Promise<RawAnswer> {
  const socket = new Raw(url);
  const start = `POST /v1/requests HTTP/1.1\r\n${HEAD}`;
  socket.write(inHeaders ? start : `${start}Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"a":"`);
  const drip = setInterval(() => socket.write(inHeaders ? 'X: a\r\n' : 'x'), 300);
  try {
    return await socket.answer(seconds);
  } finally {
    clearInterval(drip);
    socket.reset();
  }
}

class Raw {
  private readonly socket: net.Socket;
  private text = '';
  private ended = false;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = net.connect(Number(port), hostname);
    this.socket.on('data', (bytes: Buffer) => (this.text += bytes.toString('latin1')));
    for (const over of ['end', 'close', 'error'] as const) this.socket.on(over, () => (this.ended = true));
  }

  write(bytes: string | Buffer): void {
    if (!this.ended && this.socket.writable) this.socket.write(bytes);
  }

  end(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.destroy();
  }

  async answer(seconds: number): Promise<RawAnswer> {
    for (const until = performance.now() + seconds * 1000; !this.ended && performance.now() < until;) await pause(20);
    this.socket.destroy();
    const statuses = [...this.text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
    return { text: this.text, statuses, ended: this.ended };
  }
}
