import { Seen } from './readers.js';

const at = (...positions: number[]) => positions.map((position) => ({ position }));

describe('what a reader has seen', () => {
  it('is whole when every position came once, in order', () => {
    const seen = new Seen('it');
    seen.add(at(0, 1));
    seen.add(at(2));
    expect(seen.verdict(3)).toEqual({ lost: 0, doubled: 0, problems: [] });
  });

  it('lacks what was passed over, also at the end, and what came again', () => {
    const seen = new Seen('it');
    seen.add(at(0, 2, 2, 5));
    expect(seen.verdict(8)).toEqual({
      lost: 5,
      doubled: 1,
      problems: ['it never saw position 1', 'it never saw positions 3 to 4', 'it never saw positions 6 to 7', 'it saw 1 entries again'],
    });
  });
});
