import fs from 'node:fs';
import path from 'node:path';
import { Failure } from './failure.js';
import { readFile } from './files.js';

/** An entry has at most 64 KiB; what a receipt says besides is a fraction of this. */
const RECEIPT_BYTES = 1 << 20;

/** What came in the file of a receipt with its proof: of the right outline, nothing else is sure. */
export interface ReceiptFile {
  receipt: unknown;
  proof: Record<string, unknown>;
  /** A name that stands twice in one object: people might read one value where programs read the other. */
  repeats: boolean;
}

/** Whether a file is given as a receipt: by its name, or because it begins as a JSON object. */
export function isReceiptFile(cwd: string, name: string): boolean {
  const file = path.resolve(cwd, name);
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) return false; // an unzipped bundle
  if (path.extname(name).toLowerCase() === '.json') return true;
  if (stat?.isFile() !== true) return false;
  const start = Buffer.alloc(64);
  try {
    const handle = fs.openSync(file, 'r');
    try {
      return start
        .toString('latin1', 0, fs.readSync(handle, start, 0, start.length, 0))
        .trimStart()
        .startsWith('{');
    } finally {
      fs.closeSync(handle);
    }
  } catch {
    return false; // whoever reads all of it says what is the matter
  }
}

/** @throws Failure when the file is no receipt with its proof */
export function readReceipt(cwd: string, name: string): ReceiptFile {
  const bytes = readFile(cwd, name, { what: 'the receipt', maxBytes: RECEIPT_BYTES });
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (error) {
    throw new Failure(`${name} is not JSON`, 'Give the receipt as it was downloaded.', { cause: error });
  }
  if (!isMembers(value) || !Object.hasOwn(value, 'receipt') || !Object.hasOwn(value, 'proof')) {
    throw new Failure(
      `${name} is no receipt with its proof`,
      'It is a JSON object of "receipt" and "proof": ask the consent service for the receipt with its proof.',
    );
  }
  const strange = Object.keys(value).filter((key) => key !== 'receipt' && key !== 'proof');
  if (strange.length > 0) throw new Failure(`${name} holds more than a receipt and its proof`, 'Give the receipt as it was downloaded.');
  const { receipt, proof } = value;
  if (!isMembers(proof)) throw new Failure(`the proof in ${name} is not an object`, 'Give the receipt as it was downloaded.');
  return { receipt, proof, repeats: namesIn(text) !== membersOf(value) };
}

/** Names followed by a colon, over the tokens of a valid JSON text. */
const namesIn = (text: string): number =>
  [...text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g)].filter(([, colon]) => colon !== undefined).length;

/** Members of all objects in a value. Walks with a list: the file chooses how deep it is. */
function membersOf(value: unknown): number {
  let count = 0;
  const open = [value];
  while (open.length > 0) {
    const at = open.pop();
    if (typeof at !== 'object' || at === null) continue;
    const inside: unknown[] = Object.values(at);
    if (!Array.isArray(at)) count += inside.length;
    for (const item of inside) open.push(item);
  }
  return count;
}

const isMembers = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
