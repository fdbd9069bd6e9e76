import type { Server } from 'node:http';
import { Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';

/** When the application closes: idle connections go at once, requests under way get the grace period, what remains is cut. */
export class Drain implements BeforeApplicationShutdown {
  private readonly logger = new Logger('http');

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly graceMs: number,
  ) {}

  beforeApplicationShutdown(): void {
    const server = this.host.httpAdapter.getHttpServer() as Server;
    const timer = setTimeout(() => {
      this.logger.warn('cutting connections that did not finish in time', { ms: this.graceMs });
      server.closeAllConnections();
    }, this.graceMs).unref();
    server.once('close', () => clearTimeout(timer));
    // A kept-alive connection would otherwise hold the server open with its next request.
    server.closeIdleConnections();
  }
}
