import { setImmediate as turn } from 'node:timers/promises';
import { percentile, throughput } from './bench.js';

test('throughput counts the work of all lanes', async () => {
  let done = 0;
  const started = performance.now();
  const rate = await throughput(0.2, 8, async () => {
    await turn();
    done += 3;
    return 3;
  });
  const seconds = (performance.now() - started) / 1000;
  expect(done).toBeGreaterThan(24);
  expect(Math.abs(rate * seconds - done) / done).toBeLessThan(0.05);
});

test('a percentile is one of the values measured', () => {
  expect(percentile([5, 1, 4, 2, 3], 0.5)).toBe(3);
  expect(percentile([5, 1, 4, 2, 3], 0.99)).toBe(5);
  expect(percentile([7], 0.01)).toBe(7);
});
