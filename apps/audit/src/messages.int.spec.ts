import { auditRig, breach, collection, consent, forgotten, link, message, objection, person, use, type AuditRig } from './audit-rig.js';
import { readBreaches } from './breaches.projection.js';
import { readFindings } from './findings.projection.js';
import { readMessages } from './messages.projection.js';
import { recordOf } from './links.projection.js';

const ANNA = person(1);
const BEN = person(2);
const PHONE = person(3);
const EVERYTHING = { asOf: Number.MAX_SAFE_INTEGER, limit: 500 };
const day = (n: number) => `2026-03-0${n}T00:00:00.000Z`;

let rig: AuditRig;
beforeEach(async () => {
  rig = await auditRig();
});
afterEach(() => rig.close());

const findings = () => readFindings(rig.audit.pool, EVERYTHING);
const sentTo = (subject: string, time: string, data: Record<string, unknown> = {}) =>
  rig.report(message(subject, 'handed-off', data, time));
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

describe('a message against somebody’s no', () => {
  it('is found by the channel that was withdrawn, once the window is over, and not by another', async () => {
    await rig.report(consent(ANNA, 'given', ['marketing'], {}, day(1)));
    const no = await rig.report(consent(ANNA, 'withdrawn', ['marketing'], { channelPreferences: ['email'] }, day(2)));
    const warned = await sentTo(ANNA, day(3));
    const wrong = await sentTo(ANNA, '2026-03-03T00:00:00.001Z');
    await sentTo(ANNA, day(9), { channel: 'sms' });
    await sentTo(BEN, day(9));
    expect(await findings()).toMatchObject([
      { rule: 'mail-after-withdrawal', severity: 'violation', subject: ANNA, position: wrong, positions: [wrong, no] },
      { rule: 'mail-within-window', severity: 'warning', subject: ANNA, position: warned, positions: [warned, no] },
    ]);
    await sameAgain();
  });

  it('is not found once consent is given again, nor doubled for its use', async () => {
    await rig.report(consent(ANNA, 'withdrawn', ['marketing'], {}, day(1)));
    const used = await rig.report(use(ANNA, { purposes: ['marketing'], basis: 'consent' }, day(3)));
    const wrong = await sentTo(ANNA, day(3));
    await rig.report(consent(ANNA, 'given', ['marketing'], {}, day(4)));
    await sentTo(ANNA, day(5));
    expect((await findings()).map(({ finding }) => finding)).toEqual([`mail-after-withdrawal:${wrong}`, `use-after-withdrawal:${used}`]);
    await sameAgain();
  });

  it('is found after an objection, and after a no on a device of theirs', async () => {
    const objected = await rig.report(objection(ANNA, true, ['marketing'], day(1)));
    const first = await sentTo(ANNA, day(3));
    await rig.report(objection(ANNA, false, ['marketing'], day(4)));
    await sentTo(ANNA, day(6));
    await rig.report(link(BEN, PHONE));
    const off = await rig.report(consent(PHONE, 'withdrawn', ['marketing'], { method: 'device_setting' }, day(4)));
    const second = await sentTo(BEN, day(6));
    expect((await findings()).map(({ rule, positions }) => [rule, ...positions])).toEqual([
      ['mail-after-withdrawal', second, off],
      ['mail-after-withdrawal', first, objected],
    ]);
    await sameAgain();
  });

  it('is found with what others could see of it, with a legal message that nobody got, and with a late breach', async () => {
    const shown = await sentTo(ANNA, day(1), { purpose: 'communication', kind: 'transactional', exposed: ['name'] });
    const legal = { purpose: 'legal-compliance', kind: 'legal' };
    const unreached = await rig.report(message(ANNA, 'suppressed', { ...legal, template: 'notice-changed', reason: 'no-address' }));
    const failed = await rig.report(message(ANNA, 'failed', { ...legal, reason: 'unreachable', attempts: 7 }));
    await rig.report(message(ANNA, 'suppressed', { reason: 'not-allowed' }));
    const clock = { jurisdiction: 'th-pdpa', clock: 'th-breach-notice', due: day(4) };
    const late = await rig.report(breach('overdue', { duty: 'authority', ...clock }));
    expect((await findings()).map(({ finding, clause, severity }) => [finding, clause, severity])).toEqual([
      [`breach-overdue:${late}`, '6.1', 'violation'],
      [`message-undelivered:${failed}`, '8.1', 'warning'],
      [`message-undelivered:${unreached}`, '0', 'warning'],
      [`over-exposed:${shown}`, '4.5', 'violation'],
    ]);
    await sameAgain();
  });
});

describe('the send log', () => {
  it('has a row for each thing that became of a message', async () => {
    const cause = { source: '//shop.test', id: 'c-1' };
    const left = await sentTo(ANNA, day(2), {
      templateVersion: 'a'.repeat(64),
      language: 'th',
      fields: ['name', 'reference'],
      exposed: ['reference'],
      queuedAt: day(1),
      consent: 4,
      attempts: 2,
    });
    const bounced = await rig.report(message(ANNA, 'bounced', { permanent: true, status: '5.1.1' }, day(3)));
    const flying = { handedOffAt: day(2), withdrawnAt: day(1), milliseconds: -5, until: day(4), withdrawal: cause };
    await rig.report(message(ANNA, 'in-flight', flying, day(3)));
    await rig.report(message(BEN, 'suppressed', { reason: 'not-allowed', because: ['consent-withdrawn'] }));
    const rows = await readMessages(rig.audit.pool, EVERYTHING);
    expect(rows.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['suppressed', 'not-allowed'],
      ['in-flight', null],
      ['bounced', 'permanent'],
      ['handed-off', null],
    ]);
    expect(rows[3]).toEqual({
      ...{ position: left, message: person(500), subject: ANNA, outcome: 'handed-off', template: 'newsletter', channel: 'email' },
      ...{ templateVersion: 'a'.repeat(64), purpose: 'marketing', kind: 'marketing', language: 'th', reason: null, because: null },
      ...{ fields: ['name', 'reference'], exposed: ['reference'], status: null, attempts: 2, consent: 4, cause, milliseconds: null },
      ...{ queuedAt: day(1), handedOffAt: day(2), until: null, occurredAt: day(2), recordedAt: day(2), source: '//attesta/notification' },
    });
    expect(rows[2]).toMatchObject({ position: bounced, status: '5.1.1', template: null, purpose: null });
    expect(rows[1]).toMatchObject({ milliseconds: -5, handedOffAt: day(2), until: day(4) });
    expect(rows[0]).toMatchObject({ subject: BEN, because: ['consent-withdrawn'] });
  });

  it('can be asked by message, person, template, channel, purpose, kind, outcome and time', async () => {
    const a = await sentTo(ANNA, day(1));
    const b = await sentTo(BEN, day(3), {
      message: person(501),
      template: 'parcel-sent',
      channel: 'sms',
      purpose: 'communication',
      kind: 'transactional',
    });
    const c = await rig.report(message(ANNA, 'delivered', {}, day(2)));
    const asked = async (filter: object) =>
      (await readMessages(rig.audit.pool, { ...EVERYTHING, ...filter })).map(({ position }) => position);
    expect(await asked({})).toEqual([c, b, a]);
    expect(await asked({ message: person(501) })).toEqual([b]);
    expect(await asked({ template: 'newsletter' })).toEqual([a]);
    expect(await asked({ channel: 'email' })).toEqual([c, a]);
    expect(await asked({ purpose: 'communication' })).toEqual([b]);
    expect(await asked({ kind: 'transactional' })).toEqual([b]);
    expect(await asked({ outcome: 'delivered' })).toEqual([c]);
    expect(await asked({ from: day(2), to: day(3) })).toEqual([c]);
    expect(await asked({ asOf: b })).toEqual([b, a]);
    expect(await asked({ spans: await recordOf(rig.audit.pool, ANNA, c) })).toEqual([c, a]);
  });

  it('leads to nobody who was forgotten, and still tells what was sent', async () => {
    await rig.report(collection(ANNA));
    await sentTo(ANNA, day(1), { fields: ['name'] });
    await rig.report(forgotten(ANNA));
    const [row] = await readMessages(rig.audit.pool, EVERYTHING);
    expect(row).toMatchObject({ subject: ANNA, template: 'newsletter', fields: ['name'], cause: {} });
    await sameAgain();
  });
});

describe('the register of breaches', () => {
  it('has a row for each event, with what it says', async () => {
    const facts = { nature: ['confidentiality'], categories: ['contact'], description: 'A laptop was stolen.', jurisdictions: ['th-pdpa'] };
    const recorded = await rig.report(breach('recorded', { discoveredAt: day(1), ...facts }));
    const named = await rig.report(breach('person-named', {}, ANNA));
    const clock = { jurisdiction: 'th-pdpa', clock: 'th-breach-notice', due: day(4) };
    const late = await rig.report(breach('overdue', { duty: 'authority', ...clock }));
    const asked = (filter: object) => readBreaches(rig.audit.pool, { ...EVERYTHING, ...filter });
    expect(await asked({ breach: person(600) })).toMatchObject([
      { position: late, event: 'overdue', ...clock, details: { duty: 'authority' } },
      { position: named, event: 'person-named', subject: ANNA, details: {} },
      { position: recorded, event: 'recorded', jurisdiction: null, subject: null, details: { discoveredAt: day(1), ...facts } },
    ]);
    expect((await asked({ event: 'recorded' })).map(({ position }) => position)).toEqual([recorded]);
    expect((await asked({ jurisdiction: 'th-pdpa' })).map(({ position }) => position)).toEqual([late]);
    expect(await asked({ breach: person(601) })).toEqual([]);
    await sameAgain();
  });
});
