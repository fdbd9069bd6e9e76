/** A small service in a process of its own, for the specs that need one: prints its port as the first log line's `port`. */
import os from 'node:os';
import path from 'node:path';
import fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import { Controller, Get, Logger, Module } from '@nestjs/common';
import { bootstrap, Public } from './index.js';
import { startIssuer, ROLE_CLIENTS } from './issuer/index.js';

@Controller('v1')
class SlowController {
  private readonly logger = new Logger('slow');

  @Get('quick/:id')
  @Public()
  quick(): { quick: true } {
    this.logger.log('answering quickly', { count: 1 });
    return { quick: true };
  }

  @Get('slow')
  @Public()
  async slow(): Promise<{ slow: true }> {
    this.logger.log('answering slowly');
    await new Promise((resolve) => setTimeout(resolve, 700));
    return { slow: true };
  }

  @Get('never')
  @Public()
  never(): Promise<never> {
    this.logger.log('not answering');
    return new Promise(() => undefined);
  }
}

@Module({ controllers: [SlowController] })
class SlowModule {}

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'attesta-rig-'));
const issuer = await startIssuer({ home, issuer: 'http://localhost:1/oidc', audience: 'attesta', clients: [...ROLE_CLIENTS] });
fs.rmSync(home, { recursive: true });
const app = await bootstrap(SlowModule, {
  service: 'rig',
  auth: { issuer: issuer.issuer, audience: 'attesta', keys: issuer.keys },
  shutdownGraceMs: 1_500,
});
await app.listen(0, '127.0.0.1');
new Logger('rig').log('listening', { port: (app.getHttpServer().address() as AddressInfo).port });
