import http from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { freePort } from '@attesta/event-log/embedded';
import type { ServiceName } from './distributed.js';
import { startGateway } from './gateway.js';

describe('the gateway before several processes of a service', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  /** A process that tells its name, or breaks the connection once it has the whole request. */
  async function server(name: string, got: string[], breaks = false): Promise<number> {
    const listening = http.createServer((request, response) => {
      void text(request).then((body) => {
        got.push(`${name} ${request.method} ${body}`);
        if (breaks) request.socket.destroy();
        else response.end(name);
      });
    });
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    closing.push(() => (listening.closeAllConnections(), listening.close()));
    return (listening.address() as AddressInfo).port;
  }

  async function gateway(ledgers: number[]): Promise<string> {
    const port = await freePort();
    const others = Object.fromEntries(['audit', 'consent', 'requests', 'retention', 'notification'].map((name) => [name, []]));
    const ports = { ...others, ledger: ledgers } as unknown as Record<ServiceName, number[]>;
    const started = await startGateway(
      port,
      ports,
      () => undefined,
      (_request, _response, next) => next!(),
    );
    closing.push(() => started.close());
    return `http://127.0.0.1:${port}/v1/events`;
  }

  const post = (url: string) => fetch(url, { method: 'POST', body: 'an event' });

  it('gives them turns', async () => {
    const got: string[] = [];
    const url = await gateway([await server('one', got), await server('two', got)]);
    const answers = new Set([await (await fetch(url)).text(), await (await fetch(url)).text()]);
    expect(answers).toEqual(new Set(['one', 'two']));
  });

  it('passes over one that is not there, with the whole request', async () => {
    const got: string[] = [];
    const url = await gateway([await freePort(), await server('two', got)]);
    for (let n = 0; n < 4; n++) expect((await post(url)).status).toBe(200);
    expect(got).toEqual(Array.from({ length: 4 }, () => 'two POST an event'));
  });

  it('asks the next when one breaks off a question, and leaves it to the caller where something may have been done', async () => {
    const got: string[] = [];
    const url = await gateway([await server('one', got, true), await server('two', got)]);
    for (let n = 0; n < 4; n++) expect(await (await fetch(url)).text()).toBe('two');
    got.length = 0;
    const statuses = [(await post(url)).status, (await post(url)).status].sort();
    expect(statuses).toEqual([200, 503]);
    expect(got.sort()).toEqual(['one POST an event', 'two POST an event']);
  });

  it('says so when none is there', async () => {
    expect((await post(await gateway([await freePort(), await freePort()]))).status).toBe(503);
  });
});
