import { isPressing, THREE_DAYS_MS } from './pressing.js';

const NOW = Date.parse('2026-11-26T12:00:00Z');

describe('what presses', () => {
  it.each([
    ['three days from now', '2026-11-29T12:00:00Z', true],
    ['a moment later than that', '2026-11-29T12:00:00.001Z', false],
    ['what is late', '2026-11-01T00:00:00Z', true],
    ['what has no deadline', null, false],
  ])('%s', (_, due, pressing) => {
    expect(isPressing(due, NOW, THREE_DAYS_MS)).toBe(pressing);
  });
});
