import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { NotRun } from './bench.js';
import type { Workshop } from './workshop.js';

interface KafkaTool {
  startKafka(options: { dataDir: string }): Promise<{ brokers: string[]; pid: number; stop(): Promise<void>; unref(): void }>;
}

/** Always a broker of our own: what stands in the topics of another would be measured along. @throws NotRun where none can be had */
export async function startBroker(workshop: Pick<Workshop, 'root' | 'cleanup' | 'say' | 'scratch'>): Promise<string[]> {
  const { cleanup } = workshop;
  const tool = (await import(pathToFileURL(path.join(workshop.root, 'tools/kafka/kafka.mjs')).href)) as KafkaTool;
  workshop.say('starting Kafka ...');
  try {
    const broker = await tool.startKafka({ dataDir: workshop.scratch('kafka') });
    broker.unref();
    cleanup.atExit(() => process.kill(broker.pid, 'SIGKILL'));
    cleanup.defer(() => broker.stop());
    return broker.brokers;
  } catch (error) {
    if (error instanceof Error && error.name === 'KafkaUnavailable') throw new NotRun(error.message);
    throw error;
  }
}
