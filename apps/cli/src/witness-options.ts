import { NoteError, parseWitnessPolicy, witnessPolicyOf, WitnessPolicyError, type WitnessDemand, type Witnessed } from '@attesta/proof';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { Failure } from './failure.js';
import { readFile } from './files.js';
import { count, plain } from './screen.js';

export interface WitnessOptions {
  witness?: string[];
  witnesses?: number;
  witnessPolicy?: string;
  witnessedWithin: number;
}

const POLICY_BYTES = 256 * 1024;

export function withWitnesses(command: Command): Command {
  return command
    .addOption(
      new Option('--witness <key>', 'verifier key line of a witness that must vouch for the log; may be given several times').argParser(
        (line: string, before: string[] | undefined) => [...(before ?? []), line],
      ),
    )
    .addOption(new Option('--witnesses <n>', 'how many of them must; all, if not given').argParser(wholeNumber))
    .option('--witness-policy <file>', 'a policy file (C2SP tlog-policy) instead of the two')
    .addOption(new Option('--witnessed-within <minutes>', 'how long ago they may have signed at most').default(60).argParser(wholeNumber));
}

/** undefined where no witness is asked for. @throws Failure */
export function witnessDemand(options: WitnessOptions, { cwd, now }: { cwd: string; now: () => Date }): WitnessDemand | undefined {
  const { witness: keys, witnesses, witnessPolicy: file, witnessedWithin } = options;
  const at = { now: Math.floor(now().getTime() / 1000), within: witnessedWithin * 60 };
  if (file !== undefined) {
    if (keys || witnesses !== undefined) throw new Failure('--witness-policy says all of it', 'Leave --witness and --witnesses out.');
    const text = readFile(cwd, file, { what: 'the policy', maxBytes: POLICY_BYTES }).toString('utf8');
    return { policy: readable(() => parseWitnessPolicy(text), file, 'See c2sp.org/tlog-policy for what a policy file holds.'), ...at };
  }
  if (!keys) {
    if (witnesses === undefined) return undefined;
    throw new Failure('--witnesses says how many, and no --witness says who', 'Give the key of each witness you trust with --witness.');
  }
  const fix = 'The key of a witness looks like example.org/witness+0a1b2c3d+BAID...: ask whoever runs it.';
  return { policy: readable(() => witnessPolicyOf(keys, witnesses ?? keys.length), '--witness', fix), ...at };
}

/** `Witnessed 40 seconds ago by a, b.` */
export function witnessedText({ size, time, names }: Witnessed, ofEntries: number, now: Date): string {
  const by = names.length > 0 ? ` by ${names.map(plain).join(', ')}` : '';
  const upTo =
    size < ofEntries
      ? `, up to ${count(size, 'entry', 'entries')}; the ${count(ofEntries - size, 'entry', 'entries')} after that continue it`
      : '';
  return `Witnessed ${ageText(now.getTime() / 1000 - time)} ago (${new Date(time * 1000).toISOString()})${by}${upTo}.`;
}

function ageText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 120) return count(whole, 'second');
  if (whole < 7200) return count(Math.floor(whole / 60), 'minute');
  return whole < 172_800 ? count(Math.floor(whole / 3600), 'hour') : count(Math.floor(whole / 86_400), 'day');
}

function readable<T>(step: () => T, from: string, fix: string): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof NoteError || error instanceof WitnessPolicyError)) throw error;
    throw new Failure(`${from} cannot be used: ${error.message}`, fix, { cause: error });
  }
}

function wholeNumber(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1.');
  return Number(text);
}
