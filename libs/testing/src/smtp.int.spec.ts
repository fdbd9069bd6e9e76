import { createTransport } from 'nodemailer';
import { startSmtp, type SmtpFaults } from './smtp.js';
import { startSmtpProcess } from './smtp-process.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const TO = 'somchai@mail.example';
function client(url: string, pool = false) {
  const { hostname: host, port } = new URL(url);
  const to = { host, port: Number(port), secure: false, ignoreTLS: true };
  const transport = pool ? createTransport({ ...to, pool, maxConnections: 4, maxMessages: Infinity }) : createTransport(to);
  cleanups.push(() => transport.close());
  return (id: string, recipient = TO) =>
    transport.sendMail({ from: 'shop@shop.example', to: recipient, subject: 'สวัสดี', text: 'ขอบคุณ', messageId: `<${id}@shop.example>` });
}
async function smtp(faults: SmtpFaults = {}) {
  const server = await startSmtp({ faults });
  cleanups.push(() => server.stop());
  return { server, send: client(server.url) };
}

test('what was taken is kept in order, whole, and counted by Message-ID', async () => {
  const { server, send } = await smtp();
  for (const id of ['a', 'b', 'a']) await send(id);
  expect(server.taken).toMatchObject(
    ['a', 'b', 'a'].map((id) => ({ messageId: `${id}@shop.example`, from: 'shop@shop.example', to: [TO] })),
  );
  expect(server.taken[0]?.raw.toString()).toMatch(/^From: shop@shop\.example\r\n[^]*\r\n\r\n/);
  expect([...server.counts]).toEqual([
    ['a@shop.example', 2],
    ['b@shop.example', 1],
  ]);
});

test('it goes down and comes up on the same port', async () => {
  const { server, send } = await smtp();
  await server.down();
  await expect(send('a')).rejects.toMatchObject({ code: 'ESOCKET' });
  const { port } = server;
  await server.up();
  expect(server.port).toBe(port);
  await send('b');
  expect([...server.counts.keys()]).toEqual(['b@shop.example']);
});

test('it is slow until it is told otherwise, while others go on', async () => {
  const { server, send } = await smtp({ slow: true });
  const answered: string[] = [];
  const sent = ['a', 'b'].map((id) => send(id).then(() => answered.push(id)));
  await server.arrived(2);
  server.set({ slow: true, unknown: ['x@mail.example'] });
  await expect(send('c', 'x@mail.example')).rejects.toMatchObject({ responseCode: 550 });
  expect(answered).toEqual([]);
  server.set({});
  await Promise.all(sent);
  expect(answered).toHaveLength(2);
});

test('it rejects some recipients, or everything', async () => {
  const { server, send } = await smtp({ unknown: [TO] });
  await expect(send('a')).rejects.toMatchObject({ response: expect.stringMatching(/^550 5\.1\.1 /) });
  await send('b', 'other@mail.example');
  server.set({ refuseAll: true });
  await expect(send('c', 'other@mail.example')).rejects.toMatchObject({ response: expect.stringMatching(/^554 5\.7\.1 /) });
  expect(server.total).toBe(1);
});

test('it greylists each recipient as often as it is told', async () => {
  const { server, send } = await smtp({ greylist: 2 });
  const grey = { response: expect.stringMatching(/^451 4\.7\.1 /) };
  for (const to of [TO, 'other@mail.example']) {
    await expect(send('a', to)).rejects.toMatchObject(grey);
    await expect(send('a', to)).rejects.toMatchObject(grey);
    await send('a', to);
  }
  await send('b');
  expect(server.total).toBe(3);
});

test('it takes a message and does not say so', async () => {
  const { server, send } = await smtp({ drop: 1 });
  await expect(send('a')).rejects.not.toMatchObject({ responseCode: expect.anything() });
  await send('a');
  expect([...server.counts]).toEqual([['a@shop.example', 2]]);
});

test('it limits connections', async () => {
  const { server, send } = await smtp({ slow: true, connections: 1 });
  const first = send('a');
  await server.arrived(1);
  await expect(send('b')).rejects.toMatchObject({ responseCode: 421 });
  server.set({ connections: 1 });
  await first;
});

test('it answers as it is told, in turn', async () => {
  const { send } = await smtp({ mail: ['', '', '450 4.7.0 Later'], rcpt: ['550 5.1.10 Null MX'], data: ['552 5.3.4 Too big'] });
  for (const response of [/^550 5\.1\.10 /, /^552 5\.3\.4 /, /^450 4\.7\.0 /]) {
    await expect(send('a')).rejects.toMatchObject({ response: expect.stringMatching(response) });
  }
  await send('a');
});

test('in a process of its own it is as obedient, and takes thousands', async () => {
  const server = await startSmtpProcess({ keep: 1 });
  cleanups.push(() => server.stop());
  const send = client(server.url, true);
  await server.set({ drop: 1 });
  await expect(send('a')).rejects.toThrow();
  await server.down();
  await expect(send('b')).rejects.toThrow();
  await server.up();
  await Promise.all(Array.from({ length: 3_000 }, (_, index) => send(`m-${index}`)));
  await server.arrived(3_001);
  const counts = await server.counts();
  expect([counts.size, Math.max(...counts.values())]).toEqual([3_001, 1]);
  expect((await server.taken()).map(({ messageId }) => messageId)).toEqual(['a@shop.example']);
});
