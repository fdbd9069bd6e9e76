import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describeKafka } from '@attesta/testing';
import { startDistributed } from './distributed.js';
import { SHIPPED_POLICY } from './shipped-files.js';

/** Processes that have this in their command line. */
const running = (text: string): Promise<string[]> =>
  promisify(execFile)('ps', ['-eo', 'args']).then(({ stdout }) => stdout.split('\n').filter((line) => line.includes(text)));

await describeKafka('the distributed system that cannot start', () => {
  it('ends the Kafka and the PostgreSQL that it started, when its port is taken', async () => {
    const home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-failed-start-'));
    await fs.chmod(home, 0o755);
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const { port } = server.address() as AddressInfo;
    let seen: string[] = [];
    const watching = setInterval(() => void running(home).then((lines) => lines.length > seen.length && (seen = lines)), 200);
    try {
      const starting = startDistributed({ home, port, origin: 'spec.example/failed', policyFile: SHIPPED_POLICY, logLevel: 'off' });
      await expect(starting).rejects.toThrow(/EADDRINUSE/);
      expect(seen.join('\n')).toMatch(/java/);
      expect(seen.join('\n')).toMatch(/postgres/);
      expect(await running(home)).toEqual([]);
    } finally {
      clearInterval(watching);
      server.close();
      await fs.rm(home, { recursive: true, force: true });
    }
  }, 240_000);
});
