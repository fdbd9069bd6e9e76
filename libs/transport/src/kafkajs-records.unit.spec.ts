import { createRequire } from 'node:module';
import fc from 'fast-check';
import { decodeRecord, encodeRecord, type EncodedRecord, type RecordFields } from './kafkajs-records.js';

const require = createRequire(import.meta.url);
const theirs = {
  encode: require('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (fields: RecordFields) => EncodedRecord,
  decode: require('kafkajs/src/protocol/recordBatch/record/v0/decoder.js') as typeof decodeRecord,
  Decoder: require('kafkajs/src/protocol/decoder.js') as new (buffer: Buffer) => {
    buffer: Buffer;
    offset: number;
    readVarIntBytes(): Buffer;
  },
};

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const field = fc.oneof(bytes, fc.string({ unit: 'grapheme', maxLength: 40 }));
/** kafkajs mixes a header named like a member of every object (`valueOf`) with that member; ours does not. */
const headerName = fc.string({ maxLength: 12 }).filter((name) => !(name in Object.prototype));
const record = fc.record({
  offsetDelta: fc.nat(3_000_000),
  timestampDelta: fc.integer({ min: -5_000_000_000, max: 5_000_000_000 }),
  key: fc.option(field),
  value: fc.option(field),
  headers: fc.dictionary(headerName, fc.oneof(field, fc.array(field, { minLength: 1, maxLength: 3 }))),
});
const batch = { firstOffset: '9007199254740993', firstTimestamp: '1767323045678', maxTimestamp: '1767323099999', magicByte: 2 };

describe('our record writer and reader', () => {
  it('write what those of kafkajs write', () => {
    fc.assert(
      fc.property(record, (fields) => {
        expect(encodeRecord(fields).buffer.equals(theirs.encode(fields).buffer)).toBe(true);
      }),
    );
  });

  it('read what those of kafkajs read', () => {
    fc.assert(
      fc.property(record, fc.constantFrom(batch, { ...batch, firstOffset: '12', timestampType: 1 }), (fields, context) => {
        const encoded = encodeRecord(fields).buffer;
        const body = () => new theirs.Decoder(new theirs.Decoder(encoded).readVarIntBytes());
        const [ours, other] = [body(), body()];
        expect(decodeRecord(ours, context)).toEqual(theirs.decode(other, context));
        expect(ours.offset).toBe(other.offset);
      }),
    );
  });

  it('keep a header called __proto__ a header', () => {
    const headers = JSON.parse('{"__proto__":"x","a":"1"}') as Record<string, string>;
    const encoded = encodeRecord({ value: 'v', headers }).buffer;
    const read = decodeRecord(new theirs.Decoder(new theirs.Decoder(encoded).readVarIntBytes()));
    expect(Object.getPrototypeOf(read.headers)).toBe(Object.prototype);
    expect(Object.keys(read.headers)).toEqual(['__proto__', 'a']);
  });

  it('refuse a record that ends within a number', () => {
    expect(() => decodeRecord(new theirs.Decoder(Buffer.from([0, 0x80])))).toThrow(RangeError);
  });
});
