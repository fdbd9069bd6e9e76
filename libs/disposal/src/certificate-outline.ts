import { hostileShape, pointer } from '@attesta/events';
import { canonical } from '@attesta/proof';
import { CERTIFICATE_FORMAT, type CertificateEvidence, type CertificateInformative, type Titled } from './certificate-form.js';

type Members = Record<string, unknown>;

/** A certificate of the right outline: of what it says nothing is sure. */
export interface CertificateOutline {
  statement: unknown;
  texts: unknown;
  informative: CertificateInformative;
  evidence: CertificateEvidence;
}

/** Longest title of a policy. */
const LONGEST = 500;

/** Reads the file of a certificate. @throws Error saying why it is none */
export function certificateIn(text: string): CertificateOutline {
  const certificate = members(valueIn(text), '', ['evidence', 'format', 'informative', 'statement', 'texts']);
  if (certificate['format'] !== CERTIFICATE_FORMAT) throw new Error(`/format is not ${CERTIFICATE_FORMAT}`);
  const { statement, texts, informative, evidence } = certificate;
  return { statement, texts, informative: informativeIn(informative), evidence: evidenceIn(evidence) };
}

function evidenceIn(value: unknown): CertificateEvidence {
  const { entries, checkpoint, verifierKey } = members(value, '/evidence', ['checkpoint', 'entries', 'verifierKey']);
  return {
    entries: items(entries, '/evidence/entries', (one, at) => {
      const { entry, tlogProof } = members(one, at, ['entry', 'tlogProof']);
      return { entry: string(entry, `${at}/entry`), tlogProof: string(tlogProof, `${at}/tlogProof`) };
    }),
    checkpoint: string(checkpoint, '/evidence/checkpoint'),
    verifierKey: string(verifierKey, '/evidence/verifierKey'),
  };
}

function informativeIn(value: unknown): CertificateInformative {
  const { policy, categories, classes, backups } = members(value, '/informative', ['backups', 'categories', 'classes', 'policy']);
  const { id, version } = members(policy, '/informative/policy', ['id', 'version']);
  const { keptFor, until } = members(backups, '/informative/backups', ['keptFor', 'until']);
  return {
    policy: { id: string(id, '/informative/policy/id', LONGEST), version: string(version, '/informative/policy/version', LONGEST) },
    categories: items(categories, '/informative/categories', titled),
    classes: items(classes, '/informative/classes', titled),
    backups: {
      keptFor: string(keptFor, '/informative/backups/keptFor', LONGEST),
      until: string(until, '/informative/backups/until', LONGEST),
    },
  };
}

function titled(value: unknown, at: string): Titled {
  const { id, title, title_th } = members(value, at, ['id', 'title'], ['title_th']);
  return {
    id: string(id, `${at}/id`, LONGEST),
    title: string(title, `${at}/title`, LONGEST),
    ...(title_th !== undefined && { title_th: string(title_th, `${at}/title_th`, LONGEST) }),
  };
}

/** Canonical form leaves no room for a name that stands twice, nor for anything that people and programs could read differently. */
function valueIn(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
  const [hostile] = hostileShape(value, '');
  if (hostile) throw new Error(`${hostile.field} is ${hostile.message}`);
  try {
    if (canonical(value) === text) return value;
  } catch {
    // Nested too deep, or a text that has no UTF-8 form.
  }
  throw new Error('it is not canonical JSON (RFC 8785), as a certificate is: give it as it was downloaded, not printed anew');
}

function members(value: unknown, at: string, names: readonly string[], optional: readonly string[] = []): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${at || 'the certificate'} is not an object`);
  const missing = names.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) throw new Error(`${at}/${missing} is missing`);
  const strange = Object.keys(value).find((name) => !names.includes(name) && !optional.includes(name));
  if (strange !== undefined) throw new Error(`${pointer(at, strange)} is no member of a certificate`);
  return value as Members;
}

function items<T>(value: unknown, at: string, read: (item: unknown, at: string) => T): T[] {
  if (!Array.isArray(value)) throw new Error(`${at} is not a list`);
  return value.map((item: unknown, i) => read(item, pointer(at, i)));
}

function string(value: unknown, at: string, longest = Infinity): string {
  if (typeof value !== 'string' || value.length > longest) throw new Error(`${at} is not a text, or too long a one`);
  return value;
}
