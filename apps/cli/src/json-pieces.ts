import type { FieldProblem } from '@attesta/events';

/** Where a JSON value stands in the input; `line` is that of its first character. */
export type Piece = { line: number; bytes: Buffer } | { line: number; problem: FieldProblem };

/** No event is longer: the ledger seals at most 65,535 bytes. */
export const LONGEST_EVENT = 1_000_000;

const NEWLINE = 0x0a;
const TOO_LONG: FieldProblem = {
  field: '',
  code: 'too-large',
  message: `is longer than ${LONGEST_EVENT} bytes`,
  fix: 'put references into events, not documents',
};

/** Cuts JSON Lines into lines; each stands for itself. */
export class LineSplitter {
  readonly broken = false;
  #line = 1;
  #parts: Buffer[] = [];
  #length = 0;

  *push(chunk: Buffer): Generator<Piece> {
    let at = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      this.#keep(chunk.subarray(at, end));
      yield* this.end();
      this.#line++;
      at = end + 1;
    }
    this.#keep(chunk.subarray(at));
  }

  *end(): Generator<Piece> {
    const bytes = Buffer.concat(this.#parts);
    const length = this.#length;
    this.#parts = [];
    this.#length = 0;
    if (length > LONGEST_EVENT) yield { line: this.#line, problem: TOO_LONG };
    else if (!isBlank(bytes)) yield { line: this.#line, bytes };
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > LONGEST_EVENT) this.#parts = [];
    else if (part.length > 0) this.#parts.push(Buffer.from(part));
  }
}

enum Place {
  Between,
  Value,
  Text,
  Escape,
  After,
  Closed,
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Cuts one JSON array into its elements, or objects written one after the other into those, over as many lines as they like. */
export class ValueSplitter {
  /** Nobody can say where the next event begins: nothing more is read. */
  broken = false;
  #place = Place.Between;
  #array: boolean | undefined;
  #depth = 0;
  #line = 1;
  #startLine = 1;
  #parts: Buffer[] = [];
  #length = 0;

  *push(chunk: Buffer): Generator<Piece> {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (byte === NEWLINE) this.#line++;
      switch (this.#place) {
        case Place.Escape:
          this.#place = Place.Text;
          break;
        case Place.Text:
          if (byte === QUOTE) this.#place = Place.Value;
          else if (byte === BACKSLASH) this.#place = Place.Escape;
          else if (byte === NEWLINE) return yield* this.#break('holds a text that runs over the end of its line', this.#line - 1);
          break;
        case Place.Value:
          if (byte === QUOTE) this.#place = Place.Text;
          else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.#depth++;
          else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
            if (--this.#depth > 0) break;
            this.#keep(chunk.subarray(start, at + 1));
            yield this.#take();
            this.#place = this.#array ? Place.After : Place.Between;
          }
          break;
        default: {
          const problem = this.#outside(byte);
          if (problem) return yield* this.#break(problem, this.#line);
          if (this.#inside) start = at;
        }
      }
    }
    if (this.#inside) this.#keep(chunk.subarray(start));
  }

  *end(): Generator<Piece> {
    if (this.#inside) yield* this.#break('has no end', this.#startLine);
    else if (this.#array && this.#place !== Place.Closed) yield* this.#break('is the last one: the array has no end', this.#line);
  }

  get #inside(): boolean {
    return this.#place === Place.Value || this.#place === Place.Text || this.#place === Place.Escape;
  }

  /** Between two values; what is wrong there, if anything. */
  #outside(byte: number): string | undefined {
    if (byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === NEWLINE) return undefined;
    if (this.#place === Place.Closed) return 'stands behind the end of the array';
    if (this.#array === undefined && byte === OPEN_ARRAY) {
      this.#array = true;
      return undefined;
    }
    if (this.#array && byte === CLOSE_ARRAY) {
      this.#place = Place.Closed;
      return undefined;
    }
    if (this.#place === Place.After) {
      if (byte !== COMMA) return 'does not follow on a comma';
      this.#place = Place.Between;
      return undefined;
    }
    if (byte !== OPEN_OBJECT) return 'does not begin an event';
    this.#array ??= false;
    this.#place = Place.Value;
    this.#depth = 1;
    this.#startLine = this.#line;
    return undefined;
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > LONGEST_EVENT) this.#parts = [];
    else this.#parts.push(Buffer.from(part));
  }

  #take(): Piece {
    const piece: Piece =
      this.#length > LONGEST_EVENT
        ? { line: this.#startLine, problem: TOO_LONG }
        : { line: this.#startLine, bytes: Buffer.concat(this.#parts) };
    this.#parts = [];
    this.#length = 0;
    return piece;
  }

  *#break(what: string, line: number): Generator<Piece> {
    this.broken = true;
    const problem = {
      field: '',
      code: 'not-json',
      message: `${what}; nothing behind it was read`,
      fix: 'mend the JSON and publish the file again',
    };
    yield { line, problem };
  }
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  return true;
}
