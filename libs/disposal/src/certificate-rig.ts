/* A disposal in a log of a few entries, and its certificate, for specs. */
import fs from 'node:fs';
import type { EventTypes } from '@attesta/events';
import { loadPolicy, type Policy } from '@attesta/policy';
import { canonical, formatCheckpoint, formatProof, formatVerifierKey, Frontier, inclusionProof, leafHash, signNote } from '@attesta/proof';
import { nodePrimitives, privateKeyObject, publicKeyOf, signEd25519 } from '@attesta/proof/node';
import { parse } from 'yaml';
import { certificateOf } from './certificate.js';
import type { DestructionCertificate } from './certificate-form.js';

const { sha256 } = nodePrimitives;

export const policy: Policy = loadPolicy(parse(fs.readFileSync(new URL('../../../policies/m-med.yaml', import.meta.url), 'utf8')));

export const DISPOSAL = '0192f0c1-7b2a-7abc-8def-0000000000d1';
export const SUBJECT = '00000000-0000-4000-8000-000000000007';
const ORIGIN = 'ledger.example/log';
const PRIVATE_KEY = privateKeyObject(
  '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----\n',
);
const PUBLIC_KEY = publicKeyOf(PRIVATE_KEY);
export const VERIFIER_KEY = formatVerifierKey(ORIGIN, PUBLIC_KEY);

export interface Happening {
  type: keyof EventTypes;
  source: string;
  data: Record<string, unknown>;
  subject?: string;
}

type Changes<Type extends keyof EventTypes> = { [K in keyof EventTypes[Type]]?: EventTypes[Type][K] | undefined };

/** Positions of the entries below in the log of `logOf`. */
export const AT = { started: 4, closed: 5, answered: 7, instructed: 8, destroyed: 9, removed: 10, completed: 12 };

/** What is sealed of a disposal; each with changes, where undefined leaves a member out. */
export const sealed = {
  started: (changes: Changes<'attesta.disposal.started.v1'> = {}): Happening => ({
    type: 'attesta.disposal.started.v1',
    source: '//attesta/retention',
    data: {
      disposal: DISPOSAL,
      cause: 'schedule',
      action: 'destroy',
      rules: ['contract-claims', 'account-data'],
      categories: ['contact', 'address', 'preferences'],
      classes: ['contact', 'address', 'preferences'],
      collectedUntil: '2015-06-30T00:00:00.000Z',
      ...changes,
    },
  }),
  closed: (changes: Changes<'attesta.key.closed.v1'> = {}): Happening => ({
    type: 'attesta.key.closed.v1',
    source: '//attesta/ledger',
    data: { disposal: DISPOSAL, keys: ['contact.1', 'address.1', 'preferences.1'], fence: AT.closed, ...changes },
  }),
  answered: (changes: Changes<'attesta.disposal.systems-answered.v1'> = {}): Happening => ({
    type: 'attesta.disposal.systems-answered.v1',
    source: '//attesta/requests',
    data: { disposal: DISPOSAL, acknowledgements: sealed.completed().data['acknowledgements'], ...changes },
  }),
  instructed: (changes: Changes<'attesta.disposal.instructed.v1'> = {}): Happening => ({
    type: 'attesta.disposal.instructed.v1',
    source: '//attesta/retention',
    data: {
      disposal: DISPOSAL,
      scope: 'class',
      keys: ['contact.1', 'address.1'],
      parts: [...[0, 1, 2, 3].map((position) => ({ position, part: 0 })), { position: 3, part: 1 }, { position: 3, part: -1 }],
      ...changes,
    },
  }),
  destroyed: (changes: Changes<'attesta.key.destroyed.v1'> = {}): Happening => ({
    type: 'attesta.key.destroyed.v1',
    source: '//attesta/ledger',
    data: {
      keys: ['contact.1', 'address.1'].map((key) => ({ subject: SUBJECT, key })),
      scope: 'class',
      reason: 'Kept no longer than lawful',
      basis: `disposal/${DISPOSAL}`,
      method: 'crypto-shredding',
      ...changes,
    },
  }),
  removed: (changes: Changes<'attesta.ciphertext.removed.v1'> = {}): Happening => ({
    type: 'attesta.ciphertext.removed.v1',
    source: '//attesta/ledger',
    data: { disposal: DISPOSAL, parts: [{ position: 2, part: 0 }], method: 'ciphertext-removal', ...changes },
  }),
  completed: (changes: Changes<'attesta.disposal.completed.v1'> = {}): Happening => ({
    type: 'attesta.disposal.completed.v1',
    source: '//attesta/retention',
    data: {
      disposal: DISPOSAL,
      cause: 'schedule',
      outcome: 'partial',
      action: 'destroy',
      scope: 'class',
      rules: [
        { rule: 'contract-claims', law: 'Civil and Commercial Code s.193/30' },
        { rule: 'account-data', law: 'PDPA s.37(3), GDPR Art. 5(1)(e)' },
      ],
      categories: ['contact', 'address', 'preferences'],
      keys: ['contact.1', 'address.1'],
      parts: 5,
      collected: { from: '2014-01-05T08:30:00.000Z', until: '2015-06-29T17:00:00.000Z' },
      survivors: [
        { category: 'preferences', ground: 'legal-hold', hold: '0192f0c1-7b2a-7abc-8def-0000000000b1', reason: 'matter 2026/17' },
        { category: 'address', ground: 'crm', law: 'Revenue Code s.87/3', until: '2027-04-01T00:00:00.000Z' },
      ],
      acknowledgements: [
        { system: 'crm', outcome: 'done', kept: [{ category: 'address', reason: 'tax invoices', law: 'Revenue Code s.87/3' }] },
        { system: 'mailing', outcome: 'nothing-held' },
      ],
      methods: ['crypto-shredding', 'ciphertext-removal', 'system-erasure'],
      priorNotice: 'not-required',
      fence: AT.closed,
      destroyed: AT.destroyed,
      ...changes,
    },
  }),
};

const other: Happening = { type: 'attesta.use.recorded.v1', source: '//shop.example', data: { operation: 'ship' } };

export type Log = (Happening | undefined)[];

/** The whole log: undefined is an entry about something else. */
export function logOf(changes: Partial<Record<keyof typeof AT, Happening | undefined>> = {}): Log {
  const log: Log = Array.from({ length: 20 });
  const told = { ...Object.fromEntries(Object.keys(AT).map((name) => [name, sealed[name as keyof typeof AT]()])), ...changes };
  for (const [name, position] of Object.entries(AT)) log[position] = told[name as keyof typeof AT];
  return log;
}

function entryText({ type, source, data, subject = SUBJECT }: Happening, position: number): string {
  const time = `2026-03-01T09:00:${String(position).padStart(2, '0')}.000Z`;
  const defined = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
  return canonical({
    v: 1,
    id: `event-${position}`,
    source,
    type,
    time,
    recordedAt: time,
    subject: { id: subject, seq: 1 },
    data: defined,
  });
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What the ledger gives for a log: every entry of a disposal with its proof, rising by position. */
export async function evidenceOf(log: Log) {
  const texts = log.map((one, position) => entryText(one ?? other, position));
  const rootOf = (some: readonly string[]) => {
    const frontier = new Frontier(sha256);
    for (const text of some) frontier.append(leafHash(sha256, bytesOf(text)));
    return frontier.root();
  };
  const text = formatCheckpoint({ origin: ORIGIN, size: texts.length, root: rootOf(texts) });
  const checkpoint = signNote(text, ORIGIN, PUBLIC_KEY, (message) => signEd25519(PRIVATE_KEY, message));
  const hashAt = (level: number, index: number) => rootOf(texts.slice(index * 2 ** level, (index + 1) * 2 ** level));
  const entries = [];
  for (const [index, one] of log.entries()) {
    if (!one) continue;
    const proof = await inclusionProof(index, texts.length, hashAt, sha256);
    entries.push({ entry: texts[index]!, tlogProof: formatProof({ index, proof, checkpoint }) });
  }
  return { entries, checkpoint, verifierKey: VERIFIER_KEY };
}

export async function certified(log: Log = logOf()): Promise<DestructionCertificate> {
  const { entries, ...signed } = await evidenceOf(log);
  const completed = entries.find(({ entry }) => entry.includes('attesta.disposal.completed.v1'))!;
  return certificateOf({ completed, related: entries.filter((one) => one !== completed), policy, ...signed });
}
