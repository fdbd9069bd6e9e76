import type { CloudEvent } from '@attesta/events';
import { AttestaClient, clientCredentials, type Draft, type Receipt, type TokenSource } from '@attesta/sdk';
import { Day, sourceOf, type Scene, type ServiceName } from './day.js';
import { mistakes, type Mistake } from './mistakes.js';
import { mobileApp } from './mobile-app.js';
import { postBatch, postBinary, postStructured } from './plain-http.js';
import { storefront } from './storefront.js';
import { supportDesk } from './support-desk.js';
import { surveys } from './survey.js';

export interface SampleDayOptions {
  /** Where events are published. */
  url: string;
  issuer: string;
  /** Secret of a client of the issuer; the four services are clients by their names. */
  secretOf: (client: string) => string;
  /** `YYYY-MM-DD`, a day that is over. Another day is other events. */
  date: string;
  onScene?: (scene: Scene) => void;
}

export interface PlayedDay {
  date: string;
  /** Of every event that is in the log now: sealed by this play, or by one before. */
  receipts: Receipt[];
  /** Those that an earlier play had sealed. */
  duplicates: number;
  rejected: { mistake: Mistake; receipt: Receipt }[];
}

/** Yesterday in Bangkok: the newest day that is over. */
export const lastFullDay = (now: Date): string => new Date(now.getTime() + (7 - 24) * 3_600_000).toISOString().slice(0, 10);

export const scenes: readonly Scene[] = [...storefront, ...mobileApp, ...surveys, ...supportDesk].sort((a, b) => a.at.localeCompare(b.at));

/**
 * One day of the sample company through the public interface: four services, each with its own token. Playing the same date again seals nothing more.
 * @throws Error when an event that should be sealed is not, or one that should be rejected is
 */
export async function playSampleDay(options: SampleDayOptions): Promise<PlayedDay> {
  const day = new Day(options.date);
  const services = new Map<ServiceName, Service>();
  const service = (name: ServiceName): Service => {
    const known = services.get(name) ?? new Service(name, options);
    services.set(name, known);
    return known;
  };
  const receipts: Receipt[] = [];
  for (const scene of scenes) {
    options.onScene?.(scene);
    for (const receipt of await service(scene.service).report(scene, day)) {
      if (receipt.position === undefined) throw new Error(`"${scene.story}": ${describe(receipt)}`);
      day.sealed(receipt.id, receipt.position);
      receipts.push(receipt);
    }
  }
  const rejected: PlayedDay['rejected'] = [];
  const wrong = mistakes(day);
  for (const name of new Set(wrong.map((mistake) => mistake.service))) {
    const own = wrong.filter((mistake) => mistake.service === name);
    const answers = await service(name).batch(own.map(({ event }) => event));
    for (const [i, receipt] of answers.entries()) {
      const mistake = own[i]!;
      if (receipt.status !== 'rejected' || !receipt.problems?.some(({ code }) => code === mistake.code)) {
        throw new Error(`${mistake.why} should be rejected with ${mistake.code}: ${describe(receipt)}`);
      }
      rejected.push({ mistake, receipt });
    }
  }
  return { date: options.date, receipts, duplicates: receipts.filter(({ status }) => status === 'duplicate').length, rejected };
}

/** One internal service of the company, with its own credentials. */
class Service {
  private readonly sdk: AttestaClient;
  private readonly token: TokenSource;

  constructor(
    name: ServiceName,
    private readonly options: SampleDayOptions,
  ) {
    const { url, issuer, secretOf } = options;
    this.token = clientCredentials({ issuer, clientId: name, clientSecret: secretOf(name) });
    this.sdk = new AttestaClient({ source: sourceOf(name), url, token: this.token, concurrency: 1 });
  }

  async report(scene: Scene, day: Day): Promise<Receipt[]> {
    const drafts: Draft[] = scene.events(day);
    const { url } = this.options;
    switch (scene.way) {
      case 'sdk':
        return inTurn(drafts, (draft) => this.sdk.publish(draft));
      case 'sdk-batch':
        return this.sdk.publishMany(drafts);
      case 'structured':
        return inTurn(drafts, async (draft) => postStructured(url, await this.token(), this.sdk.event(draft)));
      case 'binary':
        return inTurn(drafts, async (draft) => postBinary(url, await this.token(), this.sdk.event(draft)));
      case 'batch':
        return this.batch(drafts.map((draft) => this.sdk.event(draft)));
    }
  }

  async batch(events: CloudEvent[]): Promise<Receipt[]> {
    return postBatch(this.options.url, await this.token(), events);
  }
}

async function inTurn<T, R>(items: readonly T[], step: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await step(item));
  return results;
}

const describe = ({ id, status, problems }: Receipt): string =>
  `${id} is ${status}${problems ? ` (${problems.map(({ field, code }) => `${field} ${code}`).join(', ')})` : ''}`;
