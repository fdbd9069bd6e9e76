import type { StateChange } from '@attesta/decisions';
import { listen } from '@attesta/event-log';
import { Roles } from '@attesta/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Post, Query, type OnModuleDestroy } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AcknowledgementBody, ChangesQuery } from './bodies.js';
import { Consent } from './consent.js';
import type { ConsumerStanding } from './propagation.js';
import { readChanges, STATE_CHANNEL } from './state-store.js';

/** Consent state for those who decide by themselves, where there is no Kafka, and how fast it reaches them. */
@ApiTags('consent state')
@ApiBearerAuth()
@Controller('v1')
export class ConsentStateController implements OnModuleDestroy {
  private readonly waiting = new Set<() => void>();
  /** Listens from the first request that waits. */
  private listening: Promise<() => Promise<void>> | undefined;

  constructor(@Inject(Consent) private readonly consent: Consent) {}

  async onModuleDestroy(): Promise<void> {
    this.wake();
    await (
      await this.listening
    )?.();
  }

  @Get('consent-state')
  @Roles('publisher')
  @ApiOperation({ summary: 'What changed after a number, newest state of each key; waits for a change when asked to' })
  async changes(@Query() { after, limit, wait_ms }: ChangesQuery): Promise<{ data: StateChange[]; head: number; has_more: boolean }> {
    const { pool } = this.consent;
    const news = wait_ms > 0 ? await this.news(wait_ms) : undefined; // from before the first look, so that nothing slips between
    let data = await readChanges(pool, after, limit + 1);
    if (news && data.length === 0) {
      await news.came;
      data = await readChanges(pool, after, limit + 1);
    }
    news?.end();
    const has_more = data.length > limit;
    if (has_more) data.pop();
    return { data, head: data.at(-1)?.changed ?? after, has_more };
  }

  @Post('consent-state/acknowledgements')
  @Roles('publisher')
  @HttpCode(204)
  @ApiOperation({ summary: 'A consumer has applied every change up to a number: how long withdrawals took to it is measured and sealed' })
  async acknowledge(@Body() { consumer, changed }: AcknowledgementBody): Promise<void> {
    await this.consent.propagation.acknowledge(consumer, changed);
  }

  @Get('propagation')
  @Roles('dpo', 'auditor', 'operator')
  @ApiOperation({ summary: 'How long withdrawals take to each consumer, and what it has not acknowledged yet' })
  async propagation(): Promise<{ data: ConsumerStanding[] }> {
    return { data: await this.consent.propagation.standing() };
  }

  /** Listens for the next change, or the time to be up. */
  private async news(ms: number): Promise<{ came: Promise<void>; end: () => void }> {
    this.listening ??= listen(this.consent.pool, STATE_CHANNEL, () => this.wake());
    await this.listening.catch((error: unknown) => {
      this.listening = undefined; // the next one tries again
      throw error;
    });
    let end = (): void => undefined;
    const came = new Promise<void>((resolve) => {
      end = () => {
        clearTimeout(timer);
        this.waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.waiting.add(end);
    });
    return { came, end };
  }

  private wake(): void {
    for (const done of [...this.waiting]) done();
  }
}
