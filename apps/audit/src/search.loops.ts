import { allParts, Timers } from '@attesta/service-kit';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Audit } from './audit.js';
import { ExportWorker } from './exports-worker.js';
import { buildBlock } from './search-index.js';

const LOOK_MS = 500;
/** Building blocks leaves so many times as long to everything else: entries that are not looked up yet are found by reading them. */
const LEAVE = 2;

/** What search and exports do by themselves, in every process: look up entries that came, and work exports. */
@Injectable()
export class SearchLoops implements OnModuleInit, BeforeApplicationShutdown {
  private readonly worker: ExportWorker;
  private readonly timers: Timers[];
  private stopped = false;

  constructor(@Inject(Audit) private readonly audit: Audit) {
    this.worker = new ExportWorker(audit);
    const onError = (error: unknown) => audit.options.onError?.(error);
    const timers = (look: () => Promise<void>) => new Timers({ look, everyMs: LOOK_MS, onError });
    this.timers = [timers(() => this.build()), timers(() => allParts([() => this.worker.expire(), () => this.export()]))];
  }

  onModuleInit(): void {
    for (const timer of this.timers) timer.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.worker.stop();
    await Promise.all(this.timers.map((timer) => timer.stop()));
  }

  private async build(): Promise<void> {
    for (let began = performance.now(); !this.stopped && (await buildBlock(this.audit.pool)); began = performance.now()) {
      const rest = (performance.now() - began) * LEAVE;
      await new Promise((resolve) => setTimeout(resolve, rest));
    }
  }

  private async export(): Promise<void> {
    while (!this.stopped && (await this.worker.work()));
  }
}
