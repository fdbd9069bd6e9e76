import type { PersonState, StateChange } from '@attesta/decisions';
import { readStateMessage, stateMark, stateMessage } from './consent-state-message.js';
import { StatePartition } from './state-partition.js';

const state: PersonState = { refs: ['ref1.x'], record: { choices: [], objections: [], restrictions: [], ages: [] } };
const sent = ({ key, value, headers }: { key: string; value: string | null; headers: Record<string, string> }) =>
  readStateMessage({ key: Buffer.from(key), value: value === null ? null : Buffer.from(value), headers });

describe('messages of the consent state topic', () => {
  it.each<StateChange>([
    { key: 'p', changed: 7, state },
    { key: 'p', changed: 8, state: null },
  ])('bring change $changed over as it was', (change) => {
    expect(sent(stateMessage(change, 0, 3))).toEqual({ kind: 'change', change, previous: 3 });
  });

  it('say in a mark how far the log had come, and when', () => {
    expect(sent(stateMark(0, 9, 4, 1_000))).toEqual({ kind: 'mark', upto: 9, asOf: 1_000, previous: 4 });
  });

  it.each([
    ['without a key', { key: null, value: null, headers: { attesta_previous: '1', attesta_changed: '2' } }],
    ['without numbers', { key: 'p', value: null, headers: {} }],
    ['with a value that is no JSON', { key: 'p', value: Buffer.from('{'), headers: { attesta_previous: '1', attesta_changed: '2' } }],
    ['with a mark that says nothing', { key: 'mark', value: Buffer.from('null'), headers: { attesta_previous: '1' } }],
  ])('%s are told apart', (_what, record) => {
    expect(readStateMessage(record)).toEqual({ kind: 'malformed' });
  });
});

describe('a partition of consent state', () => {
  const change = (changed: number, previous: number) => ({ kind: 'change' as const, change: { key: 'p', changed, state }, previous });
  const mark = (upto: number, previous: number, asOf = 50) => ({ kind: 'mark' as const, upto, asOf, previous });

  it('is known once its end was reached and a mark said how old that is', () => {
    const partition = new StatePartition({ low: 0n, high: 3n });
    partition.take(change(1, -1), '0', '3');
    partition.take(mark(4, 1), '1', '3');
    expect(partition.known).toBeUndefined();
    partition.take(change(6, 1), '2', '3');
    expect(partition.known).toEqual({ upto: 6, asOf: 50 });
  });

  it('has no hole where compaction took what was replaced before the end as of the start', () => {
    const partition = new StatePartition({ low: 0n, high: 9n });
    partition.take(change(1, -1), '0', '9');
    expect(partition.hole(change(8, 7), '5')).toBeUndefined();
  });

  it('has a hole where neighbours do not follow each other, and where anything is missing later on', () => {
    const partition = new StatePartition({ low: 0n, high: 2n });
    partition.take(change(1, -1), '0', '2');
    expect(partition.hole(change(8, 7), '1')).toBe(7);
    partition.take(change(2, 1), '1', '2');
    expect(partition.hole(change(8, 7), '40')).toBe(7);
    expect(partition.hole(mark(9, 7), '40')).toBe(7);
    expect(partition.hole(change(8, 2), '40')).toBeUndefined();
  });
});
