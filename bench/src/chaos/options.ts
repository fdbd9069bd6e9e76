import { parseArgs } from 'node:util';

export interface ChaosOptions {
  json: boolean;
  list: boolean;
  /** Runs the rounds whose name contains this. */
  only: string | undefined;
  seed: number;
  /** How much of the full counts is injected, above 0, at most 1. */
  share: number;
}

export const USAGE = `npm run chaos -- [--only <part of a round's name>] [--seed 1] [--share 1] [--json] [--list]
  --seed   a whole number; the same one makes the same faults in the same order (their moments depend on the machine)
  --share  how much of the full counts is injected, 0.05 for a look
  --json   one object on standard output; use npm run --silent`;

/** @throws Error that says what is wrong with the arguments */
export function readOptions(args: string[]): ChaosOptions {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      only: { type: 'string' },
      seed: { type: 'string', default: '1' },
      share: { type: 'string', default: '1' },
    },
  });
  const [seed, share] = [Number(values.seed), Number(values.share)];
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) throw new Error('--seed must be a whole number from 0 to 4294967295');
  if (!(share > 0 && share <= 1)) throw new Error('--share must be a number above 0, and 1 at most');
  return { json: values.json, list: values.list, only: values.only, seed, share };
}
