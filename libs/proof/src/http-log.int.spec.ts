import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { readerOf, sampleEntries, serve } from './fixtures/sample-log.js';
import { LogReader } from './log-reader.js';
import { generateLogKey, httpLog, nodePrimitives } from './node.js';
import { verifyLog } from './verify-log.js';

const ORIGIN = 'log.example/attesta';
const key = generateLogKey(ORIGIN);
const served = serve(key, ORIGIN, sampleEntries(600));

/** Runs a log server whose handler may refuse to behave, and checks the log over HTTP. */
async function checkOver(handler: (path: string, response: http.ServerResponse) => boolean) {
  const server = http.createServer((request, response) => {
    const path = request.url!.replace(/^\/log\//, '');
    if (handler(path, response)) return;
    const bytes = served.get(path);
    response.writeHead(bytes ? 200 : 404).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const reader = new LogReader(nodePrimitives, httpLog(`http://127.0.0.1:${port}/log`, { timeoutMs: 500 }));
    return await verifyLog(nodePrimitives, reader, { key: key.verifierKey });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('a log read over HTTP', () => {
  test('is checked as one read from memory', async () => {
    const report = await checkOver(() => false);
    expect(report).toEqual(await verifyLog(nodePrimitives, readerOf(served), { key: key.verifierKey }));
    expect(report.ok).toBe(true);
  });

  test('is asked again when the server stumbles once', async () => {
    let stumbled = false;
    const report = await checkOver((path, response) => {
      if (stumbled || path !== 'tile/entries/000') return false;
      stumbled = true;
      response.writeHead(503).end();
      return true;
    });
    expect(report.ok).toBe(true);
  });

  test.each([
    ['never ends', (response: http.ServerResponse) => void response.writeHead(200).write('x')],
    ['never begins', () => undefined],
    [
      'pours without end',
      (response: http.ServerResponse) => {
        const pour = () => !response.destroyed && response.write(Buffer.alloc(1 << 20), pour);
        pour();
      },
    ],
    [
      'breaks off',
      (response: http.ServerResponse) => void response.writeHead(200, { 'content-length': '1000' }).write('x', () => response.destroy()),
    ],
    ['is an error', (response: http.ServerResponse) => void response.writeHead(403).end('no')],
    ['sends elsewhere', (response: http.ServerResponse) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
  ])('whose answer %s ends in a report', async (_name, misbehave) => {
    for (const bad of ['checkpoint', 'tile/entries/001', 'tile/0/001']) {
      const report = await checkOver((path, response) => path === bad && (misbehave(response), true));
      expect(report.ok).toBe(false);
      expect(report.problems).toHaveLength(1);
      expect(report.problems[0]!.kind).toBe(bad === 'checkpoint' ? 'format' : 'gap');
    }
  });
});
