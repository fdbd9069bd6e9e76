import fs from 'node:fs/promises';
import path from 'node:path';
import type { CloudEvent, FieldProblem } from '@attesta/events';
import { LogReader, parseCheckpoint, splitNote } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { AttestaClient, type Receipt } from '@attesta/sdk';
import { fetchIntakeKey, kafkaIntake } from '@attesta/sdk/kafka';
import { KafkaPublisher, type Kafka } from '@attesta/transport';
import { everyRow, success, type Ask } from '../auditor-answer.http.js';
import { postBatch } from '../sample-day/plain-http.js';
import type { Outcome } from './system.js';

/** A way in for publishers; resolves when the ledger has decided about every event. */
export interface ClauseIntake {
  publish(events: CloudEvent[]): Promise<Outcome[]>;
  close(): Promise<void>;
}

/** POST /v1/events: the receipts say it all. */
export function httpIntake(url: string, token: () => Promise<string>): ClauseIntake {
  return {
    publish: async (events) => (await postBatch(url, await token(), events)).map(outcomeOf),
    close: () => Promise.resolve(),
  };
}

function outcomeOf({ position, problems }: Receipt): Outcome {
  return position === undefined ? { problems: problems ?? [] } : { position };
}

export interface KafkaIntakeSystem {
  url: string;
  kafka: Kafka;
  /** The ledger's keys: refs must be made with its pepper. */
  keys: string;
  publisherToken: () => Promise<string>;
  auditor: Ask;
}

const PATIENCE_MS = 60_000;

/**
 * Through attesta.intake.v1, as the SDK does it. A receipt there says that the event is durable; what became of it is read from the log and from
 * the rejections, as any publisher over Kafka may.
 */
export async function kafkaClauseIntake({ url, kafka, keys, publisherToken, auditor }: KafkaIntakeSystem): Promise<ClauseIntake> {
  const pepper = Buffer.from(await fs.readFile(path.join(keys, 'pepper'), 'utf8'), 'base64');
  const publisher = new KafkaPublisher(kafka);
  const transport = kafkaIntake({ publisher, pepper, intakeKey: await fetchIntakeKey(url, { token: await publisherToken() }) });
  const sdk = new AttestaClient({ source: '//clauses.m-med.example', transport });
  const log = new SealedEvents(auditor);
  return {
    async publish(events) {
      await log.catchUp(); // what was sealed before cannot be ours
      await sdk.publishMany(events);
      const decided = new Map<string, Outcome>();
      for (const until = Date.now() + PATIENCE_MS; decided.size < events.length; await new Promise((wake) => setTimeout(wake, 150))) {
        await log.catchUp();
        for (const source of new Set(events.map((event) => event.source))) {
          const kept = await everyRow<{ eventId: string; problems: FieldProblem[] }>(
            auditor,
            `/v1/rejections?limit=100&source=${encodeURIComponent(source)}`,
          );
          for (const { eventId, problems } of kept) decided.set(nameOf({ source, id: eventId }), { problems });
        }
        for (const event of events) {
          const position = log.positionOf(event);
          if (position !== undefined) decided.set(nameOf(event), { position });
        }
        for (const name of decided.keys()) if (!events.some((event) => nameOf(event) === name)) decided.delete(name);
        if (Date.now() > until) throw new Error(`the ledger decided about ${decided.size} of ${events.length} events within a minute`);
      }
      return events.map((event) => decided.get(nameOf(event))!);
    },
    close: () => publisher.close(),
  };
}

const nameOf = ({ source, id }: { source: string; id: string }): string => `${source}\n${id}`;

/** Where events were sealed, by reading the log on from where it was read before. */
class SealedEvents {
  private readonly positions = new Map<string, number>();
  private readonly reader: LogReader;
  private read = 0;

  constructor(ask: Ask) {
    this.reader = new LogReader(nodePrimitives, async (file) => (await success(ask('GET', `/log/${file}`))).bytes);
  }

  positionOf(event: CloudEvent): number | undefined {
    return this.positions.get(nameOf(event));
  }

  async catchUp(): Promise<void> {
    const note = await this.reader.note().catch(() => undefined); // nothing is signed yet
    if (note === undefined) return;
    const { size } = parseCheckpoint(splitNote(note).text);
    for await (const { position, bytes } of this.reader.entries(this.read, size)) {
      const { source, id } = JSON.parse(new TextDecoder().decode(bytes)) as { source: string; id: string };
      this.positions.set(nameOf({ source, id }), position);
    }
    this.read = Math.max(this.read, size);
  }
}
