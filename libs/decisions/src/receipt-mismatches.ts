import { hostileShape, pointer } from '@attesta/events';
import { RECEIPT_SCHEMA } from './receipt-form.js';
import { capturedIn, isTime, recordFrom } from './receipt-record.js';

type Members = Record<string, unknown>;

const MOST = 50;
const LONGEST = 120;

/**
 * Everything a receipt states that its sealed entry does not say, in words for a person; empty when the receipt follows from the entry. What
 * lies under `informative`, the number of the receipt and the time it was issued are in no entry, and are not looked at.
 * Takes whatever came in a file and throws nothing.
 */
export function receiptMismatches(receipt: unknown, entry: unknown, position: number): string[] {
  try {
    const due = recordFrom(capturedIn(entry), position);
    return [...formProblems(receipt), ...differences(isMembers(receipt) ? receipt['record'] : undefined, due, '/record')].slice(0, MOST);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [`the sealed entry is none that a receipt can be of: ${error.message}`];
  }
}

function* formProblems(receipt: unknown): Generator<string> {
  for (const { field, message } of hostileShape(receipt, '')) yield `${field}: ${message}`;
  if (!isMembers(receipt)) return yield 'the receipt is not an object';
  yield* strangers(receipt, ['metadata', 'record', 'informative'], '');
  if (!isMembers(receipt['informative'])) yield '/informative is not an object';
  const { metadata } = receipt;
  if (!isMembers(metadata)) return yield '/metadata is not an object';
  yield* strangers(metadata, ['schema_version', 'receipt_id', 'issued_at'], '/metadata');
  if (metadata['schema_version'] !== RECEIPT_SCHEMA) yield `/metadata/schema_version is not ${RECEIPT_SCHEMA}`;
  if (typeof metadata['receipt_id'] !== 'string' || metadata['receipt_id'] === '') yield '/metadata/receipt_id is not a text';
  if (!isTime(metadata['issued_at'])) yield '/metadata/issued_at is not a time';
}

function* strangers(members: Members, known: readonly string[], at: string): Generator<string> {
  for (const key of Object.keys(members)) if (!known.includes(key)) yield `${pointer(at, key)} is no member of a receipt`;
}

/** Walks along what is due, so that a hostile receipt chooses neither depth nor length of the walk. */
function* differences(said: unknown, due: unknown, at: string): Generator<string> {
  if (Array.isArray(due)) {
    if (!Array.isArray(said)) return yield wrong(said, due, at);
    for (const [i, item] of due.entries()) {
      if (i < said.length) yield* differences(said[i], item, pointer(at, i));
      else yield leftOut(item, pointer(at, i));
    }
    for (let i = due.length; i < Math.min(said.length, due.length + MOST); i++) yield stated(said[i], pointer(at, i));
  } else if (isMembers(due)) {
    if (!isMembers(said)) return yield wrong(said, due, at);
    for (const [key, value] of Object.entries(due)) {
      if (Object.hasOwn(said, key)) yield* differences(said[key], value, pointer(at, key));
      else yield leftOut(value, pointer(at, key));
    }
    for (const key of Object.keys(said)) if (!Object.hasOwn(due, key)) yield stated(said[key], pointer(at, key));
  } else if (said !== due) yield wrong(said, due, at);
}

const wrong = (said: unknown, due: unknown, at: string) => `${at}: the receipt says ${shown(said)}, the sealed entry says ${shown(due)}`;
const leftOut = (due: unknown, at: string) => `${at}: the receipt leaves out ${shown(due)}, which the sealed entry says`;
const stated = (said: unknown, at: string) => `${at}: the receipt says ${shown(said)}, the sealed entry says nothing of it`;

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isMembers(value)) return 'an object';
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);
