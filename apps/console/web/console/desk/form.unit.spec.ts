import { allOf, endOfDayOf, linesOf, localTime, numberOf, textOf, timeOf } from './form.js';

function formOf(fields: Record<string, string | string[]>): FormData {
  const form = new FormData();
  for (const [name, values] of Object.entries(fields)) for (const value of [values].flat()) form.append(name, value);
  return form;
}

describe('what a form says', () => {
  it('is nothing where nothing was written', () => {
    const form = formOf({ reason: '  ', people: '' });
    expect([textOf(form, 'reason'), textOf(form, 'absent'), numberOf(form, 'people'), allOf(form, 'ticked'), timeOf(form, 'at')]).toEqual(
      Array(5).fill(undefined),
    );
  });

  it('is text without the spaces around it, and 0 is a number', () => {
    const form = formOf({ reason: ' the claim \n', people: '0' });
    expect(textOf(form, 'reason')).toBe('the claim');
    expect(numberOf(form, 'people')).toBe(0);
  });

  it('is all that was ticked', () => {
    expect(allOf(formOf({ ticked: ['a', 'b'] }), 'ticked')).toEqual(['a', 'b']);
  });

  it('is a line for each name, however they were pasted', () => {
    expect(linesOf(formOf({ names: 'account|c-1\r\n\naccount|c-2, account|c-3\n' }), 'names')).toEqual([
      'account|c-1',
      'account|c-2',
      'account|c-3',
    ]);
  });
});

describe('times', () => {
  it('are of the time zone of who writes them, and come back the same', () => {
    const at = timeOf(formOf({ at: '2026-11-26T10:30' }), 'at')!;
    expect(at).toBe(new Date(2026, 10, 26, 10, 30).toISOString());
    expect(localTime(at)).toBe('2026-11-26T10:30');
  });

  it('a day lasts until it is over', () => {
    expect(endOfDayOf(formOf({ until: '2026-12-31' }), 'until')).toBe(new Date(2026, 11, 31, 23, 59, 59, 999).toISOString());
  });
});
