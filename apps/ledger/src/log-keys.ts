import type { KeyObject } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { formatVerifierKey, openNote, parseVerifierKey, signNote, type VerifierKey } from '@attesta/proof';
import { nodePrimitives, privateKeyObject, publicKeyOf, signEd25519 } from '@attesta/proof/node';

/** The key that signs alone, or first. */
export const LOG_KEY = 'log-key.pem';
/** While a rotation is under way: the key that signs beside it, and will alone. */
export const NEXT_LOG_KEY = 'log-key.next.pem';
/** JSON list of the notes that tell of changes, oldest first; public. */
export const LOG_KEY_CHANGES = 'log-key-changes.json';

interface LogSigner {
  key: VerifierKey;
  privateKey: KeyObject;
}

/**
 * What signs checkpoints: the log's key, and beside it the next one while the key changes, so that verifiers who know either go on. The files are looked at
 * before each signature, so a rotation needs no restart; each step of one is a file that is there or not.
 */
export class LogKeys {
  private signers: LogSigner[] = [];
  private mark = '';

  constructor(
    private readonly directory: string,
    private readonly origin: string,
  ) {
    this.refresh();
  }

  /** C2SP verifier key line of the log's key; the old one until it is retired. */
  get verifierKey(): string {
    this.refresh();
    return lineOf(this.signers[0]!.key);
  }

  /** A signed note, with a signature line for each key. */
  sign(text: string): string {
    this.refresh();
    const notes = this.signers.map(({ key, privateKey }) =>
      signNote(text, this.origin, key.publicKey, (message) => signEd25519(privateKey, message)),
    );
    return notes.reduce((note, one) => note + one.slice(text.length + 1));
  }

  /** @throws NoteError unless one of the keys signed it */
  open(note: string): void {
    this.refresh();
    openNote(
      nodePrimitives,
      note,
      this.signers.map(({ key }) => key),
    );
  }

  /** Notes that tell of changes of the key, oldest first. */
  changes(): string[] {
    return readKeyChanges(this.directory);
  }

  private refresh(): void {
    const files = [LOG_KEY, NEXT_LOG_KEY].map((name) => path.join(this.directory, name));
    const stats = files.map((file) => fs.statSync(file, { bigint: true, throwIfNoEntry: false }));
    const mark = stats.map((stat) => (stat ? `${stat.ino} ${stat.mtimeNs} ${stat.size}` : '-')).join(',');
    if (mark === this.mark && this.signers.length > 0) return;
    this.signers = files.flatMap((file) => signerOf(file, this.origin) ?? []);
    if (this.signers.length === 0) throw new Error(`${this.directory} lacks ${LOG_KEY}`);
    this.mark = mark;
  }
}

/** undefined where there is no such file; a rename between two looks is found by the next one */
function signerOf(file: string, origin: string): LogSigner | undefined {
  let pem: string;
  try {
    pem = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const privateKey = privateKeyObject(pem);
  return { privateKey, key: parseVerifierKey(formatVerifierKey(origin, publicKeyOf(privateKey))) };
}

const lineOf = ({ name, publicKey }: VerifierKey): string => formatVerifierKey(name, publicKey);

/** Of a keys directory: none where the key never changed. */
export function readKeyChanges(directory: string): string[] {
  try {
    return JSON.parse(fs.readFileSync(path.join(directory, LOG_KEY_CHANGES), 'utf8')) as string[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
