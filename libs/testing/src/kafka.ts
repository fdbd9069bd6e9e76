import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export interface TestKafka {
  brokers: string[];
}

/** A broker of this process's own, which a test may crash and wipe. */
export interface OwnKafka extends TestKafka {
  port: number;
  dataDir: string;
  stop(): Promise<void>;
  kill(): Promise<void>;
  wipe(): Promise<void>;
}

interface KafkaTool {
  prepare(): Promise<unknown>;
  startKafka(options: { port?: number; dataDir: string; fresh?: boolean }): Promise<Omit<OwnKafka, 'dataDir'> & { unref(): void }>;
}

/** One broker of several. Stopped or killed it keeps its data, its id and its port. */
export interface ClusterNode {
  id: number;
  /** host:port */
  address: string;
  /** Of its process; undefined while there is none. */
  pid: number | undefined;
  /** Resolves when it answers again, and knows of `least` brokers. */
  start(least?: number): Promise<void>;
  /** Clean: it hands the partitions that it leads to others first. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** Brokers that replicate each other: every topic three times, and a write is taken once two have it. */
export interface OwnCluster extends TestKafka {
  nodes: ClusterNode[];
  stop(): Promise<void>;
}

// Relative to this file both in src and in dist.
const tools = (name: string): string => fileURLToPath(new URL(`../../../tools/kafka/${name}`, import.meta.url));
const tool = async (): Promise<KafkaTool> => (await import(tools('kafka.mjs'))) as KafkaTool;

let shared: Promise<TestKafka> | undefined;

/**
 * A real Kafka: $KAFKA_BROKERS, else one started for this process (one per jest worker) on a free port and a temporary directory, which ends
 * with the process. Undefined where none can be had.
 * @throws Error with the way to mend it when none can be had and REQUIRE_KAFKA=1.
 */
export async function testKafka(): Promise<TestKafka | undefined> {
  const given = process.env.KAFKA_BROKERS;
  if (given) return { brokers: given.split(',').map((broker) => broker.trim()) };
  const reason = await kafkaMissing();
  if (reason === undefined) return (shared ??= startOwnKafka());
  if (process.env.REQUIRE_KAFKA === '1') throw new Error(`REQUIRE_KAFKA=1, but there is no Kafka. ${reason}`);
  return undefined;
}

/** Starts another broker, for tests that crash or wipe it. Ends with the process at the latest. */
export async function startOwnKafka(port?: number, dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'attesta-kafka-'))): Promise<OwnKafka> {
  stopWithThisProcess(dataDir);
  const kafka = await (await tool()).startKafka({ port, dataDir });
  kafka.unref();
  return { ...kafka, dataDir };
}

/** Starts three brokers, for tests that take one away. They end with the process at the latest. */
export async function startOwnCluster(dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'attesta-kafka-'))): Promise<OwnCluster> {
  stopWithThisProcess(dataDir);
  const { startCluster } = (await import(tools('cluster.mjs'))) as { startCluster(options: { dataDir: string }): Promise<OwnCluster> };
  return startCluster({ dataDir });
}

/**
 * A suite that needs a real Kafka. Where none can be had it is one skipped test whose name says why; with REQUIRE_KAFKA=1 one failing test.
 * Call at the top of a spec file with `await`.
 */
export async function describeKafka(name: string, suite: () => void): Promise<void> {
  const reason = process.env.KAFKA_BROKERS ? undefined : await kafkaMissing();
  if (reason === undefined) return describe(name, suite);
  if (process.env.REQUIRE_KAFKA === '1') {
    return describe(name, () => {
      it('needs Kafka', () => {
        throw new Error(`REQUIRE_KAFKA=1, but there is no Kafka. ${reason}`);
      });
    });
  }
  describe(name, () => {
    it.skip(`skipped, no Kafka: ${reason.split('\n', 1)[0]}`, () => undefined);
  });
}

let missing: Promise<string | undefined> | undefined;

/** Why there is no Kafka on this machine; undefined when there is. */
function kafkaMissing(): Promise<string | undefined> {
  return (missing ??= (async () => {
    try {
      await (await tool()).prepare();
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  })());
}

/** Test processes are killed at will, so another process watches this one and clears up after it. */
function stopWithThisProcess(dataDir: string): void {
  const script =
    'while kill -0 "$1" 2>/dev/null; do sleep 1; done; cat "$2"/pid "$2"/*/pid 2>/dev/null | xargs -r kill -KILL 2>/dev/null; sleep 1; rm -rf "$2"';
  spawn('sh', ['-c', script, 'sh', String(process.pid), dataDir], { detached: true, stdio: 'ignore' }).unref();
}
