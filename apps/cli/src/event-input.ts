import { isUtf8 } from 'node:buffer';
import type { FieldProblem } from '@attesta/events';
import { Failure } from './failure.js';
import { LineSplitter, ValueSplitter, type Piece } from './json-pieces.js';

/** One event of the input, or why what stands on that line is none. Lines count from 1. */
export type InputItem = { line: number; value: Record<string, unknown> } | { line: number; problem: FieldProblem };

const HEAD_BYTES = 1_200_000;
const NEWLINE = 0x0a;

/**
 * Events of a JSON, JSON array or JSON Lines stream of any length, in order, holding no more than one event at a time. What cannot be read
 * is an item with its problem and the rest goes on, except where nobody can say where the next event begins: then that is the last item.
 * @throws Failure for input in another encoding than UTF-8
 */
export async function* readEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<InputItem> {
  let head: Buffer | undefined = Buffer.alloc(0);
  let splitter: LineSplitter | ValueSplitter | undefined;
  for await (const chunk of chunks) {
    if (splitter) {
      yield* items(splitter.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)));
      if (splitter.broken) return;
      continue;
    }
    head = Buffer.concat([head as Buffer, chunk]);
    if (head.length < HEAD_BYTES && fullLines(head).length < 2) continue;
    splitter = splitterFor(head);
    yield* items(splitter.push(withoutMark(head)));
    if (splitter.broken) return;
    head = undefined;
  }
  if (head) {
    splitter = splitterFor(Buffer.concat([head, Buffer.from('\n')]));
    yield* items(splitter.push(withoutMark(head)));
    if (splitter.broken) return;
  }
  if (splitter) yield* items(splitter.end());
}

function* items(pieces: Iterable<Piece>): Generator<InputItem> {
  for (const piece of pieces) yield 'problem' in piece ? piece : readItem(piece);
}

/** The parser's own messages quote the input, which may be about a person: only the place is told. */
function readItem({ line, bytes }: { line: number; bytes: Buffer }): InputItem {
  const wrong = (code: string, message: string, fix: string): InputItem => ({ line, problem: { field: '', code, message, fix } });
  if (!isUtf8(bytes)) return wrong('not-utf8', 'is not valid UTF-8', 'save the file as UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    const at = /at position (\d+)/.exec((error as Error).message)?.[1];
    return wrong(
      'not-json',
      at === undefined ? 'is not valid JSON' : `is not valid JSON from its character ${Number(at) + 1} on`,
      'mend the JSON',
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return wrong('not-an-object', 'is JSON, but no event', 'an event is one CloudEvents 1.0 object');
  }
  return { line, value: value as Record<string, unknown> };
}

/** JSON Lines if the first line is an event by itself, or the second is while the first is a broken one. */
function splitterFor(head: Buffer): LineSplitter | ValueSplitter {
  const [a = 0, b = 0] = head;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    throw new Failure('the input is in UTF-16', 'Save it as UTF-8; in PowerShell write it with -Encoding utf8.');
  }
  const text = withoutMark(head);
  const first = text.subarray(0, 4096).toString('latin1').trimStart();
  if (first.startsWith('[')) return new ValueSplitter();
  const [one, two] = fullLines(text);
  const lines = one === undefined || isObject(one) || (two !== undefined && isObject(two)) || !first.startsWith('{');
  return lines ? new LineSplitter() : new ValueSplitter();
}

/** The first two lines that are not blank and whose end is there. */
function fullLines(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0, end = bytes.indexOf(NEWLINE); end >= 0 && found.length < 2; at = end + 1, end = bytes.indexOf(NEWLINE, at)) {
    const line = bytes.toString('utf8', at, end).trim();
    if (line !== '' && line !== '\ufeff') found.push(line);
  }
  return found;
}

function isObject(text: string): boolean {
  if (!text.startsWith('{')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A byte order mark is no part of the text. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
