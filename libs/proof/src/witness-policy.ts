import { parseWitnessKey, type Cosignature } from './cosignature.js';
import { parseDecimal } from './decimal.js';
import { equalBytes } from './bytes.js';
import type { VerifierKey } from './note.js';

/** A witness policy that says something else than C2SP tlog-policy lets it say. */
export class WitnessPolicyError extends Error {
  override readonly name = 'WitnessPolicyError';
}

export interface PolicyWitness {
  /** Within the policy. */
  name: string;
  key: VerifierKey;
  /** Where it takes checkpoints in: the submission prefix of C2SP tlog-witness. */
  url?: string;
}

/** A witness or a group of which so many members must vouch. */
type Member = { witness: VerifierKey } | { threshold: number; members: Member[] };

/** Which witnesses are known, and which of them together make a checkpoint count as witnessed. */
export interface WitnessPolicy {
  witnesses: PolicyWitness[];
  /** undefined where no cosignature is asked for. */
  quorum: Member | undefined;
}

/** So many of these verifier key lines. Throws WitnessPolicyError or NoteError. */
export function witnessPolicyOf(keyLines: readonly string[], atLeast: number): WitnessPolicy {
  const witnesses = keyLines.map((line, i) => ({ name: `w${i + 1}`, key: parseWitnessKey(line) }));
  refuseTwice(witnesses);
  if (!Number.isInteger(atLeast) || atLeast < 1 || atLeast > witnesses.length)
    throw new WitnessPolicyError(`${atLeast} witnesses are asked for, and ${witnesses.length} are known`);
  return { witnesses, quorum: { threshold: atLeast, members: witnesses.map(({ key }) => ({ witness: key })) } };
}

/** Reads a policy file (C2SP tlog-policy). Its `log` lines are passed over: which log it is for is known from elsewhere. Throws WitnessPolicyError. */
export function parseWitnessPolicy(text: string): WitnessPolicy {
  const witnesses: PolicyWitness[] = [];
  const named = new Map<string, Member>();
  const grouped = new Set<string>();
  let quorum: { of: Member | undefined } | undefined;

  const find = (name: string): Member => {
    const member = named.get(name);
    if (!member) throw new WitnessPolicyError(`${name} is not defined on a line before`);
    return member;
  };
  const define = (name: string | undefined, member: Member): void => {
    if (name === undefined || name === 'none' || named.has(name)) throw new WitnessPolicyError('a name is given once, and none is taken');
    named.set(name, member);
  };
  const read = ([keyword, ...rest]: string[]): void => {
    if (keyword === 'log') return;
    if (keyword === 'witness') {
      const witness = readWitness(rest);
      witnesses.push(witness);
      refuseTwice(witnesses);
      define(witness.name, { witness: witness.key });
    } else if (keyword === 'group') {
      const [name, threshold, ...members] = rest;
      for (const member of members) {
        if (grouped.has(member)) throw new WitnessPolicyError(`${member} is a member already`);
        grouped.add(member);
      }
      define(name, { threshold: thresholdOf(threshold, members.length), members: members.map(find) });
    } else if (keyword === 'quorum' && rest.length === 1 && !quorum) quorum = { of: rest[0] === 'none' ? undefined : find(rest[0]!) };
    else throw new WitnessPolicyError('a line is log, witness, group, or the one quorum');
  };
  text.split('\n').forEach((line, i) => {
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    if (words.length === 0 || words[0]!.startsWith('#')) return;
    try {
      read(words);
    } catch (error) {
      throw new WitnessPolicyError(`line ${i + 1}: ${(error as Error).message}`, { cause: error });
    }
  });
  if (!quorum) throw new WitnessPolicyError('there is no quorum line');
  return { witnesses, quorum: quorum.of };
}

/** Since when the policy holds: the latest time that enough witnesses name, or a later one each. undefined while it does not; 0 if none is asked for. */
export function witnessedTime({ quorum }: WitnessPolicy, cosignatures: readonly Cosignature[]): number | undefined {
  if (!quorum) return 0;
  const times = [...new Set(cosignatures.map(({ time }) => time))].sort((a, b) => b - a);
  return times.find((since) => vouches(quorum, new Set(cosignatures.filter(({ time }) => time >= since).map(({ key }) => key))));
}

function vouches(member: Member, signed: ReadonlySet<VerifierKey>): boolean {
  if ('witness' in member) return signed.has(member.witness);
  return member.members.filter((one) => vouches(one, signed)).length >= member.threshold;
}

function readWitness([name, line, url, ...more]: string[]): PolicyWitness {
  if (name === undefined || line === undefined || more.length > 0)
    throw new WitnessPolicyError('it is witness, name, key and perhaps a URL');
  if (url !== undefined && !/^https?:\/\/./.test(url)) throw new WitnessPolicyError('the URL of a witness begins with http:// or https://');
  return { name, key: parseWitnessKey(line), ...(url !== undefined && { url: url.replace(/\/+$/, '') }) };
}

function thresholdOf(text: string | undefined, members: number): number {
  const threshold = text === 'any' ? 1 : text === 'all' ? members : parseDecimal(text ?? '');
  if (threshold === undefined || threshold < 1 || threshold > members)
    throw new WitnessPolicyError('a group has a name, then all, any or a number, then at least so many members');
  return threshold;
}

/** Two names for one key would let one witness count twice. */
function refuseTwice(witnesses: readonly PolicyWitness[]): void {
  const same = witnesses.find(({ key }, i) => witnesses.slice(0, i).some((other) => equalBytes(other.key.publicKey, key.publicKey)));
  if (same) throw new WitnessPolicyError(`the key of ${same.key.name} is there twice`);
}
