import { TestLedger, testDatabase, type Happening, type TestDatabase } from '@attesta/testing';
import type { Erasures } from '@attesta/service-kit';
import { PostgresFeed } from '@attesta/transport';
import { Audit, type AuditOptions } from './audit.js';
import { policy } from './policy-rig.js';

/** The ledger's directory, as far as it tells who was erased. */
export class TestErasures {
  readonly erased: string[] = [];
  erasures = (after: number, limit: number): Promise<Erasures> => {
    const all = this.erased.map((subject, i) => ({ n: i + 1, subject }));
    return Promise.resolve({ erasures: all.slice(after, after + limit), last: all.length });
  };
}

export interface AuditRig {
  ledger: TestLedger;
  db: TestDatabase;
  audit: Audit;
  /** Seals, waits until it is in the registers, and answers the position. */
  report(happening: Happening): Promise<number>;
  /** Seals what our own log says, as the outbox and the ledger would. */
  carryOutbox(): Promise<void>;
  close(): Promise<void>;
}

/** @param ledger one that has a log already */
export async function auditRig(options: Partial<AuditOptions> = {}, ledger = new TestLedger()): Promise<AuditRig> {
  const db = await testDatabase();
  const audit = await Audit.open({
    databaseUrl: db.url,
    feed: new PostgresFeed(ledger),
    policy,
    directory: new TestErasures(),
    fetchLog: ledger.fetchLog,
    verifierKey: ledger.key.verifierKey,
    ...options,
  });
  let carried = -1;
  return {
    ledger,
    db,
    audit,
    async report(happening) {
      const position = ledger.seal(happening);
      await audit.caughtUp(position);
      return position;
    },
    async carryOutbox() {
      for (const event of await audit.log.read(carried, 1_000)) {
        carried = event.position;
        const { id, type, subject, data, time, actor } = event;
        ledger.seal({ id, type, data, time, source: '//attesta/audit', ...(subject && { subject }), ...(actor && { actor }) });
      }
      await audit.caughtUp(ledger.stored.length - 1);
    },
    async close() {
      await audit.close();
      await db.drop();
    },
  };
}

/** The same UUID for the same number. */
export const person = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

const lawful = { categories: ['contact'], purposes: ['service-fulfilment'], basis: 'contract' };

export const collection = (subject: string, data: Record<string, unknown> = {}, time?: string): Happening => ({
  type: 'attesta.collection.recorded.v1',
  subject,
  data: {
    ...lawful,
    occasion: 'registration',
    method: 'online-form',
    channel: 'web',
    origin: 'subject',
    noticeVersion: '2022-08-10',
    ...data,
  },
  ...(time !== undefined && { time }),
});

export const disclosure = (
  subject: string | undefined,
  recipient: string,
  data: Record<string, unknown> = {},
  time?: string,
): Happening => ({
  type: 'attesta.disclosure.recorded.v1',
  ...(subject !== undefined && { subject }),
  data: { ...lawful, recipient, initiator: 'controller', ...data },
  ...(time !== undefined && { time }),
});

export const use = (subject: string, data: Record<string, unknown> = {}, time?: string): Happening => ({
  type: 'attesta.use.recorded.v1',
  subject,
  data: { ...lawful, operation: 'send', ...data },
  ...(time !== undefined && { time }),
});

export const consent = (
  subject: string,
  status: 'given' | 'refused' | 'withdrawn',
  purposes: string[],
  data: Record<string, unknown> = {},
  time?: string,
): Happening => ({
  type: 'attesta.consent.captured.v1',
  subject,
  data: { purposes, status, method: 'checkbox', noticeVersion: '2022-08-10', language: 'en', ...data },
  ...(time !== undefined && { time }),
});

export const link = (subject: string, identity: string, kind = 'device', linked = true): Happening => ({
  type: `attesta.identifier.${linked ? 'linked' : 'unlinked'}.v1`,
  subject,
  data: { kind, rule: 'login', related: [{ subject: identity, role: 'linked' }] },
});

/** What became of a message; `outcome` as the type of the event has it. */
export const message = (subject: string | undefined, outcome: string, data: Record<string, unknown> = {}, time?: string): Happening => ({
  type: `attesta.message.${outcome}.v1`,
  ...(subject !== undefined && { subject }),
  source: '//attesta/notification',
  data: {
    message: person(500),
    channel: 'email',
    ...(outcome !== 'delivered' &&
      outcome !== 'bounced' && {
        template: 'newsletter',
        purpose: 'marketing',
        kind: 'marketing',
        cause: { source: '//shop.test', id: 'c-1' },
      }),
    ...(outcome === 'handed-off' && { exposed: [] }),
    ...((outcome === 'suppressed' || outcome === 'failed') && { queuedAt: '2026-03-01T08:00:00.000Z' }),
    ...data,
  },
  ...(time !== undefined && { time }),
});

export const breach = (event: string, data: Record<string, unknown>, subject?: string): Happening => ({
  type: `attesta.breach.${event}.v1`,
  ...(subject !== undefined && { subject }),
  source: '//attesta/notification',
  data: { breach: person(600), ...data },
});

export const objection = (subject: string, objects: boolean, purposes: string[], time?: string): Happening => ({
  type: `attesta.objection.${objects ? 'raised' : 'withdrawn'}.v1`,
  subject,
  data: { purposes, method: 'online-form' },
  ...(time !== undefined && { time }),
});

/** The ledger destroyed all keys of these people. */
export const forgotten = (subject: string | undefined, ...others: string[]): Happening => ({
  type: 'attesta.key.destroyed.v1',
  source: '//attesta/ledger',
  ...(subject !== undefined && { subject }),
  data: {
    keys: [...(subject === undefined ? [] : [subject]), ...others].map((one) => ({ subject: one, key: 'contact.1' })),
    scope: 'subject',
    reason: 'asked for',
    method: 'crypto-shredding',
  },
});

/** A disposal of what was collected until a time. */
export const disposed = (
  subject: string,
  categories: string[],
  until: string,
  data: Record<string, unknown> = {},
  time = until,
): Happening => ({
  type: 'attesta.disposal.completed.v1',
  subject,
  source: '//attesta/retention',
  data: {
    disposal: person(900),
    cause: 'schedule',
    outcome: 'complete',
    action: 'destroy',
    scope: 'class',
    rules: [],
    categories,
    keys: ['contact.1'],
    parts: 1,
    collected: { from: until, until },
    survivors: [],
    acknowledgements: [],
    methods: ['crypto-shredding'],
    priorNotice: 'not-required',
    ...data,
  },
  time,
});
