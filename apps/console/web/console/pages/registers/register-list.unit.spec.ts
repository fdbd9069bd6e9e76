import { parametersOf, REGISTERS } from './register-list.js';

describe('what a register is asked for', () => {
  it('is what the address says, under the names of the service', () => {
    expect(parametersOf(REGISTERS.collections, { categories: 'contact', purposes: 'marketing', channel: 'web', q: 'x' })).toEqual({
      category: 'contact',
      purpose: 'marketing',
      channel: 'web',
    });
  });

  it('is not what nobody could mean', () => {
    expect(parametersOf(REGISTERS.disclosures, { country: 'Thailand', initiator: 'me', recipient: 'A b', from: 'yesterday' })).toEqual({});
    expect(parametersOf(REGISTERS.holds, { from: '2026-01-01' })).toEqual({});
  });

  it('is whole days of the reader, the last included', () => {
    const { from, to } = parametersOf(REGISTERS.collections, { from: '2026-02-28', to: '2026-02-28' });
    expect(new Date(from!)).toEqual(new Date(2026, 1, 28));
    expect(new Date(to!)).toEqual(new Date(2026, 2, 1));
  });
});
