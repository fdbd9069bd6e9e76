import assert from 'node:assert/strict';
import type { DumpPiece } from './system.js';

/** Looks for values in dumps, as they are and as hex, base64, escaped JSON, a URL or UTF-16 would show them. */
export class Needles {
  private readonly forms: { name: string; form: string }[];

  /** @param values by a name that may be told */
  constructor(values: Readonly<Record<string, string>>) {
    this.forms = Object.entries(values).flatMap(([name, value]) => formsOf(value).map((form) => ({ name, form })));
  }

  /** @returns `name in where` for each value found, each once */
  async findIn(pieces: AsyncIterable<DumpPiece>): Promise<string[]> {
    const found = new Set<string>();
    for await (const { where, text } of pieces) {
      for (const { name, form } of this.forms) if (text.includes(form)) found.add(`${name} in ${where}`);
    }
    return [...found];
  }
}

function formsOf(value: string): string[] {
  assert.ok(value.length >= 6, 'a shorter value would be found by chance');
  const bytes = Buffer.from(value);
  const escaped = [...value].map((c) => (c.codePointAt(0)! > 126 ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : c)).join('');
  const wide = Buffer.from(value, 'utf16le');
  return [
    ...new Set([
      value,
      escaped,
      ...hexForms(bytes),
      ...base64Forms(bytes),
      encodeURIComponent(value),
      ...hexForms(wide),
      wide.toString('latin1'),
    ]),
  ];
}

const hexForms = (bytes: Buffer): string[] => [bytes.toString('hex'), bytes.toString('hex').toUpperCase()];

/** What stays the same of the base64 of these bytes wherever they stand in a longer text: at each of three alignments. */
function base64Forms(bytes: Buffer): string[] {
  const forms = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    return text.slice(before === 0 ? 0 : before + 1, -2);
  });
  return [...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))].filter((form) => form.length >= 6);
}
