import { occurrenceOf, partsOf, schedule, settled, type Occurrence, type Part, type Schedule } from '@attesta/disposal';
import type { EventTypes } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import type { PersonEntry } from './person-entries.js';

/** A line of the inventory of a person, with what keeps it or what became of it. */
export interface HeldPart {
  part: Part;
  source: PersonEntry;
  /** Position of what destroyed it; undefined while it is held. */
  gone: number | undefined;
  schedule: Schedule;
  /** When it is to go (milliseconds), a reviewer's decision to keep it longer included. */
  due: number | undefined;
}

export interface Inventory {
  /** The person and the identities of their record. */
  own: ReadonlySet<string>;
  person: string;
  /** The record, in the order of the log. */
  entries: readonly PersonEntry[];
  /** What retention of everybody's data is counted from. */
  common: readonly Occurrence[];
  /** What it is counted from for those whom this identity is tied to. */
  ofOwners: readonly Occurrence[];
}

/** Types of entries that the inventory rests on, beside those with sealed values. */
export const ACTIVITY = new Set(['attesta.collection.recorded.v1', 'attesta.use.recorded.v1', 'attesta.disclosure.recorded.v1']);

type Instructed = EventTypes['attesta.disposal.instructed.v1'];
type Removed = EventTypes['attesta.ciphertext.removed.v1'];
type Destroyed = EventTypes['attesta.key.destroyed.v1'];
type Reviewed = EventTypes['attesta.retention.reviewed.v1'];

/** Everything that was ever held of a person, as the rules stand at `now` (milliseconds). */
export function heldParts(policy: Policy, { own, person, entries, common, ofOwners }: Inventory, now: number): HeldPart[] {
  const told = occurrencesBySubject(policy, entries);
  const activity = lastActivityOf(entries);
  const destruction = new Destruction(entries);
  const reviews = entries.filter(({ entry }) => entry.type === 'attesta.retention.reviewed.v1');
  return entries.flatMap((source) =>
    partsOf(policy, source.position, source.entry)
      .filter((part) => own.has(part.subject))
      .map((part): HeldPart => {
        const owners = part.subject === person ? ofOwners : (told.get(person) ?? []);
        const occurrences = [...(told.get(part.subject) ?? []), ...owners, ...common];
        const planned = schedule(policy, part, occurrences, activity.get(part.subject), now);
        return { part, source, gone: destruction.of(part, source), schedule: planned, due: dueOf(planned, part, reviews) };
      }),
  );
}

/** What retention is counted from, by person. */
export function occurrencesBySubject(policy: Policy, entries: readonly PersonEntry[]): Map<string, Occurrence[]> {
  const told = new Map<string, NonNullable<ReturnType<typeof occurrenceOf>>[]>();
  for (const { entry } of entries) {
    const occurrence = occurrenceOf(policy, entry);
    if (occurrence && entry.subject) told.set(entry.subject.id, [...(told.get(entry.subject.id) ?? []), occurrence]);
  }
  return new Map([...told].map(([subject, all]) => [subject, settled(policy, all)]));
}

function lastActivityOf(entries: readonly PersonEntry[]): Map<string, number> {
  const last = new Map<string, number>();
  for (const { entry } of entries) {
    if (!entry.subject || !ACTIVITY.has(entry.type)) continue;
    last.set(entry.subject.id, Math.max(last.get(entry.subject.id) ?? -Infinity, Date.parse(entry.time)));
  }
  return last;
}

/** What somebody decided to keep longer, of what a rule has reviewed: until the latest such time. */
function dueOf({ due, action }: Schedule, { subject, categories, collectedAt }: Part, reviews: readonly PersonEntry[]): number | undefined {
  if (due === undefined || action !== 'review') return due;
  const kept = reviews
    .filter(({ entry }) => entry.subject?.id === subject && Date.parse(entry.time) >= Math.max(due, collectedAt))
    .map(({ entry }) => entry.data as Reviewed)
    .filter(({ outcome, categories: about }) => outcome === 'keep' && about.some((category) => categories.includes(category)))
    .map(({ until }) => (until === undefined ? due : Date.parse(until)));
  return Math.max(due, ...kept);
}

/** What was destroyed, by the entries that say so: parts that a completed disposal instructed, keys, and whole people. */
class Destruction {
  private readonly parts = new Map<string, number>();
  private readonly keys = new Map<string, number>();
  private readonly people = new Map<string, number>();

  constructor(entries: readonly PersonEntry[]) {
    const completed = new Map<string, number>();
    for (const { entry, position } of entries) {
      if (entry.type === 'attesta.disposal.completed.v1') completed.set((entry.data as { disposal: string }).disposal, position);
    }
    for (const { entry, position } of entries) {
      switch (entry.type) {
        case 'attesta.disposal.instructed.v1': {
          const { disposal, parts } = entry.data as Instructed;
          const end = completed.get(disposal);
          if (end !== undefined) for (const one of parts) this.parts.set(`${one.position} ${one.part}`, end);
          break;
        }
        case 'attesta.ciphertext.removed.v1':
          for (const one of (entry.data as Removed).parts) this.parts.set(`${one.position} ${one.part}`, position);
          break;
        case 'attesta.key.destroyed.v1': {
          const { keys = [], scope } = entry.data as Destroyed;
          for (const { subject, key } of keys) this.keys.set(`${subject} ${key}`, position);
          const whole = [...(entry.subject ? [entry.subject.id] : []), ...keys.map(({ subject }) => subject)];
          if (scope === 'subject') for (const subject of whole) this.people.set(subject, position);
        }
      }
    }
  }

  of({ position, part, subject, key }: Part, { reduced }: PersonEntry): number | undefined {
    const whole = this.people.get(subject);
    if (whole !== undefined && whole > position) return whole;
    const byKey = key === null ? undefined : this.keys.get(`${subject} ${key}`);
    // Of an entry in which others are forgotten, the parts do not have their numbers any more.
    return byKey ?? this.parts.get(`${position} ${part}`) ?? (reduced ? this.anyOf(position) : undefined);
  }

  private anyOf(position: number): number | undefined {
    for (const [name, end] of this.parts) if (name.startsWith(`${position} `)) return end;
    return undefined;
  }
}
