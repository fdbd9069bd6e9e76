import { randomUUID } from 'node:crypto';
import { connectKafka, readSealedMessage, SEALED_TOPIC, type SealedMessage } from '@attesta/transport';
import { until } from './at-rest.js';

/** One partition, read from its start as a consumer does that skips what it had. */
export class Reading {
  events: number[] = [];
  again = 0;
  rewinds = 0;
  gaps: string[] = [];
  private reached = -1;
  private newest = -1;

  take(read: SealedMessage): void {
    if (read.kind === 'malformed') return void this.gaps.push('a message that is none of ours');
    if (read.kind === 'event') {
      const { position } = read.event;
      if (position < this.newest) this.rewinds++;
      this.newest = position;
      if (position <= this.reached) this.again++;
      else this.events.push(position);
    }
    if (read.previous > this.reached) this.gaps.push(`nothing between ${this.reached} and ${read.previous}`);
    this.reached = Math.max(this.reached, read.kind === 'event' ? read.event.position : read.upto);
  }
}

export interface TopicVerdict {
  problems: string[];
  /** Entries that stand in the topic more than once, one behind the other. */
  again: number;
  /** How often a partition goes back, at most. */
  rewinds: number;
}

/** The sealed topic holds every entry of the log, each partition's in order and chained; whoever takes the lead sends a little again, and nobody else does. */
export async function checkSealedTopic(brokers: string[], size: number, mostRewinds: number): Promise<TopicVerdict> {
  const kafka = connectKafka({ brokers, clientId: 'chaos' });
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId: `chaos-${randomUUID()}`, allowAutoTopicCreation: false });
  const readings = new Map<number, Reading>();
  try {
    await Promise.all([admin.connect(), consumer.connect()]);
    const left = new Map<number, number>();
    for (const { partition, high } of await admin.fetchTopicOffsets(SEALED_TOPIC)) {
      readings.set(partition, new Reading());
      if (Number(high) > 0) left.set(partition, Number(high));
    }
    await consumer.subscribe({ topic: SEALED_TOPIC, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: ({ partition, message }) => {
        if (left.has(partition)) readings.get(partition)!.take(readSealedMessage(message));
        if (Number(message.offset) + 1 >= left.get(partition)!) left.delete(partition);
        return Promise.resolve();
      },
    });
    await until('the sealed topic to be read', () => left.size === 0);
  } finally {
    await Promise.allSettled([admin.disconnect(), consumer.disconnect()]);
  }
  const problems: string[] = [];
  const rewinds = Math.max(...[...readings.values()].map((reading) => reading.rewinds));
  const there = new Set([...readings.values()].flatMap(({ events }) => events));
  const events = [...readings.values()].reduce((sum, reading) => sum + reading.events.length, 0);
  for (const [partition, { gaps }] of readings) {
    if (gaps.length > 0) problems.push(`partition ${partition} of the sealed topic has ${gaps.length} holes: ${gaps[0]}`);
  }
  if (there.size !== size || events !== size) problems.push(`the sealed topic holds ${there.size} of ${size} entries, in ${events} places`);
  if (rewinds > mostRewinds)
    problems.push(`a partition of the sealed topic goes back ${rewinds} times: more than one process carried the log`);
  return { problems, again: [...readings.values()].reduce((sum, reading) => sum + reading.again, 0), rewinds };
}
