import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { LOCAL_TLS } from '@attesta/testing';
import { deliver, outside, urlProblem } from './opendsr-delivery.js';

describe('a URL to call back', () => {
  test.each([
    'https://controller.example/opendsr/callbacks',
    'https://controller.example:8443/?t=1',
    'https://203.0.113.9.example/',
    'https://storefront.internal/callbacks',
    'http://127.0.0.1:9/',
  ])('%s is taken', (url) => {
    expect(urlProblem(url, ['storefront.internal', '127.0.0.1'])).toBeUndefined();
  });

  test.each([
    ['not a url', 'is no URL'],
    ['/callbacks', 'is no URL'],
    ['http://controller.example/', 'is not https'],
    ['http://storefront.internal/', 'is not https'],
    ['file:///etc/passwd', 'is not https'],
    ['gopher://controller.example/', 'is not https'],
    ['https://user:secret@controller.example/', 'holds a password'],
    ['https://localhost/', 'is inside our network'],
    ['https://api.localhost./', 'is inside our network'],
    ['https://10.1.2.3/', 'is inside our network'],
    ['https://169.254.169.254/latest/meta-data', 'is inside our network'],
    ['https://2130706433/', 'is inside our network'],
    ['https://0x7f.1/', 'is inside our network'],
    ['https://0/', 'is inside our network'],
    ['https://[::1]/', 'is inside our network'],
    ['https://[::ffff:10.0.0.1]/', 'is inside our network'],
    ['https://[64:ff9b::a00:1]/', 'is inside our network'],
    ['https://[fd00::1]/', 'is inside our network'],
    ['http://127.0.0.1:5432/', 'is not https'],
  ])('%s is refused', (url, message) => {
    expect(urlProblem(url, ['storefront.internal'])).toMatchObject({ code: 'unsafe-url', message });
  });
});

describe('a delivery', () => {
  const came: { headers: http.IncomingHttpHeaders; body: string }[] = [];
  const servers: http.Server[] = [];
  const keep: http.RequestListener = (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      came.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
      if (request.url === '/elsewhere') response.writeHead(307, { location: '/' });
      else response.writeHead(202);
      response.end('x'.repeat(1_000_000));
    });
  };
  const listen = (server: http.Server) =>
    new Promise<number>((resolve) => {
      servers.push(server);
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    });

  beforeEach(() => came.splice(0));
  afterAll(() => servers.forEach((server) => server.close()));

  test('arrives as it was signed, and goes nowhere else', async () => {
    const at = `http://127.0.0.1:${await listen(http.createServer(keep))}`;
    expect(await deliver(`${at}/`, { 'X-OpenDSR-Signature': 'abc' }, '{"ศ":1}', ['127.0.0.1'])).toBe(202);
    expect(came).toMatchObject([{ body: '{"ศ":1}', headers: { 'x-opendsr-signature': 'abc', 'content-type': 'application/json' } }]);
    expect(await deliver(`${at}/elsewhere`, {}, '{}', ['127.0.0.1'])).toBe(307);
    expect(came).toHaveLength(2);
  });

  test('does not go to a server that cannot prove its name', async () => {
    const port = await listen(https.createServer(LOCAL_TLS, keep));
    await expect(deliver(`https://127.0.0.1:${port}/`, {}, '{}', ['127.0.0.1'])).rejects.toThrow(/self-signed/);
    expect(came).toEqual([]);
  });

  test('does not go to a name that turns out to be inside', async () => {
    const port = await listen(https.createServer(LOCAL_TLS, keep));
    const call = https.request(`https://localhost:${port}/`, { lookup: outside, ca: LOCAL_TLS.cert, agent: false });
    await expect(new Promise((resolve, reject) => call.on('response', resolve).on('error', reject).end())).rejects.toThrow(
      'inside our network',
    );
    expect(came).toEqual([]);
  });
});
