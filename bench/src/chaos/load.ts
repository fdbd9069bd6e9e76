import fs from 'node:fs';
import path from 'node:path';
import type { CloudEvent, Receipt } from '@attesta/events';
import { AttestaClient, report } from '@attesta/sdk';
import { fetchIntakeKey, kafkaIntake } from '@attesta/sdk/kafka';
import { connectKafka, KafkaPublisher } from '@attesta/transport';
import type { Distributed } from '@attesta/standalone';
import { pause, sealedOf } from './at-rest.js';
import type { History, LogAccess } from './history.js';
import type { Chaos } from './round.js';

const HTTP_LANES = 4;
const KAFKA_LANES = 2;
const CHOICE_LANES = 1;
const PEOPLE = 30;
const MOST_AT_ONCE = 25;
/** Share of batches that are sent once more, out of their order, as a network does that delivers late. */
const AGAIN = 0.15;
/** After which all is in vain. */
const PATIENCE_MS = 180_000;
const BETWEEN_MS = 120;
/** For a dozen processes on one small machine: more would have them starve, and then they show the machine's limits, not their own. */
export const SPARING_MS = 1_000;

/** What load is put on. */
export interface Loaded {
  home: string;
  system: Distributed;
  log: LogAccess;
}

interface Sent {
  event: CloudEvent;
  person: string;
  nth: number;
}

/** Publishers who send one batch after the other, each again and again until it is acknowledged, and keep what they were promised. */
export class Load {
  private readonly lanes: Lane[] = [];
  private readonly running: Promise<void>[] = [];
  private stopping = false;

  private constructor(
    private readonly history: History,
    private readonly fleet: Loaded,
    private readonly betweenMs: number,
  ) {}

  /** @param betweenMs for which a publisher waits after each batch */
  static async start(fleet: Loaded, history: History, chaos: Chaos, betweenMs = BETWEEN_MS): Promise<Load> {
    const load = new Load(history, fleet, betweenMs);
    const { url, issuer } = fleet.system;
    const token = () => issuer.issueToken('publisher');
    for (let n = 0; n < HTTP_LANES; n++) {
      const source = `//chaos-http-${n}.example`;
      const client = new AttestaClient({ source, url, token, retry: { attempts: 3, maxMs: 500 }, timeoutMs: 20_000 });
      load.lanes.push(new Lane(chaos, history, client, { source, told: 'sealed' }, betweenMs));
    }
    const pepper = Buffer.from(fs.readFileSync(path.join(fleet.home, 'keys/pepper'), 'utf8'), 'base64');
    const intakeKey = await fetchIntakeKey(url, { token: await token() });
    for (let n = 0; n < KAFKA_LANES; n++) {
      const source = `//chaos-kafka-${n}.example`;
      const publisher = new KafkaPublisher(connectKafka({ brokers: fleet.system.brokers, clientId: `chaos-${n}` }));
      chaos.cleanup.defer(() => publisher.close().catch(() => undefined));
      const client = new AttestaClient({ source, transport: kafkaIntake({ publisher, pepper, intakeKey }) });
      load.lanes.push(new Lane(chaos, history, client, { source, told: 'accepted' }, betweenMs));
    }
    for (let n = 0; n < CHOICE_LANES; n++) load.running.push(load.choose(chaos, n));
    load.running.push(...load.lanes.map((lane) => lane.run()), load.watch());
    return load;
  }

  /** Resolves when everybody has been acknowledged what they sent last. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const lane of this.lanes) lane.stop();
    await Promise.all(this.running);
  }

  /**
   * Does `work`, which loses what stands in topics, while those who publish to Kafka wait; then they send again what is not sealed, as whoever was
   * told `accepted` must be able to.
   */
  async whileTopicsAreLost(work: () => Promise<void>): Promise<void> {
    const held = this.lanes.filter(({ as }) => as.told === 'accepted');
    for (const lane of held) await lane.hold();
    await work();
    for (const lane of held) lane.goOn(await sealedOf(this.fleet.system, lane.as.source));
  }

  /** Somebody outside looks at the checkpoint now and then. */
  private async watch(): Promise<void> {
    while (!this.stopping) {
      await this.history.seeCheckpoint(this.fleet.log).catch(() => undefined); // nobody answers at the moment
      await pause(1_000);
    }
  }

  /** People who give and withdraw their consent, which the consent service decides and carries to the ledger. */
  private async choose(chaos: Chaos, lane: number): Promise<void> {
    for (let n = 0; !this.stopping; n++) {
      const person = `account|chooser-${lane}-${n % PEOPLE}`;
      const choice = {
        id: `chosen-${lane}-${n}`,
        subject: person,
        purposes: ['marketing'],
        channels: ['email'],
        status: chaos.random() < 0.6 ? 'given' : 'withdrawn',
        method: 'preference-center',
        noticeVersion: '2022-08-10',
      };
      const { source, id } = await persist(async () => {
        const answer = await fetch(`${this.fleet.system.url}/v1/consents`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${await this.fleet.system.issuer.issueToken('publisher')}`,
            'content-type': 'application/json',
          },
          body: JSON.stringify(choice),
          signal: AbortSignal.timeout(20_000),
        });
        if (!answer.ok) throw new Error(`/v1/consents answered ${answer.status}: ${await answer.text()}`);
        return (await answer.json()) as { source: string; id: string };
      });
      this.history.acknowledge({ source, id, person, nth: n });
      await pause(this.betweenMs);
    }
  }
}

/** One publisher with people of its own. */
class Lane {
  private readonly nth = new Map<string, number>();
  private batches = 0;
  private earlier: Sent[][] = [];
  /** Acknowledged, and perhaps in a topic alone. */
  private unsealed: Sent[][] = [];
  private stopping = false;
  private held: { idle: () => void; wake: Promise<void> } | undefined;
  private wake: (() => void) | undefined;

  constructor(
    private readonly chaos: Chaos,
    private readonly history: History,
    private readonly client: AttestaClient,
    /** `told`: what its receipts say, that an event is sealed or that it stands in a topic. */
    readonly as: { source: string; told: 'sealed' | 'accepted' },
    private readonly betweenMs: number,
  ) {}

  async run(): Promise<void> {
    while (!this.stopping) {
      if (this.held) {
        this.held.idle();
        await this.held.wake;
        continue;
      }
      const batch = this.next();
      await this.send(batch);
      this.earlier.push(batch);
      if (this.earlier.length > 20) this.earlier.shift();
      if (this.as.told === 'accepted') this.unsealed.push(batch);
      if (this.chaos.random() < AGAIN) await this.send(this.chaos.pick(this.earlier));
      await pause(this.betweenMs);
    }
    this.held?.idle();
  }

  stop(): void {
    this.stopping = true;
  }

  /** Resolves when nothing is on its way any more. */
  hold(): Promise<void> {
    return new Promise((idle) => {
      this.held = { idle, wake: new Promise((wake) => (this.wake = wake)) };
    });
  }

  /** @param sealed what need not be sent again */
  goOn(sealed: ReadonlySet<string>): void {
    const again = this.unsealed.flat().filter(({ event }) => !sealed.has(event.id));
    this.unsealed = again.length > 0 ? [again] : [];
    this.held = undefined;
    void (again.length > 0 ? this.send(again) : Promise.resolve()).then(this.wake);
  }

  private next(): Sent[] {
    this.batches++;
    return Array.from({ length: this.chaos.between(1, MOST_AT_ONCE) }, () => {
      const person = `account|${this.as.source.slice(2, -8)}-${this.chaos.between(0, PEOPLE)}`;
      const nth = (this.nth.get(person) ?? 0) + 1;
      this.nth.set(person, nth);
      const draft = report.collection(person, {
        categories: ['identity', 'contact'],
        purposes: ['service-fulfilment'],
        basis: 'contract',
        occasion: 'registration',
        method: 'online-form',
        channel: 'web',
        origin: 'subject',
        noticeVersion: '2022-08-10',
        ...(nth % 3 === 0 && { personal: { contact: { email: `${nth}@${this.batches}.example` } } }),
      });
      return { event: this.client.event({ ...draft, id: `${person.slice(8)}-${nth}` }), person, nth };
    });
  }

  private async send(batch: readonly Sent[]): Promise<void> {
    const receipts = await persist(() => this.client.publishMany(batch.map(({ event }) => event)));
    for (const [n, { event, person, nth }] of batch.entries()) {
      const receipt = receipts[n]!;
      if (receipt.status === 'rejected') throw new Error(`${event.id} was rejected: ${JSON.stringify(receipt)}`);
      this.history.acknowledge({ source: this.as.source, id: event.id, person, nth, ...positionOf(receipt) });
    }
  }
}

const positionOf = (receipt: Receipt): { position?: number } =>
  'position' in receipt && receipt.position !== undefined ? { position: receipt.position } : {};

/** The same again until it is taken, as the SDK says. */
async function persist<T>(send: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + PATIENCE_MS; ; await pause(100)) {
    try {
      return await send();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
