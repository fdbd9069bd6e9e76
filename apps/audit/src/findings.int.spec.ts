import type { Happening } from '@attesta/testing';
import { auditRig, collection, consent, disclosure, forgotten, message, objection, person, use, type AuditRig } from './audit-rig.js';
import type { Command } from './finding-desk.decider.js';
import { age, guardian, published, quarantined, registered, restriction, told, weighed } from './findings-rig.js';
import { readFindings, type FindingFilter } from './findings.projection.js';
import { transaction } from '@attesta/transport';

const [ANNA, BEN, CARL, DAO] = [person(1), person(2), person(3), person(4)];
const EVERYTHING = { asOf: Number.MAX_SAFE_INTEGER, limit: 500 };
const day = (n: number, month = 3) => `2026-${String(month).padStart(2, '0')}-${String(n).padStart(2, '0')}T00:00:00.000Z`;
const supply = (subject: string, time: string) => collection(subject, { origin: 'third-party', originParty: 'promotion-partner' }, time);

let rig: AuditRig;
let now: Date;
beforeEach(async () => {
  now = new Date(day(1));
  rig = await auditRig({ now: () => now });
});
afterEach(() => rig.close());

const findings = (filter: Partial<FindingFilter> = {}) => readFindings(rig.audit.pool, { ...EVERYTHING, ...filter });
const found = async () => (await findings()).map(({ finding, positions }) => `${finding} ${positions.join(',')}`);
const all = async (happenings: Happening[]) => {
  const first = rig.ledger.stored.length;
  for (const one of happenings) rig.ledger.seal(one);
  await rig.audit.caughtUp(rig.ledger.stored.length - 1);
  return first;
};
/** The registers are what a recount and a rebuild make of the log, and nothing is said twice. */
const sameAgain = async () => {
  const digest = await rig.audit.digest();
  expect(await rig.audit.recount()).toEqual(digest);
  const [before, said] = [await findings(), await rig.audit.log.size()];
  await rig.audit.rebuild();
  await rig.audit.caughtUp(digest.position);
  expect(await rig.audit.digest()).toEqual(digest);
  expect(await findings()).toEqual(before);
  expect(await rig.audit.log.size()).toBe(said);
};

describe('continuous checks', () => {
  it('purposes are told of before they are pursued', async () => {
    const recycling = { purposes: ['recycling'], basis: 'legitimate-interest' };
    const first = await all([
      quarantined('recycling', day(1)),
      use(ANNA, recycling, day(2)),
      registered('recycling', day(3)),
      use(ANNA, recycling, day(4)),
      published('v2', ['recycling'], day(5)),
      use(ANNA, recycling, day(4)),
      use(ANNA, recycling, day(5)),
      use(ANNA, { ...recycling, basis: 'contract' }, day(6)),
    ]);
    expect(first).toBe(0);
    expect(await found()).toEqual([
      'no-valid-basis:7 7',
      'undeclared-purpose:5 5,2',
      'undeclared-purpose:3 3,2',
      'undeclared-purpose:1 1,0',
    ]);
    await sameAgain();
  });

  it('recipients are those of the notice', async () => {
    await all([
      disclosure(ANNA, 'survey-contractor', {}, day(1)),
      disclosure(ANNA, 'survey-contractor', { purposes: ['research-and-improvement'], basis: 'legitimate-interest' }, day(1)),
      disclosure(undefined, 'other-user', { related: [{ subject: ANNA }] }, day(1)),
      disclosure(ANNA, 'other-user', { initiator: 'subject' }, day(1)),
    ]);
    expect(await found()).toEqual(['undeclared-recipient:2 2', 'undeclared-recipient:0 0']);
    await sameAgain();
  });

  it('a basis does not stand in for the consent that somebody refused', async () => {
    const tailored = { purposes: ['personalisation'], basis: 'legitimate-interest' };
    await all([
      use(ANNA, tailored, day(1)),
      consent(ANNA, 'refused', ['personalisation'], {}, day(2)),
      use(ANNA, tailored, day(3)),
      use(BEN, tailored, day(3)),
      use(BEN, { categories: ['health'] }, day(3)),
    ]);
    expect(await found()).toEqual(['no-valid-basis:4 4', 'no-valid-basis:2 2,1']);
    await sameAgain();
  });

  it('objections and restrictions are kept to', async () => {
    const tailored = { purposes: ['personalisation'], basis: 'legitimate-interest' };
    const letter = { purpose: 'personalisation', kind: 'marketing', exposed: [] };
    await all([
      objection(ANNA, true, ['personalisation'], day(1)),
      use(ANNA, tailored, day(2)),
      message(ANNA, 'handed-off', letter, day(2)),
      weighed(ANNA, 'rejected', ['personalisation'], day(3)),
      use(ANNA, tailored, day(4)),
      restriction(BEN, true, {}, day(1)),
      use(BEN, {}, day(2)),
      restriction(BEN, false, {}, day(3)),
      use(BEN, {}, day(4)),
    ]);
    expect(await found()).toEqual(['restriction-ignored:6 6,5', 'objection-ignored:2 2,0', 'objection-ignored:1 1,0']);
    await sameAgain();
  });

  it('minors are left alone, whoever is forgotten meanwhile', async () => {
    const alone = { purposes: ['personalisation'], basis: 'consent', jurisdiction: 'eu-gdpr' };
    await all([
      age(ANNA, ['th-under-ten', 'eu-under-ten'], day(1)),
      collection(ANNA, {}, day(2)),
      age(BEN, ['th-ten-to-nineteen', 'eu-under-sixteen'], day(1)),
      consent(BEN, 'given', ['personalisation'], { jurisdiction: 'eu-gdpr' }, day(2)),
      use(BEN, alone, day(3)),
      guardian(BEN, CARL, true, day(4)),
      use(BEN, alone, day(5)),
      forgotten(CARL),
      use(BEN, alone, day(6)),
    ]);
    expect(await found()).toEqual(['under-age-without-guardian:4 4,2', 'under-age-without-guardian:3 3,2', 'under-age:1 1,0']);
    await sameAgain();
  });

  it('people are told where data came from in time, one by one or in one notice', async () => {
    await all([
      supply(ANNA, day(1)),
      supply(BEN, day(1)),
      supply(CARL, day(1)),
      told(ANNA, undefined, day(20)),
      told(ANNA, undefined, day(5, 4)),
      told(BEN, undefined, day(5, 4)),
      told(undefined, [2], day(6, 4)),
      supply(DAO, day(1)),
      forgotten(DAO),
      told(DAO, undefined, day(7, 4)),
    ]);
    expect(await found()).toEqual(['source-told-late:6 6,2', 'source-told-late:5 5,1']);
    await sameAgain();
  });
});

describe('what nobody was told of', () => {
  const look = () => rig.audit.untoldSources.look();

  it('is found when the time is over, once, and resolved when they are told', async () => {
    const supplied = await rig.report(supply(ANNA, day(1)));
    await rig.report(supply(BEN, day(20)));
    now = new Date('2026-03-31T16:59:59.999Z');
    await look();
    expect(await rig.audit.log.size()).toBe(0);
    now = new Date('2026-03-31T17:00:00.000Z');
    await look();
    await look();
    await rig.carryOutbox();
    expect(await findings()).toMatchObject([
      {
        finding: `source-not-told:${supplied}`,
        rule: 'source-not-told',
        subject: ANNA,
        positions: [supplied],
        clause: '1.6',
        state: 'open',
      },
    ]);
    await sameAgain();
    await look();
    expect(await rig.audit.log.size()).toBe(1);
    const notice = await rig.report({ ...told(ANNA, undefined, day(5, 4)), recordedAt: day(5, 4) });
    await look();
    await rig.carryOutbox();
    const actual = await findings({ rule: 'source-not-told' });
    expect(actual).toMatchObject([{ state: 'resolved', outcome: 'remedied', resolution: 'The person was told, too late.' }]);
    expect(await rig.audit.desk.find(rig.audit.pool, `source-not-told:${supplied}`)).toMatchObject({
      history: [{ event: 'raised' }, { event: 'resolved', actor: 'attesta-audit', positions: [notice] }],
    });
    expect(await findings({ rule: 'source-told-late' })).toMatchObject([{ position: notice, positions: [notice, supplied] }]);
    await sameAgain();
    await look();
    expect(await rig.audit.log.size()).toBe(3);
  });

  it('is no infringement where they had been told and it was sealed later', async () => {
    const supplied = await rig.report(supply(ANNA, day(1)));
    now = new Date(day(1, 4));
    await look();
    await rig.report({ ...told(ANNA, [supplied], day(20)), recordedAt: day(2, 4) });
    await look();
    await rig.carryOutbox();
    expect(await findings()).toMatchObject([{ rule: 'source-not-told', state: 'resolved', outcome: 'not-an-infringement' }]);
    await sameAgain();
  });

  it('is not looked for of who is forgotten', async () => {
    await rig.report(supply(ANNA, day(1)));
    await rig.report(supply(BEN, day(1)));
    await rig.report(forgotten(BEN));
    now = new Date(day(9, 4));
    await look();
    expect((await rig.audit.log.read(-1, 10)).map(({ subject }) => subject)).toEqual([ANNA]);
  });

  it('is not looked for while entries wait that may tell of it', async () => {
    await rig.report(supply(ANNA, day(1)));
    now = new Date(day(9, 4));
    await rig.audit.feed.stop();
    rig.ledger.seal(told(ANNA, undefined, day(2)));
    await look();
    expect(await rig.audit.log.size()).toBe(0);
  });

  it('stays as somebody resolved it', async () => {
    const supplied = await rig.report(supply(ANNA, day(1)));
    now = new Date(day(1, 4));
    await look();
    await act(`source-not-told:${supplied}`, { kind: 'resolve', outcome: 'accepted-risk', reason: 'No address is known.' });
    await rig.report({ ...told(ANNA, undefined, day(5, 4)), recordedAt: day(5, 4) });
    await look();
    await rig.carryOutbox();
    expect(await findings({ rule: 'source-not-told' })).toMatchObject([{ state: 'resolved', outcome: 'accepted-risk' }]);
  });
});

const act = (finding: string, command: Command, version?: number, actor = 'dpo-1') =>
  transaction(rig.audit.pool, (tx) => rig.audit.desk.handle(tx, finding, command, actor, version));
const slug = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { slug?: string }) => error.slug,
  );

describe('dealing with a finding', () => {
  const resolve = (reason: string, positions?: number[]): Command => ({ kind: 'resolve', outcome: 'remedied', reason, positions });
  let wrong: number;
  let finding: string;
  beforeEach(async () => {
    wrong = await rig.report(use(ANNA, { purposes: ['marketing'], basis: 'consent' }));
    finding = `use-without-consent:${wrong}`;
  });

  it('is read at once, and in the register once it is sealed', async () => {
    const open = await act(finding, { kind: 'assign', to: 'dpo-2', note: 'Stop the campaign.' });
    expect(open).toMatchObject({ state: { state: 'assigned', assignment: { to: 'dpo-2' } }, version: 1, subject: ANNA });
    expect(await findings()).toMatchObject([{ state: 'open', assignee: null }]);
    await rig.carryOutbox();
    now = new Date(day(2));
    await act(finding, resolve('The campaign was stopped.', [wrong]));
    expect(await findings({ state: 'assigned' })).toMatchObject([{ assignee: 'dpo-2', assignedAt: day(1) }]);
    await rig.carryOutbox();
    const sealed = rig.ledger.stored.length - 1;
    expect(await findings()).toMatchObject([
      {
        ...{
          state: 'resolved',
          outcome: 'remedied',
          resolution: 'The campaign was stopped.',
          resolvedAt: day(2),
          resolvedPosition: sealed,
        },
        ...{ assignee: 'dpo-2', sealedPosition: wrong + 1 },
      },
    ]);
    await act(finding, { kind: 'reopen', reason: 'It goes on.' }, 2, 'auditor-7');
    await rig.carryOutbox();
    expect(await findings()).toMatchObject([{ state: 'assigned', resolution: null, resolvedAt: null, assignee: 'dpo-2' }]);
    expect(await findings({ asOf: sealed })).toMatchObject([{ state: 'resolved' }]);
    const { history } = await rig.audit.desk.find(rig.audit.pool, finding);
    expect(history.map(({ event, actor, position }) => [event, actor, position])).toEqual([
      ['raised', 'attesta-audit', wrong + 1],
      ['assigned', 'dpo-1', wrong + 2],
      ['resolved', 'dpo-1', wrong + 3],
      ['reopened', 'auditor-7', wrong + 4],
    ]);
    await sameAgain();
  });

  it('is asked for by state and by who has it', async () => {
    const other = await rig.report(use(BEN, { purposes: ['marketing'], basis: 'consent' }));
    await act(finding, { kind: 'assign', to: 'dpo-2' });
    await rig.carryOutbox();
    const positions = async (filter: Partial<FindingFilter>) => (await findings(filter)).map(({ position }) => position);
    expect(await positions({ state: 'open' })).toEqual([other, wrong]);
    expect(await positions({ state: 'unassigned' })).toEqual([other]);
    expect(await positions({ state: 'assigned' })).toEqual([wrong]);
    expect(await positions({ assignee: 'dpo-2' })).toEqual([wrong]);
    await act(finding, { kind: 'assign', to: 'dpo-3' });
    await rig.carryOutbox();
    expect(await positions({ assignee: 'dpo-2' })).toEqual([]);
    expect(await positions({ assignee: 'dpo-3' })).toEqual([wrong]);
  });

  it('by two officers at once is decided once, by whom comes first', async () => {
    const outcomes = await Promise.all(
      ['Stopped.', 'Paid for.', 'Stopped.', 'No harm.'].map((reason) => slug(act(finding, resolve(reason)))),
    );
    const said = (await rig.audit.log.readStream(`finding-${finding}`)).map(({ data }) => data.reason);
    expect(said).toHaveLength(1);
    const won = ['Stopped.', 'Paid for.', 'Stopped.', 'No harm.'].map((reason) => (reason === said[0] ? 'done' : 'already-resolved'));
    expect(outcomes).toEqual(won);
    expect(await slug(act(finding, { kind: 'reopen', reason: 'It goes on.' }, 0))).toBe('finding-changed');
    expect(await slug(act(finding, { kind: 'reopen', reason: 'It goes on.' }, 1))).toBe('done');
  });

  it('knows what this database said before it is back, and what the log says where this database is older', async () => {
    await act(finding, resolve('Stopped.'));
    expect(await slug(act(finding, { kind: 'assign', to: 'dpo-2' }))).toBe('already-resolved');
    const other = await rig.report(use(BEN, { purposes: ['marketing'], basis: 'consent' }));
    const data = { finding: `use-without-consent:${other}`, outcome: 'accepted-risk', reason: 'Before the restore.' };
    await rig.report({ type: 'attesta.finding.resolved.v1', source: '//attesta/audit', subject: BEN, data });
    expect(await slug(act(`use-without-consent:${other}`, { kind: 'assign', to: 'dpo-2' }))).toBe('already-resolved');
  });

  it('that there is not, or with what is not sealed, is refused', async () => {
    expect(await slug(act('use-without-consent:999', resolve('Stopped.')))).toBe('no-such-finding');
    expect(await slug(act(finding, resolve('Stopped.', [999])))).toBe('command-refused');
    expect(await rig.audit.log.readStream(`finding-${finding}`)).toEqual([]);
  });
});
