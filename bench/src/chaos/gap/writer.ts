import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Appender, UNFENCED, type Appended, type Draft } from '@attesta/event-log';
import pg from 'pg';

export interface WriterOptions {
  url: string;
  name: string;
  random: () => number;
  /** Of its transactions that are rolled back, from 0 to 1. */
  share: number;
  onRollback(): void;
}

/** Appends through an appender of its own, whose transactions end in a rollback now and then, at the last moment; then it asks again under the same ids. */
export class Writer {
  /** Position by id. */
  readonly sealed = new Map<string, number>();
  private readonly appender: Appender;
  private count = 0;

  constructor(private readonly options: WriterOptions) {
    this.appender = new Appender({ lanes: 1, connect: () => this.connect() });
  }

  async run(going: () => boolean, batch: number): Promise<void> {
    while (going()) {
      let ids = Array.from({ length: 1 + Math.floor(this.options.random() * batch) }, () => `${this.options.name}-${this.count++}`);
      for (; ids.length > 0; await pause(0)) {
        const outcomes = await Promise.all(ids.map((id) => this.append(id)));
        ids = ids.filter((id, i) => !this.isSealed(id, outcomes[i]!));
      }
    }
  }

  close(): Promise<void> {
    return this.appender.close();
  }

  private isSealed(id: string, outcome: Appended): boolean {
    if (outcome.status === 'unavailable') return false;
    if (outcome.status !== 'sealed' && outcome.status !== 'duplicate') throw new Error(`${id} became ${outcome.status}`);
    this.sealed.set(id, outcome.position);
    return true;
  }

  private append(id: string): Promise<Appended> {
    return new Promise((settle) => this.appender.submit(draftOf(id, settle)));
  }

  /** A connection on which the append is a transaction of several statements, as a slow or dying server makes it. */
  private async connect(): Promise<pg.Client> {
    const { url, random, share, onRollback } = this.options;
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    const ask = client.query.bind(client) as (query: unknown, values?: unknown[]) => Promise<pg.QueryResult>;
    const query = async (asked: unknown, values?: unknown[]) => {
      if ((asked as { name?: string }).name !== 'append') return ask(asked, values);
      await ask('begin');
      const result = await ask(asked, values).catch(async (error: unknown) => {
        await ask('rollback');
        throw error;
      });
      if (random() >= share) {
        await ask('commit');
        return result;
      }
      await ask('rollback');
      onRollback();
      // Half of them as a conflict that the appender tries again by itself, half as a connection that is gone.
      throw Object.assign(new Error('rolled back'), random() < 0.5 ? { code: '40001' } : {});
    };
    return Object.assign(client, { query }) as pg.Client;
  }
}

function draftOf(id: string, settle: (outcome: Appended) => void): Draft {
  const subject = hash('sha256', id.slice(0, 3), 'hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
  return {
    key: hash('sha256', id, 'binary').slice(0, 16),
    content: hash('sha256', `content of ${id}`, 'binary').slice(0, 16),
    before: `{"data":{},"id":"${id}","recordedAt":"`,
    middle: '","source":"//gap.example"',
    after: ',"time":"2026-01-01T00:00:00Z","type":"attesta.use.recorded.v1","v":1}',
    subject: { id: subject, raw: Buffer.from(subject.replaceAll('-', ''), 'hex').toString('latin1') },
    cipher: null,
    trace: null,
    fence: UNFENCED,
    settle,
  };
}
