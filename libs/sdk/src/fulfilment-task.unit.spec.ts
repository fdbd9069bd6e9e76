import { identifierRef, readTask } from './index.js';
import { aTask } from './fulfilment-rig.js';

const { request: _request, ...bare } = aTask();
const ofDisposal = { ...bare, disposal: '5f0c1d2e-0000-4000-8000-000000000002', kind: 'erasure', identifiers: [] };

test.each([
  ['of a request', aTask()],
  ['of a disposal', ofDisposal],
  ['that names the person by refs', { ...ofDisposal, refs: ['ref1.abc'] }],
  ['that spares what is newer', { ...ofDisposal, action: 'anonymise', collectedUntil: '2026-02-01T00:00:00Z' }],
])('a task %s is one', (_what, task) => {
  expect(readTask(task)).toEqual(task);
});

test.each([
  ['of nothing', bare],
  ['of a request and a disposal', { ...ofDisposal, request: ofDisposal.disposal }],
  ['with refs that are none', { ...ofDisposal, refs: [7] }],
  ['with another action', { ...ofDisposal, action: 'hide' }],
  ['with a time that is none', { ...ofDisposal, collectedUntil: 'yesterday' }],
  ['with no time at all', { ...ofDisposal, collectedUntil: 7 }],
])('a task %s is none', (_what, task) => {
  expect(readTask(task)).toBeUndefined();
});

describe('the ref of an identifier', () => {
  const pepper = Buffer.alloc(32, 7);

  it('is the same however the identifier is written', () => {
    expect(identifierRef(pepper, 'email', ' Somchai@Mail.example')).toBe(identifierRef(pepper, 'email', 'somchai@mail.example'));
    expect(identifierRef(pepper, 'email', 'somchai@mail.example')).toMatch(/^ref1\.[A-Za-z0-9_-]{43}$/);
  });

  it('is another under another pepper or scheme, and none for what is no identifier', () => {
    const ref = identifierRef(pepper, 'account', 'c-1');
    expect(identifierRef(Buffer.alloc(32, 8), 'account', 'c-1')).not.toBe(ref);
    expect(identifierRef(pepper, 'login', 'c-1')).not.toBe(ref);
    expect(identifierRef(pepper, 'email', 'nobody')).toBeUndefined();
    expect(identifierRef(pepper, 'account', '')).toBeUndefined();
  });
});
