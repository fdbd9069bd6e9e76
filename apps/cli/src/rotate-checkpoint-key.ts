import fs from 'node:fs/promises';
import path from 'node:path';
import { LOG_KEY, LOG_KEY_CHANGES, NEXT_LOG_KEY, readKeyChanges, WitnessClient, type LogFiles } from '@attesta/ledger';
import {
  formatKeyChange,
  formatVerifierKey,
  LogReader,
  NoteError,
  openNote,
  parseKeyChange,
  parseVerifierKey,
  signNote,
  splitNote,
  type KeyChange,
  type WitnessPolicy,
} from '@attesta/proof';
import { generateLogKey, nodePrimitives, privateKeyObject, publicKeyOf, signEd25519 } from '@attesta/proof/node';
import { createSecretFile, readIfThere, replaceSecretFile } from '@attesta/vault';
import { Failure } from './failure.js';
import { after } from './iso-duration.js';

/** The keys of a log as its keys directory has them, and the log. */
export interface CheckpointKeys {
  directory: string;
  files: LogFiles;
}

interface Signer {
  /** Verifier key line. */
  line: string;
  sign(text: string): string;
}

/**
 * Begins a rotation: the next key stands beside the old one, and a note by both tells of it; a running ledger signs with both from its next checkpoint on.
 * Run again, also after a kill, it ends what it began and makes no other key.
 */
export async function beginCheckpointRotation({ directory, files }: CheckpointKeys, now: Date): Promise<{ old: string; next: KeyChange }> {
  const origin = await originOf(files);
  const old = await signerOf(path.join(directory, LOG_KEY), origin);
  if (!old) throw new Failure(`${directory} has no ${LOG_KEY}`, 'Name the keys directory of the ledger.');
  const note = (await files.checkpoint())!;
  if (!isSignedBy(note, old.line))
    throw new Failure('the newest checkpoint was not signed by the key that is there', 'Restore the key of this log.');
  const nextFile = path.join(directory, NEXT_LOG_KEY);
  await createSecretFile(nextFile, () => generateLogKey(origin).privateKeyPem);
  const next = (await signerOf(nextFile, origin))!;
  const told = readKeyChanges(directory);
  const known = told.map((one) => parseKeyChange(splitNote(one).text)).find(({ key }) => key === next.line);
  if (known) return { old: old.line, next: known };
  const change: KeyChange = { origin, key: next.line, at: now.toISOString() };
  const text = formatKeyChange(change);
  const signed = old.sign(text) + next.sign(text).slice(text.length + 1);
  await replaceSecretFile(path.join(directory, LOG_KEY_CHANGES), JSON.stringify([...told, signed]));
  return { old: old.line, next: change };
}

export interface Retirement {
  now: Date;
  /** ISO 8601: how long both keys must have signed. */
  overlap: string;
  /** Witnesses that must take a checkpoint of the next key alone. */
  witnesses?: WitnessPolicy | undefined;
}

/**
 * Ends a rotation: the next key takes the old one's place, which is destroyed by that, in one step.
 * @returns verifier key line of the one that signs from now on
 * @throws Failure while verifiers or witnesses may not know it
 */
export async function retireCheckpointKey({ directory, files }: CheckpointKeys, { now, overlap, witnesses }: Retirement): Promise<string> {
  const origin = await originOf(files);
  const nextFile = path.join(directory, NEXT_LOG_KEY);
  const next = await signerOf(nextFile, origin);
  if (!next) throw new Failure('no rotation of the checkpoint key is under way', 'attesta keys rotate checkpoint begins one.');
  const { next: change } = await beginCheckpointRotation({ directory, files }, now);
  const until = after(Date.parse(change.at), overlap);
  if (until > now.getTime())
    throw new Failure(
      `verifiers have until ${new Date(until).toISOString()} to learn of the new key`,
      'Tell them, and wait; or shorten that with --overlap, where the old key was stolen.',
    );
  const note = (await files.checkpoint())!;
  if (!isSignedBy(note, next.line))
    throw new Failure(
      'the newest checkpoint is not signed by the new key yet',
      'It comes with the next event that is sealed; the ledger must run.',
    );
  await askWitnesses(next.sign(splitNote(note).text), files, witnesses);
  await fs.rename(nextFile, path.join(directory, LOG_KEY));
  return next.line;
}

/** Whether each would still sign when the new key is the only one. That is no new tree, so nothing changes by the question. */
async function askWitnesses(note: string, files: LogFiles, policy: WitnessPolicy | undefined): Promise<void> {
  const log = new LogReader(nodePrimitives, (file) => files.read(file));
  const refusing: string[] = [];
  for (const { key, url } of policy?.witnesses ?? []) {
    if (url === undefined) continue;
    await new WitnessClient({ key, url }, log).cosign(note).catch((error: Error) => refusing.push(`${key.name} (${error.message})`));
  }
  if (refusing.length > 0)
    throw new Failure(
      `not every witness takes the new key: ${refusing.join(', ')}`,
      'Have its line put beside the old one in their WITNESS_LOGS, and them restarted.',
    );
}

async function signerOf(file: string, origin: string): Promise<Signer | undefined> {
  const pem = await readIfThere(file);
  if (pem === undefined) return undefined;
  const privateKey = privateKeyObject(pem);
  const publicKey = publicKeyOf(privateKey);
  return {
    line: formatVerifierKey(origin, publicKey),
    sign: (text) => signNote(text, origin, publicKey, (message) => signEd25519(privateKey, message)),
  };
}

async function originOf(files: LogFiles): Promise<string> {
  const note = await files.checkpoint();
  if (note === undefined) throw new Failure('nothing is signed yet', 'A key that has signed nothing needs no rotation.');
  return note.slice(0, note.indexOf('\n'));
}

function isSignedBy(note: string, line: string): boolean {
  try {
    return openNote(nodePrimitives, note, [parseVerifierKey(line)]).verified.length > 0;
  } catch (error) {
    if (error instanceof NoteError) return false;
    throw error;
  }
}
