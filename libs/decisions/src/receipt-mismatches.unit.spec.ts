import fc from 'fast-check';
import { consentReceipt } from './receipt.js';
import { receiptMismatches } from './receipt-mismatches.js';
import { entryOf, inputOf } from './receipt-rig.js';

type Place = (string | number)[];
type Node = Record<string | number, unknown>;

const entry = entryOf({ explicit: true, capacity: 'Civil Code s.23' });
const receipt = consentReceipt(inputOf(entry));
const copy = () => structuredClone(receipt) as unknown as Node;

/** Places of all values below one, itself excluded. */
function placesOf(value: unknown, at: Place): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return keys.flatMap((key) => [[...at, key], ...placesOf((value as Node)[key], [...at, key])]);
}
const proved = placesOf(receipt.record, ['record']);
const at = (root: Node, place: Place): unknown => place.reduce<unknown>((node, key) => (node as Node)[key], root);
const parentOf = (root: Node, place: Place) => at(root, place.slice(0, -1)) as Node;

describe('what a receipt says and its entry does not', () => {
  it('is nothing, for a receipt as it was written', () => {
    expect(receiptMismatches(JSON.parse(JSON.stringify(receipt)), entry, 41)).toEqual([]);
  });

  it('is found whatever is changed under `record`', () => {
    fc.assert(
      fc.property(fc.constantFrom(...proved), fc.jsonValue(), (place, value) => {
        const edited = copy();
        fc.pre(JSON.stringify(at(edited, place)) !== JSON.stringify(value));
        parentOf(edited, place)[place.at(-1)!] = value;
        const found = receiptMismatches(edited, entry, 41);
        expect(found.join('\n')).toContain(`/${place.join('/')}`);
      }),
      { numRuns: 2000 },
    );
  });

  it('is found at each place: left out, or something added', () => {
    for (const place of proved) {
      const without = copy();
      const parent = parentOf(without, place);
      if (Array.isArray(parent)) parent.splice(Number(place.at(-1)), 1);
      else delete parent[place.at(-1)!];
      expect(receiptMismatches(without, entry, 41)).not.toEqual([]);

      const withMore = copy();
      const value = at(withMore, place);
      if (Array.isArray(value)) value.push(value[0]);
      else if (typeof value === 'object' && value !== null) (value as Node)['note'] = 'x';
      else continue;
      expect(receiptMismatches(withMore, entry, 41)).not.toEqual([]);
    }
  });

  it('is told in words', () => {
    const edited = copy();
    (edited['record'] as typeof receipt.record).processing.purposes[0]!.purpose = 'research-and-improvement';
    expect(receiptMismatches(edited, entry, 41)).toEqual([
      '/record/processing/purposes/0/purpose: the receipt says "research-and-improvement", the sealed entry says "marketing"',
    ]);
  });

  it('is not looked for under `informative`, but the outline has to be that of a receipt', () => {
    const edited = copy();
    edited['informative'] = { standing: [] };
    expect(receiptMismatches(edited, entry, 41)).toEqual([]);
    expect(receiptMismatches({ ...edited, refund: 'due' }, entry, 41)).toEqual(['/refund is no member of a receipt']);
    expect(receiptMismatches({ ...edited, metadata: {} }, entry, 41)).toHaveLength(3);
  });

  it('is said of whatever came in a file', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (said, sealed) => {
        expect(receiptMismatches(said, entry, 41)).not.toEqual([]);
        expect(receiptMismatches(receipt, sealed, 41)).not.toEqual([]);
      }),
    );
    const hostile: unknown = JSON.parse(JSON.stringify(receipt).replace('"informative":{', '"informative":{"__proto__":{"a":1},'));
    expect(receiptMismatches(hostile, entry, 41)).toEqual([expect.stringContaining('__proto__')]);
  });
});
