import { type TestLedger, type Happening } from '@attesta/testing';
import { PostgresFeed, type SealedFeed } from '@attesta/transport';
import { unzipSync } from 'fflate';
import { Audit } from './audit.js';
import { REGISTER_TABLES } from './audit.schema.js';
import {
  auditRig,
  breach,
  collection,
  consent,
  disclosure,
  disposed,
  forgotten,
  link,
  message,
  objection,
  person,
  TestErasures,
  use,
  type AuditRig,
} from './audit-rig.js';
import { collectEvidence } from './evidence.js';
import { readFindings } from './findings.projection.js';
import { recordOf } from './links.projection.js';
import { ANNA, PHONE, TwoPartitions } from './partitions-rig.js';
import { policy } from './policy-rig.js';
import { readTimeline } from './timeline.projection.js';

const BEN = person(70);
/** What leads to Anna through other systems, or what somebody wrote about her. */
const POINTERS = ['order-17', 'visit-4', 'warrant-12', 'case-9', 'anna-sub', 'she-said-so', 'code-s4', 'matter-3', 'made-due-5', 'stop-6'];

const looked = (actor: string, role: string): Happening => ({
  type: 'attesta.access.recorded.v1',
  subject: ANNA,
  actor,
  data: { action: 'timeline.read', resource: 'GET /v1/subjects/:id/timeline', reason: 'case-9', outcome: 'allowed', role },
});

/** Everything that may be sealed about Anna and her account elsewhere, of whom she is forgotten in the middle, and the account at the end. */
const STORY: Happening[] = [
  collection(ANNA, { context: { order: 'order-17', visit: 'visit-4' }, origin: 'third-party', originParty: 'promotion-partner' }),
  link(ANNA, PHONE, 'third-party-account'),
  { ...consent(ANNA, 'given', ['marketing'], { reason: 'she-said-so' }), actor: 'anna-sub' },
  { ...collection(PHONE), sealed: [{ subject: PHONE, key: 'contact.1' }] },
  collection(BEN, { related: [{ subject: ANNA, role: 'friend' }], context: { order: 'bens-order' } }),
  use(ANNA, { purposes: ['personalisation'], basis: 'consent' }),
  link(ANNA, PHONE, 'third-party-account', false),
  collection(PHONE),
  disclosure(ANNA, 'police', {
    purposes: ['legal-compliance'],
    basis: 'legal-obligation',
    basisCitation: 'code-s4',
    legalReference: 'warrant-12',
    initiator: 'authority',
  }),
  disclosure(undefined, 'app-publisher', { context: { order: 'order-17' }, related: [{ subject: ANNA }, { subject: PHONE }] }),
  looked('auditor-7', 'auditor'),
  looked('anna-sub', 'subject'),
  {
    type: 'attesta.hold.placed.v1',
    subject: ANNA,
    data: { hold: person(901), matter: 'matter-3', reason: 'case-9', categories: ['contact'] },
  },
  { type: 'attesta.finding.resolved.v1', subject: ANNA, data: { finding: 'x:1', reason: 'she-said-so' } },
  objection(ANNA, true, ['marketing']),
  message(ANNA, 'handed-off', { cause: { source: '//shop.test', id: 'made-due-5' } }, '2026-03-05T00:00:00.000Z'),
  message(ANNA, 'suppressed', { reason: 'not-allowed', withdrawal: { source: '//shop.test', id: 'stop-6' } }),
  breach('person-named', {}, ANNA),
  forgotten(ANNA),
  disposed(ANNA, ['contact'], '2026-03-02T00:00:00.000Z', { scope: 'subject' }),
  collection(PHONE),
  link(BEN, ANNA, 'contact'),
  use(BEN, { purposes: ['marketing'], basis: 'consent' }),
  use(ANNA, {}, '2026-03-03T00:00:00.000Z'),
  collection(ANNA, { context: { order: 'order-17' } }),
  forgotten(undefined, PHONE),
  collection(BEN, { related: [{ subject: PHONE }] }),
];
const DESTROYED = STORY.findIndex(({ type }) => type === 'attesta.key.destroyed.v1');
const LAST = STORY.length - 1;

const rigs: AuditRig[] = [];
async function openRig(...given: Parameters<typeof auditRig>): Promise<AuditRig> {
  const rig = await auditRig(...given);
  rigs.push(rig);
  return rig;
}
afterEach(async () => {
  await Promise.all(rigs.splice(0).map((rig) => rig.close()));
});

/** Followed the log entry by entry as it grew, and was purged on the way. */
async function purged(upto = LAST): Promise<AuditRig> {
  const rig = await openRig();
  for (const happening of STORY.slice(0, upto + 1)) await rig.report(happening);
  return rig;
}

async function tablesOf({ db }: Pick<AuditRig, 'db'>): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of [...REGISTER_TABLES, 'forgotten']) {
    const { rows } = await db.pool.query<{ row: string }>(`select to_jsonb(t)::text as row from ${table} t order by 1`);
    found[table] = rows.map(({ row }) => row);
  }
  return found;
}

/** All that the registers hold, bytes as the text they are. */
async function textOf(rig: Pick<AuditRig, 'db'>): Promise<string> {
  const { rows } = await rig.db.pool.query<{ text: string }>(`select convert_from(bytes, 'UTF8') as text from timeline`);
  return JSON.stringify([await tablesOf(rig), rows]);
}

const timelineOf = async ({ audit }: AuditRig, subject: string) =>
  (await readTimeline(audit.pool, subject, { asOf: LAST, limit: 500 })).rows;

describe('somebody who is forgotten', () => {
  it('has rows that lead to nobody, and still tell what was done', async () => {
    const rig = await purged();
    const text = await textOf(rig);
    for (const pointer of POINTERS) expect(text).not.toContain(pointer);
    expect(text).toContain('bens-order');
    const rows = await timelineOf(rig, ANNA);
    expect(rows.every(({ reduced }) => reduced)).toBe(true);
    expect(rows.map(({ position, title }) => [position, title]).reverse()).toEqual([
      [0, 'Personal data was collected'],
      [1, 'An identity was linked'],
      [2, 'A consent choice was captured'],
      [5, 'Personal data was used'],
      [6, 'An identity was unlinked'],
      [8, 'Personal data was disclosed'],
      [10, 'Access to personal data'],
      [11, 'Access to personal data'],
      [12, 'A legal hold was placed'],
      [13, 'A finding was resolved'],
      [14, 'A person objected to processing'],
      [15, 'A message was handed off'],
      [16, 'A message was suppressed'],
      [17, 'A person was named as concerned by a breach'],
      [18, 'Data keys were destroyed'],
      [19, 'A disposal was completed'],
      [23, 'Personal data was used'],
      [24, 'Personal data was collected'],
    ]);
    expect(rows.at(-1)!.data).toMatchObject({
      categories: ['contact'],
      purposes: ['service-fulfilment'],
      basis: 'contract',
      channel: 'web',
    });
    for (const { position, leafHash } of rows) expect(leafHash).toBe(rig.ledger.stored[position]!.leafHash.toString('base64'));
  });

  it('is named by nobody else, and tied to nobody', async () => {
    const rig = await purged();
    for (const other of [BEN, PHONE]) expect(JSON.stringify(await timelineOf(rig, other))).not.toContain(ANNA);
    expect((await rig.db.pool.query('select * from link')).rows).toEqual([]);
  });

  it('leaves who looked at them accountable', async () => {
    const rig = await purged();
    const { rows } = await rig.db.pool.query('select actor, reason, resource from access order by position');
    expect(rows).toMatchObject([
      { actor: 'auditor-7', reason: null, resource: 'GET /v1/subjects/:id/timeline' },
      { actor: null, reason: null },
    ]);
  });

  it('can be proved about: evidence has the entries as they were sealed', async () => {
    const rig = await purged();
    const { zip, listed } = await collectEvidence(rig.audit, { subject: ANNA, ownOnly: true });
    const files = unzipSync(zip);
    expect(listed).toHaveLength(18);
    for (const position of listed) {
      expect(Buffer.from(files[`entries/${position}.json`]!)).toEqual(rig.ledger.stored[position]!.bytes);
    }
  });

  it('changes no finding', async () => {
    const before = await purged(DESTROYED - 1);
    const found = await readFindings(before.audit.pool, { asOf: LAST, limit: 50 });
    expect(found.map(({ finding }) => finding)).toEqual(['mail-after-withdrawal:15', 'collection-after-unlink:7', 'use-without-consent:5']);
    await before.report(forgotten(ANNA));
    expect(await readFindings(before.audit.pool, { asOf: LAST, limit: 50 })).toEqual(found);
    // Once the tie is forgotten, the account is a stranger's.
    await before.report(collection(PHONE));
    expect(await readFindings(before.audit.pool, { asOf: LAST, limit: 50 })).toEqual(found);
  });
});

describe('a rebuilt register equals the purged one', () => {
  let live: AuditRig;
  beforeAll(async () => {
    live = await purged();
    rigs.pop();
  });
  afterAll(() => live.close());

  it.each([1, 2, 3, 5, 1_000])('in batches of %i', async (batchSize) => {
    const rebuilt = await openRig({ batchSize }, live.ledger);
    await rebuilt.audit.caughtUp(LAST);
    expect(await tablesOf(rebuilt)).toEqual(await tablesOf(live));
  });

  it.each([
    ['one partition after the other', [0, 1], [LAST]],
    ['the other first', [1, 0], [LAST]],
    ['in turns', [0, 1], STORY.map((_, position) => position)],
    ['in turns, the other first', [1, 0], STORY.map((_, position) => position)],
    ['one ahead of the other', [1, 0], [DESTROYED, LAST]],
  ])('over several partitions, %s', async (_how, order, steps) => {
    const feed = new TwoPartitions(live.ledger);
    const rebuilt = await openRig({ feed }, live.ledger);
    for (const upto of steps) for (const partition of order) await feed.deliver(partition, upto);
    await rebuilt.audit.caughtUp(LAST);
    expect(await tablesOf(rebuilt)).toEqual(await tablesOf(live));
  });

  it('in place, without ever holding who is forgotten', async () => {
    const rig = await purged();
    const before = await tablesOf(rig);
    await rig.audit.rebuild();
    await rig.audit.caughtUp(LAST);
    expect(await tablesOf(rig)).toEqual(before);
  });

  it.each([LAST, DESTROYED, DESTROYED - 1, 3])('and so do its digests, as of position %i', async (upto) => {
    expect(await live.audit.recount(upto)).toEqual(await live.audit.digest(upto));
  });
});

describe('a database that was restored', () => {
  /** Delivers nothing until it is told to. */
  class HeldFeed implements SealedFeed {
    private release!: () => void;
    private readonly released = new Promise<void>((resolve) => (this.release = resolve));
    constructor(private readonly ledger: TestLedger) {}
    flow = () => this.release();
    subscribe: SealedFeed['subscribe'] = (options) =>
      new PostgresFeed(this.ledger).subscribe({
        ...options,
        handle: async (events, tx) => {
          await this.released;
          await options.handle(events, tx);
        },
      });
  }

  it('has forgotten whoever was erased since before it is asked anything, and in the end equals the one that was not', async () => {
    const yesterday = await purged(DESTROYED - 1);
    await yesterday.audit.close();
    const directory = new TestErasures();
    directory.erased.push(ANNA, PHONE);
    const held = new HeldFeed(yesterday.ledger);
    const today = await Audit.open({
      databaseUrl: yesterday.db.url,
      feed: held,
      policy,
      directory,
      fetchLog: yesterday.ledger.fetchLog,
      verifierKey: yesterday.ledger.key.verifierKey,
      now: () => new Date('2026-03-04T00:00:00.000Z'),
    });
    const text = await textOf(yesterday);
    for (const pointer of POINTERS) expect(text).not.toContain(pointer);
    expect(JSON.stringify(await recordOf(today.pool, ANNA, LAST))).not.toContain(PHONE);
    expect(await today.log.readStream('erasures')).toMatchObject([
      { type: 'attesta.erasures.replayed.v1', data: { database: 'audit', people: 2, keys: 0, ciphertexts: 0 } },
    ]);
    for (const happening of STORY.slice(DESTROYED)) yesterday.ledger.seal(happening);
    held.flow();
    await today.caughtUp(LAST);
    const rebuilt = await openRig({}, yesterday.ledger);
    await rebuilt.audit.caughtUp(LAST);
    expect(await tablesOf(yesterday)).toEqual(await tablesOf(rebuilt));
    await today.close();
    rigs.splice(rigs.indexOf(yesterday), 1);
    await yesterday.db.drop();
  });
});
