import type { CollectionRecorded, DisclosureRecorded, EventTypes } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import type { BasisLine, DataMapLine, DisposalLine, Evidence, OriginLine, PurposeLine, RecipientLine } from './data-map-form.js';
import type { HeldPart } from './held-parts.js';
import type { HoldEventRow } from './holds.projection.js';
import type { PersonEntry } from './person-entries.js';

export interface DataMapSource {
  policy: Policy;
  own: ReadonlySet<string>;
  parts: readonly HeldPart[];
  entries: readonly PersonEntry[];
  /** Holds that stand. */
  holds: readonly HoldEventRow[];
}

type Completed = EventTypes['attesta.disposal.completed.v1'];

/**
 * What is held of a person, a line for each category: from where, why, until when, who got it, and what was destroyed (notice clauses 5.1, 7.1;
 * PDPA s.30, GDPR Art. 15).
 */
export function dataMap(source: DataMapSource): DataMapLine[] {
  const byCategory = new Map<string, HeldPart[]>();
  for (const one of source.parts) for (const category of one.part.categories) push(byCategory, category, one);
  return [...byCategory].sort(([a], [b]) => (a < b ? -1 : 1)).map(([category, parts]) => lineOf(source, category, parts));
}

function lineOf(source: DataMapSource, category: string, parts: readonly HeldPart[]): DataMapLine {
  const { policy } = source;
  const known = policy.categories.get(category);
  const held = parts.filter(({ gone }) => gone === undefined);
  const times = (held.length > 0 ? held : parts).map(({ part }) => part.collectedAt);
  const dues = held.map(({ due }) => due);
  const disclosed = disclosuresOf(source, category);
  const disposed = disposalsOf(source, category);
  const holds = source.holds.filter((hold) => held.some((one) => covers(hold, one)));
  return {
    category,
    title: known?.title ?? null,
    titleTh: known?.title_th ?? null,
    sensitive: known?.sensitive ?? false,
    retentionClass: known?.retentionClass ?? null,
    held: held.length,
    destroyed: parts.length - held.length,
    since: iso(least(times)),
    lastCollected: iso(most(times)),
    origins: originsOf(source, parts),
    purposes: purposesOf(policy, category, held),
    due: {
      first: isoOrNull(dues.reduce((a, b) => (a === undefined ? b : b === undefined ? a : Math.min(a, b)), undefined)),
      last: dues.includes(undefined) || dues.length === 0 ? null : iso(most(dues as number[])),
    },
    holds: holds.map(({ hold, matter, law, occurredAt, position }) => ({ hold, matter, law, since: occurredAt, position })),
    disclosures: recipientsOf(policy, disclosed),
    disposals: disposed.map((one) => disposalLine(one, category)),
    evidence: evidenceOf([
      ...parts.flatMap(({ part, gone }) => (gone === undefined ? [part.position] : [part.position, gone])),
      ...disclosed.map(({ position }) => position),
      ...disposed.map(({ position }) => position),
      ...holds.map(({ position }) => position),
    ]),
  };
}

function originsOf({ policy, own }: DataMapSource, parts: readonly HeldPart[]): OriginLine[] {
  const groups = new Map<string, { line: OriginLine; all: HeldPart[] }>();
  for (const one of parts) {
    const { entry } = one.source;
    if (entry.type !== 'attesta.collection.recorded.v1') continue;
    const { originParty, method, channel, occasion, ...data } = entry.data as CollectionRecorded;
    const isOwn = entry.subject !== undefined && own.has(entry.subject.id);
    const origin = isOwn ? data.origin : 'another-person';
    const name = JSON.stringify([origin, originParty, method, channel, occasion]);
    const party = originParty ?? null;
    const partyTitle = policy.parties.get(originParty ?? '')?.title ?? null;
    const line = {
      origin,
      party,
      partyTitle,
      method,
      channel,
      occasion,
      noticeVersions: [],
      since: '',
      last: '',
      evidence: evidenceOf([]),
    };
    const group = groups.get(name) ?? { line, all: [] };
    group.all.push(one);
    groups.set(name, group);
  }
  return [...groups.values()].map(({ line, all }) => {
    const times = all.map(({ part }) => part.collectedAt);
    const notices = all.flatMap(({ source }) => (source.entry.data as CollectionRecorded).noticeVersion ?? []);
    const evidence = evidenceOf(all.map(({ part }) => part.position));
    return { ...line, noticeVersions: [...new Set(notices)].sort(), since: iso(least(times)), last: iso(most(times)), evidence };
  });
}

function purposesOf(policy: Policy, category: string, held: readonly HeldPart[]): PurposeLine[] {
  const byPurpose = new Map<string, HeldPart[]>();
  for (const one of held) for (const purpose of one.part.purposes) push(byPurpose, purpose, one);
  return [...byPurpose].map(([purpose, parts]) => {
    const known = policy.purposes.get(purpose);
    const isMeant = (one: { category: string; purpose: string }) => one.category === category && one.purpose === purpose;
    const keeping = parts.flatMap(({ schedule }) => schedule.keeping.filter(isMeant));
    const kept = keeping.map(({ rule: { id, ground, citation, action }, until }) => ({
      rule: id,
      ground,
      law: citation,
      action,
      until: isoOrNull(until),
    }));
    return {
      purpose,
      title: known?.title ?? null,
      titleTh: known?.title_th ?? null,
      bases: basesOf(policy, parts),
      keptBy: distinct(kept),
      unruled: parts.some(({ schedule }) => schedule.unruled.some(isMeant)),
    };
  });
}

function basesOf(policy: Policy, parts: readonly HeldPart[]): BasisLine[] {
  const groups = new Map<string, { basis: string; jurisdiction: string; citation: string | null; all: HeldPart[] }>();
  for (const one of parts) {
    const { basis, basisCitation } = one.source.entry.data as Partial<CollectionRecorded>;
    if (basis === undefined) continue;
    const { jurisdiction } = one.part;
    const name = JSON.stringify([basis, jurisdiction, basisCitation]);
    const group = groups.get(name) ?? { basis, jurisdiction, citation: basisCitation ?? null, all: [] };
    group.all.push(one);
    groups.set(name, group);
  }
  return [...groups.values()].map(({ basis, jurisdiction, citation, all }) => {
    const known = policy.bases.get(jurisdiction)?.get(basis);
    const consents = all.flatMap(({ source }) => (source.entry.data as Partial<CollectionRecorded>).consent ?? []);
    const evidence = evidenceOf([...all.map(({ part }) => part.position), ...consents]);
    return {
      basis,
      title: known?.title ?? null,
      jurisdiction,
      law: known?.citation ?? null,
      citation,
      consents: [...new Set(consents)].sort((a, b) => b - a).slice(0, MOST),
      evidence,
    };
  });
}

/** Of the person's own data, and of what names them as related only where it is about nobody else. */
const disclosuresOf = ({ entries, own }: DataMapSource, category: string): PersonEntry[] =>
  entries.filter(
    ({ entry: { type, subject, data } }) =>
      type === 'attesta.disclosure.recorded.v1' &&
      (subject === undefined || own.has(subject.id)) &&
      (data as DisclosureRecorded).categories.includes(category),
  );

function recipientsOf(policy: Policy, disclosed: readonly PersonEntry[]): RecipientLine[] {
  const groups = new Map<string, PersonEntry[]>();
  for (const one of disclosed) {
    const { recipient, country, transferGround } = one.entry.data as DisclosureRecorded;
    push(groups, JSON.stringify([recipient, country, transferGround]), one);
  }
  return [...groups.values()].map((all) => {
    const { recipient, country, transferGround } = all[0]!.entry.data as DisclosureRecorded;
    const party = policy.parties.get(recipient);
    const times = all.map(({ entry }) => Date.parse(entry.time));
    return {
      recipient,
      title: party?.title ?? null,
      titleTh: party?.title_th ?? null,
      role: party?.role ?? null,
      country: country ?? party?.country ?? null,
      transferGround: transferGround ?? null,
      first: iso(least(times)),
      last: iso(most(times)),
      evidence: evidenceOf(all.map(({ position }) => position)),
    };
  });
}

const disposalsOf = ({ entries, own }: DataMapSource, category: string): PersonEntry[] =>
  entries.filter(
    ({ entry: { type, subject, data } }) =>
      type === 'attesta.disposal.completed.v1' && own.has(subject!.id) && (data as Completed).categories.includes(category),
  );

function disposalLine({ entry, position }: PersonEntry, category: string): DisposalLine {
  const { disposal, cause, outcome, action, rules, survivors } = entry.data as Completed;
  return {
    disposal,
    cause,
    outcome,
    action,
    rules,
    completedAt: iso(Date.parse(entry.time)),
    survivors: survivors
      .filter((one) => one.category === category)
      .map(({ ground, law, until }) => ({ ground, law: law ?? null, until: until ?? null })),
    position,
  };
}

/** As the retention service reads a hold. */
const covers = (hold: HoldEventRow, { part }: HeldPart): boolean =>
  (hold.subject === null || hold.subject === part.subject) &&
  (hold.categories === null || hold.categories.some((category) => part.categories.includes(category))) &&
  (hold.purposes === null || hold.purposes.some((purpose) => part.purposes.includes(purpose)));

const MOST = 50;
function evidenceOf(positions: readonly number[]): Evidence {
  const all = [...new Set(positions)].sort((a, b) => b - a);
  return { count: all.length, positions: all.slice(0, MOST) };
}

const distinct = <T extends object>(all: readonly T[]): T[] => [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
const least = (all: readonly number[]): number => all.reduce((a, b) => Math.min(a, b), Infinity);
const most = (all: readonly number[]): number => all.reduce((a, b) => Math.max(a, b), -Infinity);
const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | undefined): string | null => (at === undefined ? null : iso(at));

function push<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
  const group = groups.get(key);
  if (group) group.push(value);
  else groups.set(key, [value]);
}
