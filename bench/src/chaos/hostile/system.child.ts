import fs from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startStandalone } from '@attesta/standalone';
import { onTask, tellParent } from '../../child.js';

export interface SystemTask {
  home: string;
  policyFile: string;
  /** Where everything goes that the process prints. */
  logFile: string;
}

export type SystemTold = { url: string } | { heapMiB: number; peakMiB: number };

/** The whole system, as `npm start` runs it, in a process of its own. Asked anything, it says what memory it holds. */
onTask<SystemTask>(async ({ home, policyFile, logFile }, messages) => {
  const log = fs.openSync(logFile, 'a');
  for (const stream of [process.stdout, process.stderr])
    stream.write = (text: string | Uint8Array) => fs.writeSync(log, text as string) >= 0;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const http = { requestTimeoutMs: 20_000, keepAliveMs: 65_000, shutdownGraceMs: 10_000, trustedProxies: ['loopback'] };
  const { url } = await startStandalone({
    home,
    port: 0,
    host: '127.0.0.1',
    origin: 'hostile.example/log',
    policyFile,
    logLevel: 'info',
    http,
  });
  messages(() => {
    collect();
    tellParent({
      heapMiB: process.memoryUsage().heapUsed / 2 ** 20,
      peakMiB: process.resourceUsage().maxRSS / 2 ** 10,
    } satisfies SystemTold);
  });
  tellParent({ url } satisfies SystemTold);
});
