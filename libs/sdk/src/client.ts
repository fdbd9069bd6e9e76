import type { CloudEvent, Receipt } from '@attesta/events';
import { lanesOf } from './batches.js';
import type { Batch } from './batches.js';
import { toCloudEvent } from './draft.js';
import type { Draft } from './draft.js';
import { AttestaError, PublishIncomplete } from './errors.js';
import { HttpTransport } from './http-transport.js';
import type { TokenSource } from './http-transport.js';
import { RETRY_DEFAULTS } from './retry.js';
import type { RetryOptions } from './retry.js';
import { uuidV7Generator } from './uuid-v7.js';

/** Another way to the ledger than HTTP, such as `kafkaIntake` of '@attesta/sdk/kafka'. */
export interface EventTransport {
  /** Resolves when the events are durable. One receipt per event, in order. */
  publish(events: readonly CloudEvent[]): Promise<Receipt[]>;
}

export interface AttestaClientOptions {
  /** CloudEvents source of all events of this client, such as `//storefront.example/orders`. */
  source: string;
  /** Where the ledger answers; needed unless `transport` is given. */
  url?: string;
  /** A token, or how to get one (`clientCredentials`). */
  token?: TokenSource | string;
  transport?: EventTransport;
  /** Requests under way at most in publishMany. */
  concurrency?: number;
  timeoutMs?: number;
  retry?: Partial<RetryOptions>;
  traceparent?: () => string | undefined;
  /** Ends retries when the publisher shuts down. */
  signal?: AbortSignal;
  now?: () => Date;
  newId?: () => string;
  fetch?: typeof fetch;
}

/** Reports events to Attesta. Delivery is at least once and the ledger seals each id once, so an error is always answered by publishing again. */
export class AttestaClient {
  private readonly transport: EventTransport;
  private readonly http: HttpTransport | undefined;
  private readonly stamp: { source: string; newId: () => string; now: () => Date };
  private readonly concurrency: number;

  constructor(options: AttestaClientOptions) {
    const now = options.now ?? (() => new Date());
    this.stamp = { source: options.source, now, newId: options.newId ?? uuidV7Generator(() => now().getTime()) };
    this.concurrency = options.concurrency ?? 4;
    if (options.transport) {
      this.transport = options.transport;
    } else {
      this.http = httpTransport(options);
      this.transport = { publish: (events) => this.inLanes(events) };
    }
  }

  /** The draft with id and time filled in: keep it when it must survive a restart before it is published. */
  event(draft: Draft): CloudEvent {
    return toCloudEvent(draft, this.stamp);
  }

  /** @throws AttestaError when the event is rejected or cannot be delivered */
  async publish(draft: Draft | CloudEvent): Promise<Receipt> {
    const event = this.complete(draft);
    if (this.http) return this.http.send(event);
    const [receipt] = await this.transport.publish([event]);
    if (!receipt) throw new AttestaError('The transport gave no receipt.');
    return receipt;
  }

  /**
   * One receipt per event in the order given; events that are rejected are receipts with their problems.
   * @throws PublishIncomplete when some could not be delivered
   */
  async publishMany(drafts: readonly (Draft | CloudEvent)[]): Promise<Receipt[]> {
    if (drafts.length === 0) return [];
    return this.transport.publish(drafts.map((draft) => this.complete(draft)));
  }

  private complete(draft: Draft | CloudEvent): CloudEvent {
    return 'specversion' in draft ? draft : this.event(draft);
  }

  private async inLanes(events: readonly CloudEvent[]): Promise<Receipt[]> {
    const receipts: (Receipt | undefined)[] = Array.from({ length: events.length });
    const failures: AttestaError[] = [];
    await Promise.all(lanesOf(events, this.concurrency).map((lane) => this.sendLane(lane, receipts, failures)));
    if (failures[0]) throw new PublishIncomplete(receipts, failures[0]);
    return receipts as Receipt[];
  }

  /** A lane stops at its first failure: what comes after must not overtake it. */
  private async sendLane(lane: Batch[], receipts: (Receipt | undefined)[], failures: AttestaError[]): Promise<void> {
    for (const { indices, serialized } of lane) {
      try {
        const answered = await (this.http as HttpTransport).sendBatch(serialized);
        indices.forEach((index, at) => (receipts[index] = answered[at]));
      } catch (error) {
        failures.push(error instanceof AttestaError ? error : new AttestaError('Publishing failed.', { cause: error }));
        return;
      }
    }
  }
}

function httpTransport(options: AttestaClientOptions): HttpTransport {
  const { url, token } = options;
  if (url === undefined || token === undefined) throw new TypeError('AttestaClient needs url and token, or a transport');
  return new HttpTransport({
    url,
    token: typeof token === 'string' ? () => token : token,
    fetch: options.fetch ?? fetch,
    retry: { ...RETRY_DEFAULTS, ...options.retry },
    timeoutMs: options.timeoutMs ?? 30_000,
    now: () => (options.now ?? (() => new Date()))().getTime(),
    ...(options.traceparent && { traceparent: options.traceparent }),
    ...(options.signal && { signal: options.signal }),
  });
}
