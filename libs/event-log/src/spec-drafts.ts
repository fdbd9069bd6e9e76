import { hash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { Appender, type AppenderOptions } from './appender.js';
import { UNFENCED, type Appended, type Draft } from './draft.js';

/** A draft as the ledger would make it; `content` tells another event under the same id. For specs. */
export function draft(id: string, subject: string | undefined, settle: (outcome: Appended) => void, content = ''): Draft {
  return {
    key: hash('sha256', `source\0${id}`, 'binary').slice(0, 16),
    content: hash('sha256', `${id}${subject ?? ''}${content}`, 'binary').slice(0, 16),
    before: `{"data":{"note":"${content}"},"id":"${id}","recordedAt":"`,
    middle: '","source":"//spec"',
    after: ',"time":"2026-01-01T00:00:00Z","type":"attesta.spec.v1","v":1}',
    subject: subject === undefined ? undefined : { id: subject, raw: Buffer.from(subject.replaceAll('-', ''), 'hex').toString('latin1') },
    cipher: null,
    trace: null,
    fence: UNFENCED,
    settle,
  };
}

export const append = (appender: Appender, subject?: string, id: string = randomUUID(), content = ''): Promise<Appended> =>
  new Promise((settle) => appender.submit(draft(id, subject, settle, content)));

export const appenderOn = (url: string, options: Omit<AppenderOptions, 'connect'> = {}): Appender =>
  new Appender({
    ...options,
    connect: async () => {
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => undefined);
      await client.connect();
      return client;
    },
  });
