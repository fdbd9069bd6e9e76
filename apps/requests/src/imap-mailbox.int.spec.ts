import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import { describeGreenMail, Network, startGreenMail, type GreenMail } from './greenmail-rig.js';
import { HANDLED, ImapMailbox, type ImapMailboxOptions } from './imap-mailbox.js';
import { readMail } from './mail-reading.js';
import { signal } from '@attesta/testing';

await describeGreenMail('a mailbox read over IMAP', () => {
  let mail: GreenMail;
  let users = 0;
  const names = Array.from({ length: 20 }, (_, index) => `dpo${index}`);
  const cleanups: (() => unknown)[] = [];
  beforeAll(async () => {
    mail = await startGreenMail(...names.map((name) => `${name}:secret@shop.example`));
  });
  afterAll(() => mail.stop());
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const nextUser = () => `${names[users++]}@shop.example`;
  const deliver = (to: string, subject: string, more: object = {}) =>
    createTransport({ host: '127.0.0.1', port: mail.smtpPort, secure: false, ignoreTLS: true }).sendMail({
      from: 'Somchai <somchai@mail.example>',
      to,
      subject,
      text: `about ${subject}`,
      messageId: `<${subject}@mail.example>`,
      ...more,
    });

  function reading(user: string, options: Partial<ImapMailboxOptions> = {}) {
    const subjects: string[] = [];
    const errors: unknown[] = [];
    const mailbox = ImapMailbox.open({
      host: '127.0.0.1',
      port: mail.imapPort,
      secure: false,
      plaintext: true,
      user,
      password: 'secret',
      mailbox: 'INBOX',
      everyMs: 600_000,
      retry: { baseMs: 10, maxMs: 50 },
      onError: (error) => errors.push(error),
      ...options,
      onMail: async (raw) => {
        await options.onMail?.(raw);
        const read = await readMail(raw);
        subjects.push(read.readable ? read.subject : read.problems.map(({ code }) => code).join());
      },
    });
    cleanups.push(() => mailbox.close());
    return { mailbox, subjects, errors };
  }

  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + 20_000; !(await condition()); await pause(10)) {
      if (Date.now() > deadline) throw new Error('waited too long');
    }
  }

  /** What a person sees who opens the mailbox with a mail program. */
  async function seen<T>(user: string, look: (client: ImapFlow) => Promise<T>, mailbox = 'INBOX'): Promise<T> {
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: mail.imapPort,
      secure: false,
      doSTARTTLS: false,
      auth: { user, pass: 'secret' },
      logger: false,
    });
    await client.connect();
    try {
      await client.mailboxOpen(mailbox);
      return await look(client);
    } finally {
      client.close();
    }
  }
  const flags = (user: string, mailbox = 'INBOX') =>
    seen(
      user,
      async (client) => (await client.fetchAll('1:*', { flags: true })).map((message) => [...(message.flags ?? [])].sort()),
      mailbox,
    );

  it('hands over what is there and what comes, without waiting for the next look', async () => {
    const user = nextUser();
    await deliver(user, 'one');
    const { subjects, errors } = reading(user);
    await until(() => subjects.length === 1);
    await deliver(user, 'two', { text: 'ขอลบข้อมูล' });
    await until(() => subjects.length === 2);
    expect(subjects).toEqual(['one', 'two']);
    expect(errors).toEqual([]);
  });

  it('marks a message once it is kept, and not before', async () => {
    const user = nextUser();
    await deliver(user, 'one');
    const [called, kept] = [signal(), signal()];
    const { mailbox } = reading(user, { onMail: () => (called.done(), kept.promise) });
    await called.promise;
    expect((await flags(user)).flat()).not.toContain('\\Seen');
    kept.done();
    await until(() => mailbox.upToDate !== undefined);
    expect((await flags(user)).flat()).toEqual(expect.arrayContaining(['\\Seen', expect.stringMatching(new RegExp(HANDLED, 'i'))]));
  });

  it('takes nothing twice after a restart', async () => {
    const user = nextUser();
    await deliver(user, 'one');
    const first = reading(user);
    await until(() => first.mailbox.upToDate !== undefined);
    await first.mailbox.close();
    await deliver(user, 'two');
    const second = reading(user);
    await until(() => second.mailbox.upToDate !== undefined);
    expect([first.subjects, second.subjects]).toEqual([['one'], ['two']]);
  });

  it('takes what a person has read before', async () => {
    const user = nextUser();
    await deliver(user, 'one');
    await seen(user, (client) => client.messageFlagsAdd('1:*', ['\\Seen']));
    const { subjects } = reading(user);
    await until(() => subjects.length === 1);
  });

  it('tries a message again that could not be kept, and the others meanwhile', async () => {
    const user = nextUser();
    await deliver(user, 'one');
    await deliver(user, 'two');
    let failing = true;
    const { subjects, errors } = reading(user, {
      everyMs: 20,
      onMail: async (raw) => {
        if (failing && raw.includes('Subject: one')) throw new Error('no database');
      },
    });
    await until(() => subjects.length === 1 && errors.length >= 2);
    expect(subjects).toEqual(['two']);
    expect(String(errors[0])).toMatch(/tried again/);
    failing = false;
    await until(() => subjects.length === 2);
    expect(subjects).toEqual(['two', 'one']);
  });

  it('reconnects after the connection was cut, and goes on', async () => {
    const user = nextUser();
    const network = await Network.to(mail.imapPort);
    cleanups.push(() => network.stop());
    const { mailbox, subjects, errors } = reading(user, { port: network.port });
    await until(() => mailbox.upToDate !== undefined);
    network.cut();
    await deliver(user, 'one');
    await until(() => errors.length >= 3);
    expect(mailbox.upToDate).toBeUndefined();
    network.mend();
    await until(() => subjects.length === 1);
  });

  it('hands a message over again when it could not be marked', async () => {
    const user = nextUser();
    await deliver(user, 'one');
    const network = await Network.to(mail.imapPort);
    cleanups.push(() => network.stop());
    let calls = 0;
    const { mailbox, subjects } = reading(user, {
      port: network.port,
      onMail: async () => {
        calls += 1;
        if (calls > 1) return;
        network.cut();
        network.mend();
      },
    });
    await until(() => mailbox.upToDate !== undefined);
    expect(subjects).toEqual(['one', 'one']);
  });

  it('moves handled messages', async () => {
    const user = nextUser();
    await seen(user, (client) => client.mailboxCreate('Handled'));
    await deliver(user, 'one');
    const { mailbox, subjects, errors } = reading(user, { moveTo: 'Handled' });
    await until(() => mailbox.upToDate !== undefined);
    expect(subjects).toEqual(['one']);
    expect(errors).toEqual([]);
    expect(await flags(user)).toEqual([]);
    expect(await flags(user, 'Handled')).toHaveLength(1);
  });

  it('hands over as much of a message as is needed to know that it is too big', async () => {
    const user = nextUser();
    await deliver(user, 'one', { text: 'x'.repeat(50_000) });
    let bytes = 0;
    const { mailbox } = reading(user, { maxBytes: 10_000, onMail: async (raw) => void (bytes = raw.length) });
    await until(() => mailbox.upToDate !== undefined);
    expect(bytes).toBe(10_001);
  });

  it('leaves alone what came before', async () => {
    const user = nextUser();
    await deliver(user, 'one');
    const { mailbox, subjects } = reading(user, { since: new Date(Date.now() + 3 * 86_400_000) });
    await until(() => mailbox.upToDate !== undefined);
    expect(subjects).toEqual([]);
  });

  it('finishes the message in hand when it is closed', async () => {
    const user = nextUser();
    await deliver(user, 'one');
    await deliver(user, 'two');
    const [called, kept] = [signal(), signal()];
    const { mailbox, subjects } = reading(user, { onMail: () => (called.done(), kept.promise) });
    await called.promise;
    const closed = mailbox.close();
    kept.done();
    await closed;
    expect(subjects).toEqual(['one']);
    expect((await flags(user)).map((all) => all.includes('\\Seen'))).toEqual([true, false]);
  });

  it('is closed at once when the server does not answer', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => silent.close());
    const connected = new Promise<void>((resolve) =>
      silent.once('connection', (socket) => (cleanups.push(() => socket.destroy()), resolve())),
    );
    const { mailbox } = reading(nextUser(), { port: (silent.address() as AddressInfo).port });
    await connected;
    const before = performance.now();
    await mailbox.close();
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  it.each([
    ['a wrong password', () => ({ password: 'wrong' })],
    ['a mailbox that is not there', () => ({ mailbox: 'Nowhere' })],
    ['a server that offers no TLS', () => ({ plaintext: false })],
    ['a certificate that nobody vouches for', () => ({ secure: true, port: mail.imapsPort })],
  ])('says that it cannot read with %s, keeps trying, and can be closed', async (_what, wrong) => {
    const { mailbox, subjects, errors } = reading(names[0] + '@shop.example', wrong());
    await until(() => errors.length >= 2);
    expect(String(errors[0])).toMatch(/tried again/);
    await mailbox.close();
    expect(subjects).toEqual([]);
  });
});
