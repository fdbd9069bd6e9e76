import { LOCAL_TLS, RawSmtp, signal } from '@attesta/testing';
import { simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import { MailServer, type MailEnvelope, type MailServerOptions } from './mail-server.js';

const DPO = 'dpo@shop.example';
const open: MailServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serving(options: Partial<MailServerOptions> = {}) {
  const taken: { raw: Buffer; envelope: MailEnvelope }[] = [];
  const errors: unknown[] = [];
  const server = await MailServer.open({
    port: 0,
    host: '127.0.0.1',
    addresses: [DPO],
    onMail: async (raw, envelope) => void taken.push({ raw, envelope }),
    onError: (error) => errors.push(error),
    ...options,
  });
  open.push(server);
  return { server, taken, errors };
}

const client = (server: MailServer, tls?: object) =>
  createTransport({ host: '127.0.0.1', port: server.port, secure: false, ignoreTLS: !tls, ...(tls && { requireTLS: true, tls }) });
const mail = {
  from: 'Somchai <somchai@mail.example>',
  to: DPO,
  subject: 'ขอลบข้อมูล',
  text: 'ขอลบข้อมูลส่วนบุคคลของผม',
  messageId: '<m-1@mail.example>',
};
const sending = (server: MailServer, more: object = {}) => client(server).sendMail({ ...mail, ...more });

describe('a mail that comes by SMTP', () => {
  it('is handed over whole, with its envelope, and can be read', async () => {
    const { server, taken } = await serving();
    const { response } = await sending(server, { to: 'DPO@shop.example' });
    expect(response).toMatch(/^250 /);
    expect(taken).toHaveLength(1);
    expect(taken[0]?.envelope).toEqual({ from: 'somchai@mail.example', to: [DPO], remoteAddress: '127.0.0.1' });
    const { messageId, from, subject, text } = await simpleParser(taken[0]?.raw ?? '');
    expect({ messageId, from: from?.value[0]?.address, subject, text: text?.trim() }).toEqual({
      messageId: '<m-1@mail.example>',
      from: 'somchai@mail.example',
      subject: mail.subject,
      text: mail.text,
    });
  });

  it('is taken only once it is kept', async () => {
    const [called, kept] = [signal(), signal()];
    const { server } = await serving({ onMail: () => (called.done(), kept.promise) });
    let answered = false;
    const sent = sending(server).then(() => (answered = true));
    await called.promise;
    const other = await RawSmtp.to(server.port);
    await other.say('EHLO x');
    await other.kill();
    expect(answered).toBe(false);
    kept.done();
    await sent;
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('no database'))],
    [
      'throws',
      () => {
        throw new Error('no database');
      },
    ],
  ])('is asked for again when keeping it %s, and taken when it works', async (_how, failing) => {
    const kept: Buffer[] = [];
    let calls = 0;
    const { server, errors } = await serving({
      onMail: async (raw) => {
        calls += 1;
        if (calls === 1) await failing();
        kept.push(raw);
      },
    });
    await expect(sending(server)).rejects.toMatchObject({ responseCode: 451 });
    expect(errors).toHaveLength(1);
    expect(String(errors[0])).not.toMatch(/somchai|dpo@/);
    await sending(server);
    expect(kept).toHaveLength(1);
  });

  it('of a bounce has no sender', async () => {
    const { server, taken } = await serving();
    await sending(server, { envelope: { from: '', to: [DPO] } });
    expect(taken[0]?.envelope.from).toBe('');
  });
});

describe('what is refused', () => {
  it('is mail for others: nothing is relayed', async () => {
    const { server, taken } = await serving();
    await expect(sending(server, { to: 'somebody@elsewhere.example' })).rejects.toMatchObject({ responseCode: 550 });
    await expect(sending(server, { to: 'dpo@shop.example.evil.example' })).rejects.toMatchObject({ responseCode: 550 });
    expect(taken).toHaveLength(0);
  });

  it('is for an address that is none of those the caller knows', async () => {
    const { server, taken } = await serving({ addresses: (address) => address.startsWith('bounces+') });
    await expect(sending(server)).rejects.toMatchObject({ responseCode: 550 });
    await sending(server, { to: 'Bounces+1@shop.example' });
    expect(taken.map(({ envelope }) => envelope.to)).toEqual([['bounces+1@shop.example']]);
  });

  it('is too big, whether it says so or not', async () => {
    const { server, taken } = await serving({ limits: { bytes: 20_000 } });
    await expect(sending(server, { text: 'x'.repeat(30_000) })).rejects.toMatchObject({ responseCode: 552 });
    const raw = await RawSmtp.to(server.port);
    await raw.upToData(DPO);
    expect(await raw.say(`Subject: x\r\n\r\n${'x'.repeat(30_000)}\r\n.`)).toMatch(/^552 /);
    await raw.kill();
    expect(taken).toHaveLength(0);
    await sending(server);
    expect(taken).toHaveLength(1);
  });

  it('is nothing of what is held in part alone', async () => {
    const { server, taken } = await serving({ head: 100_000, limits: { bytes: 200_000 } });
    await sending(server, { text: 'x'.repeat(190_000) });
    await sending(server, { text: 'x' });
    await expect(sending(server, { text: 'x'.repeat(300_000) })).rejects.toMatchObject({ responseCode: 552 });
    expect(taken.map(({ raw }) => raw.length)).toEqual([100_000, expect.any(Number)]);
    expect(taken[0]?.raw.toString()).toMatch(/^From: /);
    expect(taken[1]?.raw.toString()).toMatch(/x\r\n$/);
  });

  it('is a connection too many, until another ends', async () => {
    const { server } = await serving({ limits: { connections: 1 } });
    const first = await RawSmtp.to(server.port);
    const second = await RawSmtp.to(server.port);
    expect(await second.say('EHLO x')).toBe('closed');
    await first.say('QUIT');
    await first.kill();
    expect((await sending(server)).response).toMatch(/^250 /);
  });

  it('is a message too many in a minute', async () => {
    let now = 0;
    const { server, taken } = await serving({ limits: { messagesPerMinute: 2 }, now: () => now });
    await sending(server);
    await sending(server);
    await expect(sending(server)).rejects.toMatchObject({ responseCode: 450 });
    now = 60_000;
    await sending(server);
    expect(taken).toHaveLength(3);
  });

  it('is everybody but the mail systems of the company', async () => {
    const { server } = await serving({ peers: ['192.0.2.0/24', '2001:db8::1'] });
    await expect(sending(server)).rejects.toMatchObject({ responseCode: 554 });
    const { server: own, taken } = await serving({ peers: ['127.0.0.0/8'] });
    await sending(own);
    expect(taken).toHaveLength(1);
  });

  it('is a login, and mail in clear where there is TLS', async () => {
    const { server, taken } = await serving({ tls: LOCAL_TLS });
    await expect(sending(server)).rejects.toMatchObject({ responseCode: 530 });
    await client(server, { ca: LOCAL_TLS.cert }).sendMail(mail);
    expect(taken).toHaveLength(1);
    const raw = await RawSmtp.to(server.port);
    expect(await raw.say('AUTH PLAIN AGEAYg==')).toMatch(/^5/);
    await raw.kill();
  });

  it('is an option that cannot work', async () => {
    await expect(serving({ addresses: [] })).rejects.toThrow(/addresses/);
    await expect(serving({ peers: ['the mail room'] })).rejects.toThrow(/peers.*IP address/);
    const { server } = await serving();
    await expect(serving({ port: server.port })).rejects.toThrow(/EADDRINUSE/);
  });
});

describe('a connection that ends', () => {
  it('in the middle of a message hands over nothing', async () => {
    const { server, taken } = await serving();
    const raw = await RawSmtp.to(server.port);
    await raw.upToData(DPO);
    raw.write('From: somchai@mail.example\r\n\r\nPlease delete all my data, oth');
    await raw.kill();
    await sending(server);
    expect(taken.map(({ raw: { length } }) => length > 100)).toEqual([true]);
    await server.close();
    expect(taken).toHaveLength(1);
  });

  it('before the answer does not end the process, and the mail may come again', async () => {
    const [called, kept] = [signal(), signal()];
    const taken: Buffer[] = [];
    const { server } = await serving({
      onMail: async (raw) => {
        taken.push(raw);
        called.done();
        await kept.promise;
      },
    });
    const raw = await RawSmtp.to(server.port);
    await raw.upToData(DPO);
    raw.write('Subject: x\r\n\r\nhello\r\n.\r\n');
    await called.promise;
    await raw.kill();
    kept.done();
    await sending(server);
    expect(taken).toHaveLength(2);
  });

  it('with garbage ends nothing else', async () => {
    const { server, taken } = await serving();
    const raw = await RawSmtp.to(server.port);
    raw.write('\u0000\u0001GET / HTTP/1.1\r\nEHLO\r\nMAIL FROM:<<<>\r\nBDAT x\r\n');
    await raw.kill();
    await sending(server);
    expect(taken).toHaveLength(1);
  });

  it.each(['\n.\n', '\r.\r', '\n.\r\n'])('is not taken for one by %j: no second message is smuggled in', async (end) => {
    const { server, taken } = await serving();
    const raw = await RawSmtp.to(server.port);
    await raw.upToData(DPO);
    raw.write(`Subject: x\r\n\r\nhello${end}MAIL FROM:<ceo@shop.example>\r\nRCPT TO:<${DPO}>\r\nDATA\r\nFrom: ceo@shop.example\r\n\r\nx`);
    expect(await raw.say('\r\n.')).toMatch(/^250 /);
    await raw.kill();
    expect(taken).toHaveLength(1);
  });
});

describe('closing', () => {
  it('waits for what has come, and its sender hears so', async () => {
    const [called, kept] = [signal(), signal()];
    let done = false;
    const { server } = await serving({
      onMail: async () => {
        called.done();
        await kept.promise;
        done = true;
      },
    });
    const sent = sending(server);
    await called.promise;
    const closed = server.close();
    kept.done();
    await closed;
    expect(done).toBe(true);
    expect((await sent).response).toMatch(/^250 /);
    await expect(sending(server)).rejects.toMatchObject({ code: 'ESOCKET' });
  });
});
