import fc from 'fast-check';
import { uuidV7Generator } from './uuid-v7.js';

describe('ids of version 7', () => {
  it('begin with the milliseconds of the clock', () => {
    const id = uuidV7Generator(
      () => 0x017f22e279b0,
      (bytes) => bytes.fill(0xff),
    )();
    expect(id).toMatch(/^017f22e2-79b0-77ff-bfff-ffffffffffff$/);
  });

  it('are unique and increasing, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 3 }), { minLength: 2, maxLength: 50 }), (steps) => {
        let time = 1_700_000_000_000;
        const next = uuidV7Generator(() => time);
        const ids = steps.flatMap((step) => {
          time += step;
          return [next(), next()];
        });
        expect(ids).toEqual([...new Set(ids)].sort());
      }),
    );
  });

  it('go on when more are made in a millisecond than the counter holds', () => {
    const next = uuidV7Generator(() => 1_700_000_000_000);
    const ids = Array.from({ length: 10_000 }, next);
    expect(ids).toEqual([...new Set(ids)].sort());
  });
});
