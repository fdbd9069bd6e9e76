import { generator } from '@attesta/testing/random';
import { listed, spread } from './naming.js';

it('names are the same whatever their order, and differ by kind and by place', () => {
  const edit = { kind: 'edit', position: 7 };
  const gap = { kind: 'gap', position: 3, lastPosition: 5 };
  expect(listed([edit, gap])).toBe(listed([gap, edit]));
  expect(listed([edit, gap])).toBe('gap at 3 to 5, edit at 7');
  expect(
    new Set([[edit], [gap], [{ ...edit, position: 8 }], [{ ...gap, lastPosition: 6 }], [{ kind: 'gap', position: 7 }], []].map(listed))
      .size,
  ).toBe(6);
});

it('places are apart', () => {
  const places = spread(30, 100, generator(3), 2);
  expect(places).toHaveLength(30);
  expect(places.every((place, i) => i === 0 || place - places[i - 1]! >= 2)).toBe(true);
  expect(spread(5, 3, generator(1)).length).toBe(3);
});
