import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { number } from './bench.js';
import type { BenchOptions } from './options.js';

/** One line that says what the figures were measured on, and with. */
export async function describeMachine(root: string, postgres: string, { seconds, sizes }: BenchOptions): Promise<string> {
  const cpus = os.cpus();
  return [
    `${cpus.length} x ${cpus[0]?.model.trim() ?? 'unknown CPU'}`,
    `${number(os.totalmem() / 2 ** 30)} GiB`,
    `${os.type()} ${os.release()} ${os.arch()}`,
    `load ${number(os.loadavg()[0]!)} at the start`,
    `Node ${process.versions.node}`,
    `PostgreSQL ${postgres}`,
    `Kafka ${await kafkaVersion(root)}`,
    `logs of ${sizes.map(number).join(', ')} entries`,
    `${number(seconds)} s`,
  ].join('; ');
}

async function kafkaVersion(root: string): Promise<string> {
  const pom = await fs.readFile(path.join(root, 'tools/kafka/pom.xml'), 'utf8');
  return /<artifactId>kafka_[\d.]+<\/artifactId>\s*<version>([^<]+)/.exec(pom)?.[1] ?? 'unknown';
}
