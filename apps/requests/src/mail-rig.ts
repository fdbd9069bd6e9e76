import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createTransport } from 'nodemailer';
import type { Options } from 'nodemailer/lib/mailer';
import { SMTPServer } from 'smtp-server';
import { LOCAL_TLS } from './mail-tls-rig.js';

/** A message as a mail client makes it. */
export async function composed(mail: Options): Promise<Buffer> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const { message } = await transport.sendMail({ from: 'Somchai Jaidee <somchai@mail.example>', to: 'dpo@shop.example', ...mail });
  return message as Buffer;
}

/** A message line by line, for what no mail client makes. */
export const lines = (...all: string[]): Buffer => Buffer.from(all.join('\r\n'), 'latin1');

/** Thai text in the one-byte Thai character set (TIS-620; windows-874 for these characters): U+0E01 to U+0E5B are 0xA1 to 0xFB. */
export const tis620 = (text: string): string =>
  [...text].map((char) => (char >= '\u0e01' && char <= '\u0e5b' ? String.fromCharCode(char.charCodeAt(0) - 0xe01 + 0xa1) : char)).join('');

/** An SMTP client that says what it likes. */
export class RawClient {
  private wake = (): void => undefined;

  private constructor(
    private readonly socket: Socket,
    private heard = '',
  ) {
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.heard += text;
      this.wake();
    });
    for (const event of ['error', 'end', 'close']) socket.on(event, () => this.wake());
  }

  /** Connected and greeted. */
  static async to(port: number): Promise<RawClient> {
    const client = new RawClient(connect(port, '127.0.0.1'));
    await client.reply();
    return client;
  }

  /** Says a line (or lines at once) and waits for as many replies. @returns the last reply's code and text */
  async say(text: string, replies = 1): Promise<string> {
    this.socket.write(`${text}\r\n`, 'latin1');
    let last = '';
    for (let count = 0; count < replies; count += 1) last = await this.reply();
    return last;
  }

  write(text: string): void {
    this.socket.write(text, 'latin1');
  }

  async upToData(to: string): Promise<void> {
    await this.say('EHLO client.example');
    await this.say('MAIL FROM:<somchai@mail.example>');
    await this.say(`RCPT TO:<${to}>`);
    await this.say('DATA');
  }

  /** As a crash of the client or of the network. */
  async kill(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.resetAndDestroy();
    await closed;
  }

  async reply(): Promise<string> {
    for (;;) {
      const whole = /^(?:\d{3}-.*\r\n)*(\d{3} .*)\r\n/.exec(this.heard);
      if (whole) {
        this.heard = this.heard.slice(whole[0].length);
        return whole[1] ?? '';
      }
      if (this.socket.closed || this.socket.readableEnded) return 'closed';
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

/** Something that a spec waits for. */
export function signal<T = void>(): { promise: Promise<T>; done: (value: T) => void; fail: (error: Error) => void } {
  let done!: (value: T) => void;
  let fail!: (error: Error) => void;
  const promise = new Promise<T>((resolve, reject) => {
    done = resolve;
    fail = reject;
  });
  return { promise, done, fail };
}

/** An SMTP server that keeps what it gets, and answers DATA or RCPT TO as `replies` say, in turn. */
export async function smtpSink(replies: { rcpt?: number[]; data?: number[] } = {}, tls = false) {
  const taken: { raw: Buffer; from: string; to: string[] }[] = [];
  const next = (codes: number[] | undefined, done: (error?: Error) => void) => {
    const code = codes?.shift();
    done(
      code === undefined || code < 400 ? undefined : Object.assign(new Error('no, says <somchai@mail.example>'), { responseCode: code }),
    );
  };
  const server = new SMTPServer({
    disabledCommands: tls ? ['AUTH'] : ['AUTH', 'STARTTLS'],
    ...(tls && LOCAL_TLS),
    disableReverseLookup: true,
    closeTimeout: 100,
    onRcptTo: (_address, _session, done) => next(replies.rcpt, done),
    onData: (stream, { envelope }, done) => {
      void buffer(stream).then((raw) => {
        next(replies.data, (error) => {
          const { mailFrom, rcptTo } = envelope;
          if (!error) taken.push({ raw, from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address) });
          done(error);
        });
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return { port, taken, stop: () => new Promise<void>((resolve) => server.close(resolve)) };
}
