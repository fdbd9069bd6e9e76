import { applyDecorators, Catch, UseFilters, type RpcExceptionFilter } from '@nestjs/common';
import { BaseRpcContext, EventPattern, Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import type pg from 'pg';
import { isObservable, lastValueFrom, throwError, type Observable } from 'rxjs';
import type { FeedConsumerOptions, FeedSubscription, SealedEvent, SealedFeed } from './feed.js';
import { inEventSpan } from './tracing.js';

/** Second argument of an @EventPattern handler (`@Ctx()`). */
export class SealedEventContext extends BaseRpcContext<[SealedEvent, pg.PoolClient]> {
  getEvent(): SealedEvent {
    return this.args[0];
  }

  /** The batch's transaction: whatever the handler writes commits together with the cursor. Never commit or roll it back. */
  getTx(): pg.PoolClient {
    return this.args[1];
  }
}

/** Second argument of an @OnSealedBatch handler (`@Ctx()`). */
export class SealedBatchContext extends BaseRpcContext<[pg.PoolClient]> {
  /** The batch's transaction; see SealedEventContext. */
  getTx(): pg.PoolClient {
    return this.args[0];
  }
}

export interface AttestaServerOptions extends Omit<FeedConsumerOptions, 'handle'> {
  feed: SealedFeed;
}

/**
 * NestJS transport: methods with `@EventPattern('attesta.collection.recorded.v1')` get each sealed event of that type, `@EventPattern('*')` those
 * of every type, one after the other in order, as (SealedEvent, SealedEventContext). An event without a handler passes. `@OnSealed` is the same
 * as `@EventPattern` and lets a handler's own error through, which Nest otherwise hides. `@OnSealedBatch` gets whole batches, before the others.
 */
export class AttestaServer extends Server implements CustomTransportStrategy {
  override readonly transportId: symbol;
  // Handlers' failures are awaited below: Nest need not log them as unobserved.
  override readonly propagatesEventHandlerErrors: boolean = true;
  private subscription?: FeedSubscription;

  constructor(private readonly options: AttestaServerOptions) {
    super();
    this.transportId = transportOf(options.group);
  }

  listen(callback: (error?: unknown) => void): void {
    const { feed, ...options } = this.options;
    feed.subscribe({ ...options, handle: (events, tx) => this.handleBatch(events, tx) }).then((subscription) => {
      this.subscription = subscription;
      callback();
    }, callback);
  }

  async close(): Promise<void> {
    await this.subscription?.stop();
    this.subscription = undefined;
  }

  on(): never {
    throw new Error('AttestaServer has no events of its own; give onError to the options');
  }

  /** The running FeedSubscription: progress, rebuild, parked events. */
  unwrap<T>(): T {
    if (!this.subscription) throw new Error('AttestaServer is not listening');
    return this.subscription as T;
  }

  /** The same; undefined before it flows. */
  get running(): FeedSubscription | undefined {
    return this.subscription;
  }

  private async handleBatch(events: SealedEvent[], tx: pg.PoolClient): Promise<void> {
    const whole = this.messageHandlers.get(BATCH);
    if (whole) await settled(whole, events, new SealedBatchContext([tx]));
    const every = this.messageHandlers.get('*');
    for (const event of events) {
      const handlers = [this.messageHandlers.get(event.entry.type), every].filter((handler) => handler !== undefined);
      if (!handlers.length) continue;
      await inEventSpan(`${event.entry.type} handle`, event.trace, async () => {
        for (const handler of handlers) await settled(handler, event, new SealedEventContext([event, tx]));
      });
    }
  }
}

/** Lets a handler's own error through to the consumer, which tells failures of the database from poison by it. */
@Catch()
export class KeepError implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/** A handler of sealed events of one type, or of every type with `*`. */
export const OnSealed = (type: string): MethodDecorator => applyDecorators(EventPattern<string>(type), UseFilters(KeepError));

const BATCH = 'attesta.batch';
const transportOf = (group: string) => Symbol.for(`attesta feed ${group}`);

/**
 * A handler of all sealed events of a group, a batch at a time: for a service whose work on a batch costs less than the same work on each of its
 * events. Only the server of that group calls it, so that the services of one process keep to themselves.
 */
export const OnSealedBatch = (group: string): MethodDecorator =>
  applyDecorators(EventPattern<string>(BATCH, transportOf(group)), UseFilters(KeepError));

async function settled(handler: MessageHandler, event: unknown, context: BaseRpcContext): Promise<void> {
  const result: unknown = await handler(event, context);
  try {
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  } catch (error) {
    if (error instanceof Error) throw error;
    const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : 'handler failed';
    throw new Error(message, { cause: error });
  }
}
