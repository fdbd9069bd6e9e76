import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An SMTP client that says what it likes. */
export class RawSmtp {
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
  static async to(port: number): Promise<RawSmtp> {
    const client = new RawSmtp(connect(port, '127.0.0.1'));
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
