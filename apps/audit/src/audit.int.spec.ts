import { auditRig, collection, consent, disclosure, link, person, use, type AuditRig } from './audit-rig.js';
import { readAccessLog } from './access-log.projection.js';
import { readCollections } from './collections.projection.js';
import { readDisclosures } from './disclosures.projection.js';
import { readFindings } from './findings.projection.js';
import { recordOf } from './links.projection.js';
import { policy } from './policy-rig.js';
import { readRecipients } from './recipients.projection.js';
import { readThirdPartySources } from './third-party-sources.projection.js';
import { readTimeline } from './timeline.projection.js';

const ANNA = person(1);
const BEN = person(2);
const PHONE = person(3);
const EVERYTHING = { asOf: Number.MAX_SAFE_INTEGER, limit: 500 };

let rig: AuditRig;
beforeEach(async () => {
  rig = await auditRig();
});
afterEach(() => rig.close());

const timelineOf = async (subject: string, asOf = Number.MAX_SAFE_INTEGER) =>
  (await readTimeline(rig.audit.pool, subject, { asOf, limit: 500 })).rows.map(({ position }) => position);
const findings = (filter = {}) => readFindings(rig.audit.pool, { ...EVERYTHING, ...filter });

describe('the timeline of a person', () => {
  it('holds every entry about them, their own and those that relate to them, newest first', async () => {
    const own = await rig.report(collection(ANNA));
    await rig.report(collection(BEN));
    const about = await rig.report(collection(BEN, { related: [{ subject: ANNA, role: 'friend' }] }));
    expect(await timelineOf(ANNA)).toEqual([about, own]);
  });

  it('joins what a device did before and after its link, and stops at the unlink', async () => {
    const anonymous = await rig.report(collection(PHONE));
    const linked = await rig.report(link(ANNA, PHONE));
    const known = await rig.report(collection(PHONE));
    const unlinked = await rig.report(link(ANNA, PHONE, 'device', false));
    const later = await rig.report(collection(PHONE));
    expect(await timelineOf(ANNA)).toEqual([unlinked, known, linked, anonymous]);
    expect(await timelineOf(PHONE)).toEqual([later, unlinked, known, linked, anonymous]);
  });

  it('as of a position before the link shows nothing of the device', async () => {
    const own = await rig.report(collection(ANNA));
    const anonymous = await rig.report(collection(PHONE));
    const linked = await rig.report(link(ANNA, PHONE));
    expect(await timelineOf(ANNA, linked - 1)).toEqual([own]);
    expect(await timelineOf(ANNA, linked)).toEqual([linked, anonymous, own]);
  });

  it('pages without leaving out or repeating', async () => {
    for (let i = 0; i < 7; i++) await rig.report(collection(ANNA));
    const page = async (cursor?: number) => (await readTimeline(rig.audit.pool, ANNA, { asOf: 6, cursor, limit: 3 })).rows;
    const seen: number[] = [];
    for (let cursor: number | undefined; ;) {
      const rows = await page(cursor);
      seen.push(...rows.map(({ position }) => position));
      if (rows.length < 3) break;
      cursor = rows.at(-1)!.position;
    }
    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0]);
  });
});

it('an answer holds what the registers were known to have reached when it was asked for, however many were just told of less', async () => {
  for (let n = 0; n < 20; n++) {
    const [position] = await Promise.all([rig.report(collection(ANNA)), ...Array.from({ length: 10 }, () => rig.audit.standing.at())]);
    expect((await rig.audit.standing.at()).position).toBe(position);
  }
});

describe('collections and disclosures', () => {
  it('a form filed late shows when it happened and when it was recorded', async () => {
    await rig.report({
      ...collection(ANNA, { method: 'paper-form' }, '2026-02-01T08:00:00+07:00'),
      recordedAt: '2026-03-01T09:00:00.123Z',
    });
    const [row] = await readCollections(rig.audit.pool, EVERYTHING);
    expect(row).toMatchObject({ occurredAt: '2026-02-01T01:00:00.000Z', recordedAt: '2026-03-01T09:00:00.123Z', method: 'paper-form' });
  });

  it('can be asked by category, purpose, channel, method, origin and time', async () => {
    await rig.report(collection(ANNA, { categories: ['contact', 'identity'], channel: 'phone', method: 'phone' }));
    await rig.report(collection(BEN, { origin: 'third-party', originParty: 'group-company' }, '2026-04-01T00:00:00Z'));
    const subjects = async (filter: object) =>
      (await readCollections(rig.audit.pool, { ...EVERYTHING, ...filter })).map(({ subject }) => subject);
    expect(await subjects({ category: 'identity' })).toEqual([ANNA]);
    expect(await subjects({ channel: 'phone' })).toEqual([ANNA]);
    expect(await subjects({ method: 'online-form' })).toEqual([BEN]);
    expect(await subjects({ origin: 'third-party' })).toEqual([BEN]);
    expect(await subjects({ purpose: 'service-fulfilment' })).toEqual([BEN, ANNA]);
    expect(await subjects({ from: '2026-03-15T00:00:00Z' })).toEqual([BEN]);
    expect(await subjects({ to: '2026-03-15T00:00:00Z' })).toEqual([ANNA]);
    expect(await subjects({ spans: await recordOf(rig.audit.pool, ANNA, 9) })).toEqual([ANNA]);
  });

  it('a disclosure names the recipient with its role and country by the policy, and what it rested on', async () => {
    await rig.report(
      disclosure(ANNA, 'police', {
        purposes: ['legal-compliance'],
        basis: 'legal-obligation',
        basisCitation: 'CPC s.132',
        initiator: 'authority',
        legalReference: 'warrant 12/2026',
      }),
    );
    await rig.report(disclosure(ANNA, 'cloud-hosting', { country: 'JP', transferGround: 'contract' }));
    const rows = await readDisclosures(rig.audit.pool, policy, EVERYTHING);
    expect(rows).toMatchObject([
      { recipient: 'cloud-hosting', role: 'processor', country: 'JP', transferGround: 'contract', initiator: 'controller' },
      { recipient: 'police', role: 'authority', country: 'TH', basisCitation: 'CPC s.132', legalReference: 'warrant 12/2026' },
    ]);
    expect(await readDisclosures(rig.audit.pool, policy, { ...EVERYTHING, role: 'authority' })).toHaveLength(1);
    expect(
      await readDisclosures(rig.audit.pool, policy, { ...EVERYTHING, recipient: 'police', spans: await recordOf(rig.audit.pool, ANNA, 9) }),
    ).toHaveLength(1);
  });

  it('recipients are the parties of the policy; a link out counts without a person', async () => {
    await rig.report(disclosure(ANNA, 'app-publisher'));
    const last = await rig.report(disclosure(BEN, 'app-publisher'));
    await rig.report({ type: 'attesta.outbound-link.recorded.v1', data: { recipient: 'linked-site', page: '/partners' } });
    const rows = await readRecipients(rig.audit.pool, policy, 99);
    const of = (recipient: string) => rows.find((row) => row.recipient === recipient);
    expect(rows).toHaveLength(policy.parties.size);
    expect(of('app-publisher')).toMatchObject({ role: 'independent-controller', controlled: false, disclosures: 2, subjects: 2 });
    expect(of('app-publisher')?.lastDisclosure?.position).toBe(last);
    expect(of('linked-site')).toMatchObject({ role: 'linked-site', disclosures: 0, subjects: 0, lastDisclosure: null, outboundLinks: 1 });
  });
});

describe('data from third parties', () => {
  const fromPartner = (subject: string) =>
    collection(subject, { origin: 'third-party', originParty: 'promotion-partner' }, '2026-03-01T12:00:00Z');
  const told = (data: object, subject?: string, time = '2026-03-20T00:00:00Z') => ({
    type: 'attesta.notice.communicated.v1',
    ...(subject && { subject }),
    data: { version: '2022-08-10', language: 'en', channel: 'email', about: 'third-party-source', ...data },
    time,
  });
  const report = (at: string, asOf = 99) => readThirdPartySources(rig.audit.pool, { ...EVERYTHING, asOf, at });

  it('is due for thirty days and overdue on the thirty-first, in Bangkok', async () => {
    await rig.report(fromPartner(ANNA));
    expect((await report('2026-03-31T16:59:59Z')).counts).toEqual({ informed: 0, due: 1, overdue: 0 });
    const late = await report('2026-03-31T17:00:00Z');
    expect(late.counts).toEqual({ informed: 0, due: 0, overdue: 1 });
    expect(late.rows[0]).toMatchObject({ position: 0, state: 'overdue', lastDay: '2026-03-31', overdueFrom: '2026-03-31T17:00:00.000Z' });
  });

  it('is informed by a notice to that person which covers it, from the time of the notice', async () => {
    const anna = await rig.report(fromPartner(ANNA));
    const ben = await rig.report(fromPartner(BEN));
    await rig.report(told({ covers: [ben] }, ANNA));
    const notice = await rig.report(told({ covers: [anna] }, ANNA));
    expect((await report('2026-05-01T00:00:00Z')).counts).toEqual({ informed: 1, due: 0, overdue: 1 });
    expect((await report('2026-05-01T00:00:00Z')).rows.at(-1)).toMatchObject({ state: 'informed', informedBy: notice, late: false });
    expect((await report('2026-03-19T00:00:00Z')).counts).toEqual({ informed: 0, due: 2, overdue: 0 });
    expect((await report('2026-05-01T00:00:00Z', notice - 1)).counts.overdue).toBe(2);
  });

  it('a notice without positions covers what came before it, not after', async () => {
    await rig.report(fromPartner(ANNA));
    await rig.report(told({}, ANNA));
    await rig.report(fromPartner(ANNA));
    expect((await report('2026-05-01T00:00:00Z')).counts).toEqual({ informed: 1, due: 0, overdue: 1 });
  });
});

describe('findings', () => {
  it('are raised once, carried out, and come back with the position they were sealed at', async () => {
    await rig.report(consent(ANNA, 'given', ['marketing']));
    await rig.report(consent(ANNA, 'withdrawn', ['marketing']));
    const wrong = await rig.report(use(ANNA, { purposes: ['marketing'], basis: 'consent' }));
    expect(await findings()).toMatchObject([
      { rule: 'use-after-withdrawal', position: wrong, state: 'open', sealedPosition: null, subject: ANNA },
    ]);
    expect((await rig.audit.log.readStream('findings')).map(({ data }) => data.finding)).toEqual([`use-after-withdrawal:${wrong}`]);
    await rig.carryOutbox();
    expect(await findings()).toMatchObject([{ sealedPosition: wrong + 1, state: 'open' }]);
    const resolved = await rig.report({
      type: 'attesta.finding.resolved.v1',
      data: { finding: `use-after-withdrawal:${wrong}`, reason: 'The send was stopped.' },
    });
    expect(await findings({ state: 'open' })).toEqual([]);
    expect(await findings({ state: 'resolved' })).toMatchObject([{ resolvedPosition: resolved, resolution: 'The send was stopped.' }]);
    expect(await findings({ state: 'open', asOf: resolved - 1 })).toHaveLength(1);
  });

  it('of other services are listed beside ours', async () => {
    const position = await rig.report({
      type: 'attesta.finding.raised.v1',
      data: { finding: 'retention/1', rule: 'kept-too-long', severity: 'warning', positions: [], explanation: 'Kept a day too long.' },
      source: '//attesta/retention',
    });
    expect(await findings()).toMatchObject([{ finding: 'retention/1', position, sealedPosition: position }]);
  });

  it('survey data given to an advertiser is found from what the register holds', async () => {
    await rig.report(
      collection(ANNA, { categories: ['survey-answer', 'contact'], method: 'survey', occasion: 'survey', context: { survey: 's-1' } }),
    );
    await rig.report(collection(ANNA, { categories: ['contact'] }));
    await rig.report(disclosure(ANNA, 'advertiser', { categories: ['contact'] }));
    const wrong = await rig.report(disclosure(ANNA, 'advertiser', { categories: ['survey-answer'] }));
    expect(await findings()).toMatchObject([{ rule: 'confined-data-disclosed', clause: '3.1', position: wrong }]);
  });
});

describe('the access log', () => {
  it('tells who looked at whom, why, and who was refused', async () => {
    await rig.report({
      type: 'attesta.access.recorded.v1',
      subject: ANNA,
      actor: 'auditor-7',
      data: {
        action: 'timeline.read',
        resource: 'GET /v1/subjects/:id/timeline',
        reason: 'case 12',
        outcome: 'allowed',
        role: 'auditor',
        rows: 3,
        asOf: 0,
      },
    });
    await rig.report({
      type: 'attesta.access.recorded.v1',
      actor: 'op',
      data: { action: 'role-required', resource: 'GET /v1/findings', outcome: 'denied' },
    });
    expect(await readAccessLog(rig.audit.pool, { ...EVERYTHING, subject: ANNA })).toMatchObject([
      { actor: 'auditor-7', reason: 'case 12', rows: 3, asOf: 0 },
    ]);
    expect(await readAccessLog(rig.audit.pool, { ...EVERYTHING, outcome: 'denied' })).toMatchObject([{ actor: 'op', subject: null }]);
  });
});

describe('digests', () => {
  const day = async () => {
    await rig.report(collection(PHONE, { context: { page: '/shop', visit: 'v-1' }, origin: 'third-party', originParty: 'advertiser' }));
    await rig.report(link(ANNA, PHONE, 'third-party-account'));
    await rig.report(consent(ANNA, 'given', ['marketing', 'analytics-cookies'], { validFor: 'P1Y' }, '2024-02-29T10:00:00.5Z'));
    await rig.report(use(ANNA, { purposes: ['marketing'], basis: 'consent' }, '2026-03-02T00:00:00Z'));
    await rig.report(link(ANNA, PHONE, 'third-party-account', false));
    await rig.report(collection(PHONE, { related: [{ subject: BEN }, { subject: ANNA }] }));
    await rig.report(collection(ANNA, { method: 'survey', categories: ['survey-answer'] }));
    await rig.report(disclosure(ANNA, 'advertiser', { categories: ['survey-answer'], context: { survey: 's-1' } }));
    await rig.report({ type: 'attesta.outbound-link.recorded.v1', data: { recipient: 'linked-site' } });
    await rig.carryOutbox();
  };

  it('equal a recount from the entries of the ledger, whatever part of the log they cover', async () => {
    await day();
    const last = rig.ledger.stored.length - 1;
    expect((await findings()).length).toBe(3);
    for (const upto of [last, 4, 0]) expect(await rig.audit.recount(upto)).toEqual(await rig.audit.digest(upto));
  });

  it('are the same after a rebuild, which raises nothing again', async () => {
    await day();
    const before = await rig.audit.digest();
    const said = await rig.audit.log.size();
    await rig.audit.rebuild();
    await rig.audit.caughtUp(before.position);
    expect(await rig.audit.digest()).toEqual(before);
    expect(await rig.audit.log.size()).toBe(said);
  });

  it('show a row that somebody changed', async () => {
    await day();
    await rig.db.pool.query(`update disclosure set recipient = 'survey-contractor'`);
    const [found, expected] = [await rig.audit.digest(), await rig.audit.recount()];
    const differing = Object.keys(found.registers).filter((name) => found.registers[name] !== expected.registers[name]);
    expect(differing).toEqual(['disclosures']);
  });
});

describe('an entry that cannot be applied', () => {
  it('is set aside with those of the same person behind it, and shows in every answer until it is replayed', async () => {
    await rig.db.pool.query(`alter table collection add constraint no_paper check (method <> 'paper-form')`);
    await rig.report(collection(ANNA, { method: 'paper-form' }));
    await rig.report(collection(ANNA));
    await rig.report(collection(BEN));
    expect((await rig.audit.standing.at()).lag.parked).toBe(2);
    expect(await timelineOf(ANNA)).toEqual([]);
    await rig.db.pool.query('alter table collection drop constraint no_paper');
    await rig.audit.feed.parked.replay(ANNA);
    expect((await rig.audit.standing.at()).lag.parked).toBe(0);
    expect(await rig.audit.digest()).toEqual(await rig.audit.recount());
  });
});
