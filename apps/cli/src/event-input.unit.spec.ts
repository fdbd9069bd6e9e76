import { Readable } from 'node:stream';
import { readEvents, type InputItem } from './event-input.js';
import { Failure } from './failure.js';
import { LONGEST_EVENT } from './json-pieces.js';

/** Reads the text in chunks of this many bytes: where a chunk ends must never matter. */
async function read(text: string | Buffer, chunk = 7): Promise<InputItem[]> {
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, i) => bytes.subarray(i * chunk, (i + 1) * chunk));
  const items: InputItem[] = [];
  for await (const item of readEvents(Readable.from(chunks))) items.push(item);
  return items;
}
const values = (items: InputItem[]) =>
  items.map((item) => ('value' in item ? [item.line, item.value['id']] : [item.line, item.problem.code]));

describe('reading events', () => {
  it.each([
    ['one event', '{"id":"a"}', [[1, 'a']]],
    ['one event over several lines', '\n{\n  "id": "a",\n  "data": {\n    "x": [1, {}]\n  }\n}\n', [[2, 'a']]],
    [
      'JSON Lines',
      '{"id":"a"}\n\n{"id":"b"}\r\n{"id":"c"}',
      [
        [1, 'a'],
        [3, 'b'],
        [4, 'c'],
      ],
    ],
    [
      'an array',
      '[{"id":"a"},\n{"id":"b"}\n,{"id":"c"}]\n',
      [
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ],
    ],
    [
      'an array over several lines',
      '[\n  {\n    "id": "a"\n  },\n  {\n    "id": "b"\n  }\n]',
      [
        [2, 'a'],
        [5, 'b'],
      ],
    ],
    ['an empty array', ' [ ] ', []],
    ['nothing', '', []],
    ['blank lines', ' \n\n', []],
    [
      'events one after the other',
      '{\n"id":"a"}{"id":"b"}\n{\n"id":"c"}',
      [
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ],
    ],
    ['braces and quotes inside texts', '[{"id":"}]\\"{[,\\\\"}]', [[1, '}]"{[,\\']]],
    [
      'a byte order mark',
      '\ufeff{"id":"a"}\n{"id":"b"}\n',
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    [
      'Thai',
      '{"id":"ก"}\n{"id":"ข"}',
      [
        [1, 'ก'],
        [2, 'ข'],
      ],
    ],
  ] as const)('understands %s, wherever the chunks end', async (_what, text, expected) => {
    for (const chunk of [1, 2, 7, 1000]) expect(values(await read(text, chunk))).toEqual(expected);
  });

  it('goes on behind a broken line', async () => {
    const items = await read('{"id":"a"}\n{"id": oops}\n{"id":"b\n{"id":"c"}\n');
    expect(values(items)).toEqual([
      [1, 'a'],
      [2, 'not-json'],
      [3, 'not-json'],
      [4, 'c'],
    ]);
  });

  it('goes on behind a broken first line', async () => {
    expect(values(await read('{"id": oops\n{"id":"b"}\n'))).toEqual([
      [1, 'not-json'],
      [2, 'b'],
    ]);
  });

  it('goes on behind a broken element of an array', async () => {
    expect(values(await read('[{"id":oops},\n{"id":"b"}]'))).toEqual([
      [1, 'not-json'],
      [2, 'b'],
    ]);
  });

  it.each([
    [
      'an array without its end',
      '[{"id":"a"},\n',
      [
        [1, 'a'],
        [2, 'not-json'],
      ],
    ],
    ['an event without its end', '{\n"id":"a"', [[1, 'not-json']]],
    [
      'a text over two lines',
      '[{"id":"a"},{"id":"b\n"},{"id":"c"}]',
      [
        [1, 'a'],
        [1, 'not-json'],
      ],
    ],
    [
      'a missing comma',
      '[{"id":"a"}\n{"id":"b"}]',
      [
        [1, 'a'],
        [2, 'not-json'],
      ],
    ],
    [
      'something behind the array',
      '[{"id":"a"}]\n{"id":"b"}',
      [
        [1, 'a'],
        [2, 'not-json'],
      ],
    ],
    [
      'numbers in an array',
      '[{"id":"a"},\n7]',
      [
        [1, 'a'],
        [2, 'not-json'],
      ],
    ],
  ] as const)('stops, and says where, at %s', async (_what, text, expected) => {
    for (const chunk of [1, 7, 1000]) expect(values(await read(text, chunk))).toEqual(expected);
  });

  it('tells what is no event', async () => {
    expect(values(await read('{"id":"a"}\n7\n[]\nnull\n"x"'))).toEqual([
      [1, 'a'],
      [2, 'not-an-object'],
      [3, 'not-an-object'],
      [4, 'not-an-object'],
      [5, 'not-an-object'],
    ]);
  });

  it('tells where the JSON breaks without repeating it', async () => {
    const [item] = await read('{"phone": 08-1234-5678}');
    expect(item).toEqual({
      line: 1,
      problem: expect.objectContaining({ message: expect.stringMatching(/from its character \d+ on/) as string }) as unknown,
    });
    expect(JSON.stringify(item)).not.toContain('1234');
  });

  it('tells lines that are not UTF-8', async () => {
    const bad = Buffer.concat([Buffer.from('{"id":"a"}\n{"id":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}\n{"id":"c"}')]);
    expect(values(await read(bad))).toEqual([
      [1, 'a'],
      [2, 'not-utf8'],
      [3, 'c'],
    ]);
  });

  it('refuses UTF-16 as a whole', async () => {
    await expect(read(Buffer.from('\ufeff{"id":"a"}', 'utf16le'))).rejects.toThrow(Failure);
  });

  it('does not hold what is far too long', async () => {
    const long = 'x'.repeat(LONGEST_EVENT);
    expect(values(await read(`{"id":"a"}\n{"id":"${long}"}\n{"id":"c"}`, 65_536))).toEqual([
      [1, 'a'],
      [2, 'too-large'],
      [3, 'c'],
    ]);
    expect(values(await read(`[{"id":"a"},{"id":"${long}"},{"id":"c"}]`, 65_536))).toEqual([
      [1, 'a'],
      [1, 'too-large'],
      [1, 'c'],
    ]);
  });
});
