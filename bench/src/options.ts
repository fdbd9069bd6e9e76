import { parseArgs } from 'node:util';

export interface BenchOptions {
  json: boolean;
  list: boolean;
  /** Runs the rows whose name contains this. */
  only: string | undefined;
  /** Length of the sustained rows; the others take a share of it. */
  seconds: number;
  /** Sizes of the logs that the rows about growth look at, rising. */
  sizes: number[];
}

export const USAGE = `npm run bench -- [--only <part of a row's name>] [--seconds 60] [--size 1e6] [--full] [--json] [--list]
  --seconds  length of the sustained rows; the others take a third or less of it
  --size     entries in the largest log; rows about growth are measured at 10^4, 10^5, ... up to it
  --full     the largest log has 10^7 entries (about 40 GB of disk and an hour)
  --json     one object on standard output; use npm run --silent`;

/** @throws Error that says what is wrong with the arguments */
export function readOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      only: { type: 'string' },
      seconds: { type: 'string', default: '60' },
      size: { type: 'string' },
    },
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Error('--seconds must be a number above 0');
  const largest = Number(values.size ?? (values.full ? 1e7 : 1e6));
  if (!Number.isInteger(largest) || largest < 1000) throw new Error('--size must be a whole number from 1000');
  return { json: values.json, list: values.list, only: values.only, seconds, sizes: sizesUpTo(largest) };
}

function sizesUpTo(largest: number): number[] {
  const sizes = [];
  for (let size = 10_000; size < largest; size *= 10) sizes.push(size);
  return [...sizes, largest];
}
