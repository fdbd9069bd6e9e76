import { randomBytes } from 'node:crypto';
import { openLedgerRig, type LedgerRig } from './spec-rig.js';

let rig: LedgerRig;
beforeAll(async () => void (rig = await openLedgerRig()));
afterAll(() => rig.close());

/** Text that PostgreSQL cannot compress. */
const random = (bytes: number) => randomBytes(bytes / 2).toString('hex');
const refused = (names: { eventId: string; source: string; type: string }) => ({
  ...names,
  transport: 'kafka' as const,
  problems: [{ field: '/source', code: 'spec', message: 'A spec.', fix: 'None.' }],
  people: [],
  original: JSON.stringify(names),
});

it.each([1_300, 2_704, 40_000])(
  'keeps a refused event whose names have %i bytes each: nobody can stop a partition with one',
  async (bytes) => {
    const names = { eventId: random(bytes), source: random(bytes), type: random(bytes) };
    const [position] = await rig.ledger.rejections.add([refused(names)]);
    const kept = (await rig.ledger.rejections.get(position!))!;
    expect(JSON.parse(String(kept.original))).toEqual(names);
    expect(kept.source).toBe(bytes === 1_300 ? names.source : null);
  },
);

it('leaves out a name that PostgreSQL takes in no text', async () => {
  const [position] = await rig.ledger.rejections.add([refused({ eventId: 'a\u0000', source: '\ud800', type: 'b' })]);
  expect(await rig.ledger.rejections.get(position!)).toMatchObject({ eventId: null, source: '\ufffd', type: 'b' });
});
