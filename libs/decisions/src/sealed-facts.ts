import { rfc3339Millis, type Entry, type EventTypes } from '@attesta/events';
import type { AgeFact, Fact, GuardianFact } from './fact.js';

/** An event as far as facts are drawn from it, whether it comes from the log or is about to go there. */
export type FactSource = Pick<Entry, 'id' | 'source' | 'type' | 'time' | 'data'> & {
  subject: string;
  position: number | null;
  /** When it became known, in milliseconds. */
  known: number;
};

type DataOf<T extends keyof EventTypes> = EventTypes[T];
type Reader = (data: never) => Omit<Fact, keyof Origin> | undefined;
type Origin = { source: string; id: string; position: number | null; subject: string; at: number; known: number };

const reader = <T extends keyof EventTypes>(read: (data: DataOf<T>) => DistributiveOmit<Fact, keyof Origin> | undefined): Reader =>
  read as Reader;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

const guardian = (data: DataOf<'attesta.guardian.recorded.v1'>, ended: boolean): DistributiveOmit<GuardianFact, keyof Origin> => ({
  kind: 'guardian',
  guardian: data.related[0]!.subject,
  ended,
});
const link = (data: DataOf<'attesta.identifier.linked.v1'>, linked: boolean) => ({
  kind: 'link' as const,
  identity: data.related[0]!.subject,
  linked,
});

/** How each type of event is read. Types that are not here say nothing that decisions rest on. */
const READERS: Readonly<Record<string, Reader>> = {
  'attesta.consent.captured.v1': reader<'attesta.consent.captured.v1'>(({ acceptedAt: _, channelPreferences, by, ...data }) => ({
    kind: 'choice',
    ...data,
    by: by ?? 'subject',
    ...(channelPreferences && { channels: channelPreferences }),
  })),
  'attesta.objection.raised.v1': reader<'attesta.objection.raised.v1'>(({ purposes }) => ({
    kind: 'objection',
    state: 'raised',
    purposes,
  })),
  'attesta.objection.decided.v1': reader<'attesta.objection.decided.v1'>(({ purposes, outcome }) => ({
    kind: 'objection',
    state: outcome,
    purposes,
  })),
  'attesta.objection.withdrawn.v1': reader<'attesta.objection.withdrawn.v1'>(({ purposes }) => ({
    kind: 'objection',
    state: 'withdrawn',
    purposes,
  })),
  'attesta.restriction.placed.v1': reader<'attesta.restriction.placed.v1'>(({ purposes, categories, ground }) => ({
    kind: 'restriction',
    placed: true,
    ground,
    ...(purposes && { purposes }),
    ...(categories && { categories }),
  })),
  'attesta.restriction.lifted.v1': reader<'attesta.restriction.lifted.v1'>(({ purposes, categories }) => ({
    kind: 'restriction',
    placed: false,
    ...(purposes && { purposes }),
    ...(categories && { categories }),
  })),
  'attesta.age.attested.v1': reader<'attesta.age.attested.v1'>(({ rules }): DistributiveOmit<AgeFact, keyof Origin> => ({
    kind: 'age',
    rules,
  })),
  'attesta.guardian.recorded.v1': reader<'attesta.guardian.recorded.v1'>((data) => guardian(data, false)),
  'attesta.guardian.ended.v1': reader<'attesta.guardian.ended.v1'>((data) => guardian(data, true)),
  'attesta.identifier.linked.v1': reader<'attesta.identifier.linked.v1'>((data) => link(data, true)),
  'attesta.identifier.unlinked.v1': reader<'attesta.identifier.unlinked.v1'>((data) => link(data, false)),
};

/** Whether events of this type hold facts that decisions rest on. */
export const holdsFact = (type: string): boolean => Object.hasOwn(READERS, type);

/** The fact an event reports, if it reports one. @throws Error when the event has no usable time: such an event is parked, not guessed at */
export function factIn({ source, id, type, time, subject, position, known, data }: FactSource): Fact | undefined {
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  if (read === undefined) return undefined;
  const at = rfc3339Millis(time);
  if (at === undefined) throw new Error('The event has no time of RFC 3339');
  return { ...read(data as never), source, id, position, subject, at, known } as Fact;
}
