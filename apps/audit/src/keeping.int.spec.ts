import { auditRig, collection, disposed, person, use, type AuditRig } from './audit-rig.js';
import { readFindings } from './findings.projection.js';
import { policy } from './policy-rig.js';

const ANNA = person(1);
const BEN = person(2);
const UNTIL = '2026-03-02T00:00:00.000Z';
const EVERYTHING = { asOf: Number.MAX_SAFE_INTEGER, limit: 500 };

let rig: AuditRig;
beforeEach(async () => {
  rig = await auditRig();
});
afterEach(() => rig.close());

const used = (subject: string) => use(subject, {}, '2026-03-03T00:00:00.000Z');
const findings = () => readFindings(rig.audit.pool, EVERYTHING);

it('a use after a disposal is found, unless the data had come in again', async () => {
  await rig.report(collection(ANNA));
  await rig.report(collection(BEN));
  const gone = await rig.report(disposed(ANNA, ['contact'], UNTIL));
  await rig.report(disposed(BEN, ['contact'], UNTIL));
  await rig.report(collection(BEN, {}, '2026-03-02T12:00:00.000Z'));
  const wrong = await rig.report(used(ANNA));
  await rig.report(used(BEN));
  expect(await findings()).toMatchObject([{ rule: 'kept-past-retention', subject: ANNA, positions: [wrong, gone] }]);
  expect(await rig.audit.recount()).toEqual(await rig.audit.digest());
});

it('a system that is late with its part of a disposal is found', async () => {
  const data = { disposal: person(9), task: person(10), system: 'crm', reason: 'no-answer', attempts: 3 };
  const late = await rig.report({ type: 'attesta.disposal.task-stuck.v1', subject: ANNA, data });
  expect(await findings()).toMatchObject([{ rule: 'disposal-stuck', severity: 'warning', position: late, subject: ANNA }]);
});

it('a collection that nobody limited is found', async () => {
  const unlimited = await auditRig({ policy: { ...policy, retention: [] } });
  const position = await unlimited.report(collection(ANNA));
  expect(await readFindings(unlimited.audit.pool, EVERYTHING)).toMatchObject([{ rule: 'no-retention-rule', position, clause: '5.1' }]);
  await unlimited.close();
});
