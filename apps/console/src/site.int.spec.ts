import http from 'node:http';
import type { AddressInfo } from 'node:net';
import vm from 'node:vm';
import { listenerOf, openSite } from './site.js';

let server: http.Server;
let url: string;
beforeAll(async () => {
  const site = await openSite({ issuer: 'https://issuer.example/oidc', clientId: 'attesta-console' });
  server = http.createServer(listenerOf(site));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const get = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(url + path, { headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

describe('Global Privacy Control', () => {
  test.each([
    [{ 'sec-gpc': '1' }, '1'],
    [{ 'sec-gpc': '0' }, '0'],
    [{}, '0'],
  ])('the page is told whether its request carried %j', async (headers, told) => {
    const { text } = await get('/privacy/consents', headers);
    expect(text).toContain(`<meta name="sec-gpc" content="${told}" />`);
  });

  test('that it is honoured is said where the specification looks', async () => {
    const { status, headers, text } = await get('/.well-known/gpc.json');
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(JSON.parse(text)).toEqual({ gpc: true, lastUpdate: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/) });
  });
});

describe('the snippet', () => {
  test('may be loaded by other sites; a page, and its parts, may not', async () => {
    const of = async (path: string) => {
      const { headers } = await get(path);
      return [headers.get('cross-origin-resource-policy'), headers.get('access-control-allow-origin')];
    };
    expect(await of('/privacy/embed.js')).toEqual(['cross-origin', '*']);
    expect(await of('/privacy/')).toEqual(['same-origin', null]);
    expect(await of('/console/icon.svg')).toEqual(['same-origin', null]);
  });

  test('is one small classic script that leaves no name behind', async () => {
    const { text } = await get('/privacy/embed.js');
    expect(Buffer.byteLength(text)).toBeLessThan(4_096);
    const page = vm.createContext({ HTMLElement: class {}, document: { currentScript: null } });
    const before = Object.keys(page);
    vm.runInContext(text, page);
    vm.runInContext(text, page);
    expect(Object.keys(page)).toEqual(before);
  });

  test('keeps nothing, and asks nothing of a server', async () => {
    const { text } = await get('/privacy/embed.js');
    expect(text).not.toMatch(/cookie|localStorage|sessionStorage|indexedDB|fetch\(|XMLHttpRequest|sendBeacon|innerHTML|eval\(/);
  });
});

test('nobody frames the center, and nothing of another origin runs in it', async () => {
  const { headers } = await get('/privacy/rights/erasure');
  const policy = headers.get('content-security-policy')!;
  for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "object-src 'none'"])
    expect(policy).toContain(rule);
  expect(policy).not.toContain('unsafe');
  expect([headers.get('referrer-policy'), headers.get('cache-control')]).toEqual(['no-referrer', 'no-store']);
});
