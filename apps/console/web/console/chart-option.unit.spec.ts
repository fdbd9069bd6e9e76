import { COLOURS, optionOf } from './chart-option.js';

/** Relative luminance (WCAG 2.2). */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const five = Array.from({ length: 5 }, (_, at) => ({ name: `series ${at}`, values: [at, 0] }));
const base = { title: 'Requests', labels: ['2026-11', '2026-12'], series: five };
type Drawn = { symbol?: string; lineStyle?: { type: string }; stack?: string; data: number[] }[];

test.each(COLOURS)('%s stands out from white by 3:1', (colour) => {
  expect(1.05 / (luminance(colour) + 0.05)).toBeGreaterThanOrEqual(3);
});

test('lines differ by mark and dash, not by colour alone', () => {
  const lines = optionOf({ ...base, kind: 'line' })['series'] as Drawn;
  expect(new Set(lines.map(({ symbol, lineStyle }) => `${symbol} ${lineStyle?.type}`)).size).toBe(five.length);
});

test('bars differ by pattern where there are several', () => {
  const decal = (series: typeof five) => (optionOf({ ...base, series, kind: 'bar' })['aria'] as { decal: { show: boolean } }).decal.show;
  expect(decal(five)).toBe(true);
  expect(decal(five.slice(0, 1))).toBe(false);
});

test('bars stand on each other only when asked to', () => {
  const stacks = (stacked: boolean) => (optionOf({ ...base, kind: 'bar', stacked })['series'] as Drawn).map(({ stack }) => stack);
  expect(new Set(stacks(true))).toEqual(new Set(['all']));
  expect(new Set(stacks(false))).toEqual(new Set([undefined]));
});

test('what is shown at the pointer is drawn, and no HTML of a name', () => {
  expect(optionOf({ ...base, kind: 'bar' })['tooltip']).toMatchObject({ renderMode: 'richText' });
});
