import { events, type Entry } from '@attesta/events';
import { peopleIn, POINTERS, remainsOf } from './remains.js';

const [ANNA, BEN, PHONE] = ['anna', 'ben', 'phone'] as const;
const entry = (subject: string | undefined, data: Record<string, unknown>, more: Partial<Entry> = {}): Entry => ({
  v: 1,
  id: 'e-1',
  source: '//storefront.test',
  type: 'attesta.collection.recorded.v1',
  time: '2026-03-01T09:00:00.000Z',
  recordedAt: '2026-03-01T09:00:00.000Z',
  ...(subject !== undefined && { subject: { id: subject, seq: 1 } }),
  actor: 'svc-1',
  data,
  ...more,
});
const sealed = (...people: string[]) =>
  people.map((subject) => ({ subject, key: 'contact.1', alg: 'A256GCM' as const, nonce: '', sha256: '' }));
const of = (...people: string[]) => new Set(people);

it('an entry that names nobody who is forgotten is itself', () => {
  const bens = entry(BEN, { categories: ['contact'] });
  expect(remainsOf(bens, of(ANNA))).toBe(bens);
});

it('of an entry about somebody forgotten stays what was done, and nothing that leads to them', () => {
  const annas = entry(
    ANNA,
    { categories: ['contact'], basis: 'contract', context: { order: 'o-1' }, related: [{ subject: BEN }], consent: 4 },
    { sealed: sealed(ANNA, BEN) },
  );
  const { actor: _actor, sealed: _sealed, ...rest } = annas;
  expect(remainsOf(annas, of(ANNA))).toEqual({ ...rest, data: { categories: ['contact'], basis: 'contract', consent: 4 } });
});

it("somebody else's entry only no longer names them", () => {
  const bens = entry(BEN, { context: { order: 'o-1' }, related: [{ subject: ANNA }, { subject: PHONE }] }, { sealed: sealed(ANNA, BEN) });
  expect(remainsOf(bens, of(ANNA))).toEqual({
    ...bens,
    data: { context: { order: 'o-1' }, related: [{ subject: PHONE }] },
    sealed: sealed(BEN),
  });
});

it('an entry about nobody in particular is theirs when all whom it names are forgotten', () => {
  const shared = entry(undefined, { categories: ['contact'], context: { order: 'o-1' }, related: [{ subject: ANNA }, { subject: BEN }] });
  expect(remainsOf(shared, of(ANNA)).data).toEqual({
    categories: ['contact'],
    context: { order: 'o-1' },
    related: [{ subject: BEN }],
  });
  expect(remainsOf(shared, of(ANNA, BEN)).data).toEqual({ categories: ['contact'] });
});

it('one word of a few is no pointer, whatever its name', () => {
  const stuck = { disposal: 'd', task: 't', system: 'crm', reason: 'no-answer', attempts: 2 };
  expect(remainsOf(entry(ANNA, stuck, { type: 'attesta.disposal.task-stuck.v1' }), of(ANNA)).data).toEqual(stuck);
});

it('of a type that is not known here nothing is kept', () =>
  expect(remainsOf(entry(ANNA, { note: 'x' }, { type: 'attesta.later.v1' }), of(ANNA)).data).toEqual({}));

it('who looked stays accountable, unless they looked at themselves', () => {
  const looked = (role: string) => entry(ANNA, { action: 'timeline.read', role }, { type: 'attesta.access.recorded.v1' });
  expect(remainsOf(looked('auditor'), of(ANNA)).actor).toBe('svc-1');
  expect(remainsOf(looked('subject'), of(ANNA)).actor).toBeUndefined();
});

it.each<[string, Entry]>([
  ['of one', entry(ANNA, { categories: ['contact'], reason: 'r', related: [{ subject: BEN }] }, { sealed: sealed(ANNA, PHONE) })],
  ['of nobody', entry(undefined, { context: {}, related: [{ subject: ANNA }, { subject: BEN }] }, { sealed: sealed(PHONE) })],
  ['of keys', entry(ANNA, { keys: sealed(ANNA, BEN), scope: 'subject', reason: 'r' }, { type: 'attesta.key.destroyed.v1' })],
])('whatever the order in which people are forgotten, the same is left (%s)', (_what, whole) => {
  const people = peopleIn(whole);
  for (const first of people)
    for (const second of people) {
      const inTurn = remainsOf(remainsOf(whole, of(first)), of(first, second));
      expect(inTurn).toEqual(remainsOf(whole, of(first, second)));
    }
});

/** Members in which a publisher or a person may have put what they liked, and why they may stay. */
const HARMLESS = new Set([
  // Words of the law, the notice and the policy, and what they are cited by.
  ...['law', 'clause', 'noticeVersion', 'version', 'rule', 'title', 'titleTh', 'citation', 'changes', 'uri', 'from', 'to'],
  // Programs, routes, keys and what Attesta says itself.
  ...['action', 'resource', 'operation', 'system', 'consumer', 'template', 'provider', 'finding', 'explanation', 'basis', 'key', 'keys'],
  // Only where links lead that name nobody.
  'page',
]);

it('every member that can hold what somebody chose is either a pointer or known to be harmless', () => {
  const undecided = new Set<string>();
  for (const { dataSchema, type } of events.all().filter(namesSomebody))
    visit(dataSchema as Schema, '', (name) => undecided.add(`${type} ${name}`));
  expect([...undecided]).toEqual([]);
});

/** Of the others everything stays whoever is forgotten: they lead to nobody. */
const namesSomebody = ({ subject, dataSchema }: ReturnType<typeof events.all>[number]): boolean => {
  const { related, keys } = (dataSchema as Schema).properties ?? {};
  return subject !== 'forbidden' || related !== undefined || keys !== undefined;
};

interface Schema {
  type?: string;
  enum?: unknown[];
  format?: string;
  pattern?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
}

/** Identifiers of the policy, UUIDs, digests, dates, countries and languages hold nothing of the kind. */
const CHOSEN = /^\^\[A-Za-z0-9\/\]|^\^\[\^/;

function visit(schema: Schema, name: string, undecided: (name: string) => void): void {
  if (POINTERS.has(name) || name === 'related' || name === 'personal') return;
  for (const [member, inner] of Object.entries(schema.properties ?? {})) visit(inner, member, undecided);
  if (schema.items) visit(schema.items, name, undecided);
  if (schema.type === 'string' && !schema.enum && CHOSEN.test(schema.pattern ?? '') && !HARMLESS.has(name)) undecided(name);
}
