import { Pace } from './pace.js';

it('gives a second’s worth a second, and saves up no more than that', () => {
  let now = 0;
  const pace = new Pace(100, () => now);
  expect([pace.take(60), pace.take(60), pace.take(60)]).toEqual([60, 40, 0]);
  now = 105;
  expect(pace.take(60)).toBe(10);
  now = 110;
  expect(pace.take(60)).toBe(1); // the halves are not lost
  now = 60_000;
  expect([pace.take(1_000), pace.take(1_000)]).toEqual([100, 0]);
});
