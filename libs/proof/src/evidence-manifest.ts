/** manifest.json of an evidence bundle: what the bundle holds and claims. */
export interface EvidenceManifest {
  format: 'attesta-evidence-v1';
  origin: string;
  subject?: string;
  createdAt: string;
  /** Up to where the answer saw the log: last position applied (-1: none), and the checkpoint's size and root (base64). */
  asOf: { position: number; size: number; root: string };
  /** Rising by position. */
  entries: { position: number; file: string; proof: string }[];
  /** Claims that the bundle leaves out none of the subject's entries numbered (subject.seq) `from` to `to`, both included. */
  complete?: { subject: string; from: number; to: number };
}

type Members = Record<string, unknown>;

/** Reads manifest.json. Throws Error saying what is wrong with it. */
export function parseManifest(text: string): EvidenceManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('the manifest is not JSON');
  }
  const manifest = members(value, 'the manifest');
  if (manifest['format'] !== 'attesta-evidence-v1') throw new Error('the manifest is not of format attesta-evidence-v1');
  const asOf = members(manifest['asOf'], 'asOf');
  const { subject, complete } = manifest;
  return {
    format: 'attesta-evidence-v1',
    origin: string(manifest['origin'], 'origin'),
    createdAt: string(manifest['createdAt'], 'createdAt'),
    asOf: {
      position: whole(asOf['position'], 'asOf.position', -1),
      size: whole(asOf['size'], 'asOf.size'),
      root: string(asOf['root'], 'asOf.root'),
    },
    entries: entries(manifest['entries']),
    ...(subject === undefined ? {} : { subject: string(subject, 'subject') }),
    ...(complete === undefined ? {} : { complete: completeness(members(complete, 'complete')) }),
  };
}

function entries(value: unknown): EvidenceManifest['entries'] {
  if (!Array.isArray(value)) throw new Error('the manifest lists no entries');
  let last = -1;
  return value.map((item: unknown) => {
    const entry = members(item, 'a listed entry');
    const position = whole(entry['position'], 'the position of a listed entry');
    if (position <= last) throw new Error('the listed entries do not rise by position');
    last = position;
    return {
      position,
      file: string(entry['file'], 'the file of a listed entry'),
      proof: string(entry['proof'], 'the proof of a listed entry'),
    };
  });
}

function completeness(complete: Members): NonNullable<EvidenceManifest['complete']> {
  const from = whole(complete['from'], 'complete.from', 1);
  return { subject: string(complete['subject'], 'complete.subject'), from, to: whole(complete['to'], 'complete.to', from - 1) };
}

function members(value: unknown, what: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${what} is not an object`);
  return value as Members;
}

function string(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw new Error(`${what} is not a text`);
  return value;
}

function whole(value: unknown, what: string, least = 0): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least)
    throw new Error(`${what} is not a whole number from ${least}`);
  return value;
}
