import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort, isRunning, startPostgres } from '@attesta/event-log/embedded';
import { startDistributed, type Distributed } from '@attesta/standalone';
import { asSuperuser, pause, until } from './at-rest.js';
import type { LogAccess } from './history.js';
import type { Chaos } from './round.js';

interface Broker {
  brokers: string[];
  port: number;
  pid: number;
  stop(): Promise<void>;
  kill(): Promise<void>;
  wipe(): Promise<void>;
  unref(): void;
}

const SETTINGS = { max_connections: '200', max_wal_size: '2GB' };

/** The distributed system, each service a process of its own, on a PostgreSQL and a Kafka that can be broken. */
export class Fleet {
  private constructor(
    readonly home: string,
    readonly system: Distributed,
    private broker: Broker,
    private readonly startBroker: () => Promise<Broker>,
    private readonly port: number,
  ) {}

  static async start(chaos: Chaos): Promise<Fleet> {
    const home = chaos.scratch();
    const tool = (await import(pathToFileURL(path.join(chaos.root, 'tools/kafka/kafka.mjs')).href)) as {
      startKafka(options: { dataDir: string; port?: number }): Promise<Broker>;
    };
    const port = await freePort();
    const kafkaPort = await freePort();
    const startBroker = async () => {
      const broker = await tool.startKafka({ dataDir: path.join(home, 'kafka'), port: kafkaPort });
      broker.unref();
      chaos.cleanup.atExit(() => process.kill(broker.pid, 'SIGKILL'));
      return broker;
    };
    const broker = await startBroker();
    await startPostgres({ dataDir: home, port, settings: SETTINGS });
    chaos.cleanup.atExit(() => process.kill(pidOf(home), 'SIGQUIT'));
    const system = await startDistributed({
      home,
      port: 0,
      origin: 'chaos.example/log',
      policyFile: path.join(chaos.root, 'policies/m-med.yaml'),
      brokers: broker.brokers,
      logLevel: 'off',
      onOutput: (service, text) => fs.appendFileSync(path.join(home, `${service}.log`), text),
    });
    const fleet = new Fleet(home, system, broker, startBroker, port);
    chaos.cleanup.defer(() => fleet.stop());
    return fleet;
  }

  get log(): LogAccess {
    return { url: this.system.url, token: () => this.system.issuer.issueToken('auditor') };
  }

  /** As a machine that loses its power: nothing is flushed, every connection breaks. Resolves when it answers again. */
  async crashPostgres(): Promise<void> {
    const pid = pidOf(this.home);
    process.kill(pid, 'SIGQUIT');
    await until('PostgreSQL to have ended', () => Promise.resolve(!alive(pid)));
    await startPostgres({ dataDir: this.home, port: this.port, settings: SETTINGS });
  }

  /** Every connection to a service's database, as a failover or a firewall does. @returns how many were cut */
  async cutConnections(database: string): Promise<number> {
    return asSuperuser(this.system, 'postgres', async (client) => {
      const { rowCount } = await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [database]);
      return rowCount ?? 0;
    });
  }

  async restartBroker(how: 'stop' | 'kill' | 'wipe', downForMs: number): Promise<void> {
    await this.broker[how]();
    await pause(downForMs);
    this.broker = await this.startBroker();
  }

  /** Resolves when every service answers ready. */
  async ready(): Promise<void> {
    await until('every service to be ready', () =>
      this.system.ready().then(
        () => true,
        () => false,
      ),
    );
  }

  async stop(): Promise<void> {
    await this.system.stop();
    // The one that the system was started with, or one that came after it.
    if (await isRunning(this.home)) await (await startPostgres({ dataDir: this.home })).stop();
    await this.broker.stop();
  }
}

const pidOf = (home: string): number => Number(fs.readFileSync(path.join(home, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
