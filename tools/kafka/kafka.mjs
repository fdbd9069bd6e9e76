// A real Apache Kafka broker (KRaft, one node) for development and tests, from its Maven artifacts on Java 17. No dependencies.
//   node tools/kafka/kafka.mjs start [--port 9092] [--data DIR] [--fresh]
import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));
const pom = path.join(here, 'pom.xml');
const target = path.join(here, 'target');
const libs = path.join(target, 'lib');
const run = promisify(execFile);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Kafka cannot be had on this machine; the message says why and what to do. */
export class KafkaUnavailable extends Error {
  name = 'KafkaUnavailable';
}

/**
 * Makes sure that Java and the broker's jars are there. Downloads through Maven the first time (about 45 MB), later only looks.
 * Safe when several processes call it at once.
 * @returns {Promise<{java: string, classpath: string, version: string}>}
 */
export async function prepare({ quiet = true } = {}) {
  const java = await findJava();
  const wanted = createHash('sha256').update(fs.readFileSync(pom)).digest('hex');
  const version = /<artifactId>kafka_[\d.]+<\/artifactId>\s*<version>([^<]+)/.exec(fs.readFileSync(pom, 'utf8'))[1];
  const ready = () => readIfThere(path.join(target, 'ready')) === wanted;
  if (!ready()) {
    await withLock(path.join(target, 'lock'), async () => {
      if (ready()) return;
      await requireMaven();
      if (!quiet) console.error(`Fetching Apache Kafka ${version} through Maven (first time only) ...`);
      fs.rmSync(libs, { recursive: true, force: true });
      try {
        await run('mvn', ['-q', '-B', '-ntp', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${libs}`], {
          maxBuffer: 16 << 20,
          env: { ...process.env, MAVEN_OPTS: `${process.env.MAVEN_OPTS ?? ''} -Xmx256m` },
        });
      } catch (error) {
        throw new KafkaUnavailable(mavenFailure(`${error.stdout ?? ''}\n${error.stderr ?? ''}`), { cause: error });
      }
      fs.writeFileSync(path.join(target, 'ready'), wanted);
    });
  }
  return { java, classpath: path.join(libs, '*'), version };
}

/**
 * Starts a broker on the loopback interface; resolves when it answers.
 * @param {{port?: number, dataDir: string, fresh?: boolean, quiet?: boolean, detached?: boolean}} options a free port by default;
 *   `fresh` empties dataDir first
 * @returns {Promise<{brokers: string[], port: number, pid: number, exited: Promise<number|null>, stop(): Promise<void>, kill(): Promise<void>, wipe(): Promise<void>, unref(): void}>}
 *   stop: clean shutdown. kill: SIGKILL, as a crash. wipe: stops if need be and deletes the data. unref: this process may end before the broker.
 */
export async function startKafka({ port, dataDir, fresh = false, quiet = true }) {
  const { java, classpath } = await prepare({ quiet });
  const data = path.resolve(dataDir);
  if (fresh) fs.rmSync(path.join(data, 'log'), { recursive: true, force: true });
  fs.mkdirSync(data, { recursive: true });
  const listenOn = port ?? (await freePort());
  if (await answers(listenOn)) {
    throw new Error(
      `Port ${listenOn} is taken. Another broker may be running: use it through KAFKA_BROKERS, stop it, or choose another --port.`,
    );
  }
  const controller = await freePort(listenOn);
  const node = await startNode({
    data,
    port: listenOn,
    properties: properties(data, listenOn, controller),
    // A leading dash would be read as an option.
    format: ['--standalone', '-t', `0${randomBytes(16).toString('base64url').slice(1)}`],
    prepared: { java, classpath },
  });
  return {
    brokers: [`127.0.0.1:${listenOn}`],
    ...node,
    wipe: async () => {
      await node.stop();
      fs.rmSync(path.join(data, 'log'), { recursive: true, force: true });
    },
  };
}

/**
 * Runs one node on what its directory holds, which is formatted when it is new; resolves when it answers and knows of `least` brokers.
 * @param {{data: string, port: number, properties: string, format: string[], prepared: {java: string, classpath: string}, heap?: [number, number], compilers?: 1 | 4, least?: number, patienceMs?: number}} options
 *   `heap`: megabytes at first and at most; `compilers`: 1 starts on a third less work, 4 is faster after minutes; `format`: what StorageTool is told besides the configuration
 */
export async function startNode({
  data,
  port,
  properties,
  format,
  prepared: { java, classpath },
  heap = [128, 512],
  compilers = 4,
  least = 1,
  patienceMs = 60_000,
}) {
  fs.mkdirSync(data, { recursive: true });
  const config = path.join(data, 'server.properties');
  fs.writeFileSync(config, properties);
  const logging = path.join(data, 'log4j2.properties');
  fs.writeFileSync(logging, log4j(path.join(data, 'broker.log')));
  const options = ([first, most]) => [
    `-Xms${first}m`,
    `-Xmx${most}m`,
    '-XX:+UseSerialGC',
    `-XX:TieredStopAtLevel=${compilers}`,
    '-Xshare:auto',
    '-Djava.awt.headless=true',
    `-Dlog4j2.configurationFile=${logging}`,
    '-Dlog4j2.disableJmx=true',
    '-cp',
    classpath,
  ];
  if (!fs.existsSync(path.join(data, 'log', 'meta.properties'))) {
    try {
      await run(java, [...options([64, 256]), 'kafka.tools.StorageTool', 'format', ...format, '-c', config]);
    } catch (error) {
      throw new Error(`Formatting ${data} for Kafka failed:\n${tail(`${error.stdout ?? ''}${error.stderr ?? ''}`)}`, { cause: error });
    }
  }
  let output = '';
  const child = spawn(java, [...options(heap), 'kafka.Kafka', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  // For whoever clears up after a process that was killed.
  const pidFile = path.join(data, 'pid');
  fs.writeFileSync(pidFile, `${child.pid}\n`);
  const keep = (chunk) => (output = (output + chunk).slice(-8_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let gone = false;
  const exited = new Promise((resolve) => {
    child.once('error', (error) => keep(String(error)));
    child.once('close', (code) => {
      gone = true;
      fs.rmSync(pidFile, { force: true });
      resolve(code);
    });
  });
  const end = async (signal) => {
    if (!gone) child.kill(signal);
    await exited;
  };
  const stop = async () => {
    const forced = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await end('SIGTERM');
    clearTimeout(forced);
  };
  const deadline = Date.now() + patienceMs;
  while (!(await ready(port, least))) {
    if (gone || Date.now() > deadline) {
      await end('SIGKILL');
      throw new Error(
        `Kafka did not come up on port ${port}. Its last words:\n${tail(output || readIfThere(path.join(data, 'broker.log')) || '')}`,
      );
    }
    await pause(50);
  }
  return {
    port,
    pid: child.pid,
    exited,
    stop,
    kill: () => end('SIGKILL'),
    unref: () => [child, child.stdout, child.stderr].forEach((handle) => handle.unref()),
  };
}

const properties = (data, port, controller) => `process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${path.join(data, 'log').replaceAll('\\', '/')}
num.partitions=6
auto.create.topics.enable=false
delete.topic.enable=true
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=2
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
log.segment.bytes=134217728
log.cleaner.dedupe.buffer.size=4194304
`;

const log4j = (file) => `status=error
name=kafka
appender.file.type=RollingFile
appender.file.name=file
appender.file.fileName=${file.replaceAll('\\', '/')}
appender.file.filePattern=${file.replaceAll('\\', '/')}.%i
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d %p %c{1} %m%n
appender.file.policies.type=Policies
appender.file.policies.size.type=SizeBasedTriggeringPolicy
appender.file.policies.size.size=10MB
appender.file.strategy.type=DefaultRolloverStrategy
appender.file.strategy.max=2
rootLogger.level=warn
rootLogger.appenderRef.file.ref=file
`;

async function findJava() {
  const home = process.env.JAVA_HOME;
  const java = home && fs.existsSync(path.join(home, 'bin', 'java')) ? path.join(home, 'bin', 'java') : 'java';
  let text;
  try {
    const { stderr, stdout } = await run(java, ['-version']);
    text = stderr || stdout;
  } catch (cause) {
    throw new KafkaUnavailable(
      'Kafka needs Java 17 or newer, and no `java` was found. Install one (Debian: apt install openjdk-17-jre-headless), or set JAVA_HOME, ' +
        'or point KAFKA_BROKERS at a broker that runs elsewhere.',
      { cause },
    );
  }
  const major = Number(/version "(?:1\.)?(\d+)/.exec(text)?.[1] ?? 0);
  if (major < 17) {
    throw new KafkaUnavailable(
      `Kafka needs Java 17 or newer; ${java} is version ${major || 'unknown'}. Install Java 17 or set JAVA_HOME to one.`,
    );
  }
  return java;
}

async function requireMaven() {
  try {
    await run('mvn', ['-v']);
  } catch (cause) {
    throw new KafkaUnavailable(
      'The broker is fetched through Maven, and no `mvn` was found. Install it (Debian: apt install maven), ' +
        'or point KAFKA_BROKERS at a broker that runs elsewhere.',
      { cause },
    );
  }
}

function mavenFailure(output) {
  const offline =
    /Unknown host|Connection refused|Network is unreachable|Temporary failure in name resolution|timed out|offline mode/i.test(output);
  const what = offline
    ? 'Maven could not reach its repository. The first start needs the network (or a mirror in ~/.m2/settings.xml); later starts do not.'
    : 'Maven could not fetch the broker.';
  return `${what} Maven said:\n${tail(output)}`;
}

/** One holder at a time among processes; a holder that died loses it. */
async function withLock(file, work) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  for (;;) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const holder = Number(readIfThere(file));
      if (holder && !alive(holder)) fs.rmSync(file, { force: true });
      await pause(100);
    }
  }
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

const tail = (text) => text.trim().split('\n').slice(-12).join('\n');

/** Another one than `taken`: a port that was free a moment ago may be given out again. */
export const freePort = (taken) =>
  new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port === taken ? freePort(taken) : port));
    });
  });

const answers = (port) =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(Boolean(socket.destroy())));
    socket.once('error', () => resolve(false));
  });

/** Whether the broker lists itself: Metadata request version 1 for no topic, answered with at least so many brokers. */
const ready = (port, least) =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    const request = Buffer.from('00000010000300010000000100026f6b00000000', 'hex');
    let answer = Buffer.alloc(0);
    const done = (value) => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(1_000, () => done(false));
    socket.once('error', () => done(false));
    socket.once('connect', () => socket.write(request));
    socket.on('close', () => resolve(false));
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      // size, correlation id, number of brokers
      if (answer.length >= 12) done(answer.readInt32BE(8) >= least);
    });
  });

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { port: { type: 'string' }, data: { type: 'string' }, fresh: { type: 'boolean' } },
  });
  const port = Number(values.port ?? 9092);
  if (positionals[0] !== 'start' || !Number.isInteger(port) || port < 1 || port > 65_535) {
    console.error('Usage: node tools/kafka/kafka.mjs start [--port 9092] [--data DIR] [--fresh]');
    process.exit(2);
  }
  const dataDir = values.data ?? path.join(path.dirname(path.dirname(here)), '.attesta', 'kafka');
  const kafka = await startKafka({ port, dataDir, fresh: values.fresh ?? false, quiet: false });
  console.log(`Kafka ready: KAFKA_BROKERS=${kafka.brokers.join(',')}   data: ${dataDir}   Ctrl-C stops it`);
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void kafka.stop().then(() => process.exit(0));
    });
  }
  const code = await kafka.exited;
  if (!stopping) {
    console.error(`Kafka ended by itself (exit code ${code}); see ${path.join(dataDir, 'broker.log')}`);
    process.exit(1);
  }
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}
