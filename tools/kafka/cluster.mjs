// Several Apache Kafka brokers on this machine that replicate each other, for tests that take them away one by one. No dependencies.
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { freePort, prepare, startNode } from './kafka.mjs';

/** Megabytes of heap: several fit on a small machine. */
const HEAP = [96, 384];
/** Three start at the same time, and one that was killed reads its data anew. */
const PATIENCE_MS = 180_000;

/**
 * Starts a KRaft cluster on the loopback interface in which each node is broker and controller; resolves when every broker knows all the others.
 * Every topic has three replicas and takes a write once two have it, the cluster's own topics too.
 * @param {{dataDir: string, nodes?: number}} options three nodes by default
 * @returns {Promise<{brokers: string[], nodes: ClusterNode[], stop(): Promise<void>}>} brokers: all, whether they run or not
 */
export async function startCluster({ dataDir, nodes: count = 3 }) {
  const prepared = await prepare();
  const taken = new Set();
  const port = async () => {
    for (;;) {
      const free = await freePort();
      if (!taken.has(free)) return (taken.add(free), free);
    }
  };
  const ports = [];
  for (let i = 0; i < count; i++) ports.push({ broker: await port(), controller: await port() });
  // A leading dash would be read as an option.
  const clusterId = `0${randomBytes(16).toString('base64url').slice(1)}`;
  const voters = ports.map(({ controller }, i) => `${i + 1}@127.0.0.1:${controller}`).join(',');
  const nodes = ports.map((own, i) => {
    const data = path.resolve(dataDir, `node-${i + 1}`);
    return new ClusterNode(i + 1, own.broker, (least) =>
      startNode({
        data,
        port: own.broker,
        properties: properties(data, i + 1, own, voters, Math.min(count, 3)),
        format: ['-t', clusterId],
        prepared,
        heap: HEAP,
        compilers: 1,
        least,
        patienceMs: PATIENCE_MS,
      }),
    );
  });
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    await Promise.all(nodes.map((node) => node.start(count)));
  } catch (error) {
    await Promise.all(nodes.map((node) => node.kill()));
    throw error;
  }
  return { brokers: nodes.map(({ address }) => address), nodes, stop };
}

/** One broker. Stopped or killed it keeps its data, its id and its port. */
class ClusterNode {
  #launch;
  #running;

  constructor(id, port, launch) {
    this.id = id;
    this.address = `127.0.0.1:${port}`;
    this.#launch = launch;
  }

  /** Of the process; undefined while there is none. */
  get pid() {
    return this.#running?.pid;
  }

  /** Resolves when it answers again, and knows of `least` brokers. */
  async start(least = 1) {
    const node = await this.#launch(least);
    node.unref();
    this.#running = node;
  }

  /** Clean: it hands the partitions that it leads to others first. */
  async stop() {
    await this.#end((node) => node.stop());
  }

  /** SIGKILL, as a crash. */
  async kill() {
    await this.#end((node) => node.kill());
  }

  async #end(how) {
    const node = this.#running;
    if (node) await how(node);
    if (this.#running === node) this.#running = undefined;
  }
}

const properties = (data, id, { broker, controller }, voters, copies) => `process.roles=broker,controller
node.id=${id}
controller.quorum.voters=${voters}
listeners=PLAINTEXT://127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${path.join(data, 'log').replaceAll('\\', '/')}
num.partitions=6
auto.create.topics.enable=false
delete.topic.enable=true
default.replication.factor=${copies}
min.insync.replicas=${Math.max(1, copies - 1)}
unclean.leader.election.enable=false
offsets.topic.replication.factor=${copies}
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=${copies}
transaction.state.log.min.isr=${Math.max(1, copies - 1)}
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=${copies}
share.coordinator.state.topic.min.isr=${Math.max(1, copies - 1)}
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
num.network.threads=2
num.io.threads=4
num.replica.fetchers=1
num.recovery.threads.per.data.dir=2
log.segment.bytes=134217728
log.cleaner.dedupe.buffer.size=4194304
`;
