import type { Entry } from '@attesta/events';
import { canonical } from '@attesta/proof';
import { factOf } from './fact.js';

const GONE = '11111111-1111-4111-8111-111111111111';

const sealed = (data: Record<string, unknown>) => {
  const entry = {
    ...{ v: 1, id: '1', source: '//attesta/ledger', type: 'attesta.key.closed.v1', data },
    ...{ time: '2026-01-02T03:04:05Z', recordedAt: '2026-01-02T03:04:05Z', subject: { id: GONE, seq: 1 } },
  } as Entry;
  return { position: 7, bytes: Buffer.from(canonical(entry)), entry };
};

/** Whether the forgetting or the entry came first, the registers have the same of it. */
describe('what is left of an entry about somebody who is forgotten', () => {
  const data = { disposal: '22222222-2222-4222-8222-222222222222', fence: 7 };

  it('is the entry itself where nothing has to go', () => {
    const source = sealed(data);
    expect(factOf(source, new Set([GONE]))).toMatchObject({ bytes: source.bytes });
    expect(factOf(source, new Set([GONE])).leafHash).toBeUndefined();
  });

  it('has the leaf hash of the entry beside it where something went', () => {
    const { bytes, leafHash } = factOf(sealed({ ...data, note: 'a neighbour of hers' }), new Set([GONE]));
    expect(Buffer.from(bytes).toString()).not.toContain('neighbour');
    expect(leafHash).toHaveLength(32);
  });
});
