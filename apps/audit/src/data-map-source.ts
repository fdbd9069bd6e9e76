import { settled, type Occurrence } from '@attesta/disposal';
import type { IdentitySpan } from '@attesta/decisions';
import { events, type EventTypes } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import type pg from 'pg';
import { commonTriggers } from './common-triggers.projection.js';
import { dataMap } from './data-map.js';
import type { DataMapLine } from './data-map-form.js';
import { ACTIVITY, heldParts, occurrencesBySubject } from './held-parts.js';
import { standingHolds } from './hold-lines.js';
import { recordOf } from './links.projection.js';
import { entriesOf, peopleTiedTo } from './person-entries.js';
import { answerOf, selectionOf } from './row-shape.js';

type Db = Pick<pg.Pool, 'query'>;

const COUNTED_FROM = [
  'attesta.retention-trigger.recorded.v1',
  'attesta.consent.withdrawn.v1',
  'attesta.consent.revoked.v1',
  'attesta.consent.expired.v1',
  'attesta.consent.invalidated.v1',
  'attesta.consent.given.v1',
  'attesta.consent.renewed.v1',
  'attesta.age.attested.v1',
  'attesta.request.erasure-instructed.v1',
] satisfies (keyof EventTypes)[];

const DESTRUCTION = [
  'attesta.disposal.instructed.v1',
  'attesta.disposal.completed.v1',
  'attesta.ciphertext.removed.v1',
  'attesta.key.destroyed.v1',
  'attesta.retention.reviewed.v1',
] satisfies (keyof EventTypes)[];

/** Whose entries can have sealed values. */
const SEALING = events.all().flatMap(({ type, dataSchema }) => ('personal' in dataSchema.properties ? [type] : []));

const TYPES = [...new Set([...SEALING, ...ACTIVITY, ...COUNTED_FROM, ...DESTRUCTION])];

/**
 * The data map of a person as of a position, with the rules as they stand at `now` (milliseconds).
 * @param spans the person's record, the person first
 */
export async function readDataMap(
  db: Db,
  policy: Policy,
  spans: readonly IdentitySpan[],
  { asOf, now }: { asOf: number; now: number },
): Promise<DataMapLine[]> {
  const person = spans[0]!.subject;
  const own = new Set(spans.map(({ subject }) => subject));
  const [entries, common, holds, ofOwners] = await Promise.all([
    entriesOf(db, spans, TYPES),
    readCommon(db, policy, asOf),
    standingHolds(db, [...own], asOf),
    ownersOccurrences(db, policy, person, asOf),
  ]);
  return dataMap({ policy, own, entries, holds, parts: heldParts(policy, { own, person, entries, common, ofOwners }, now) });
}

async function readCommon(db: Db, policy: Policy, asOf: number): Promise<Occurrence[]> {
  const { rows } = await db.query<object>(
    `select ${selectionOf(commonTriggers.columns)} from common_trigger where position <= $1 order by position`,
    [asOf],
  );
  return settled(
    policy,
    rows.map((row) => {
      const { trigger, state, categories, purposes, collectedUntil, occurredAt } = answerOf<typeof commonTriggers.shape>(
        commonTriggers.columns,
        row,
      );
      return {
        trigger,
        state: state as Occurrence['state'],
        at: Date.parse(occurredAt),
        categories: categories ?? undefined,
        purposes: purposes ?? undefined,
        collectedUntil: collectedUntil === null ? undefined : Date.parse(collectedUntil),
      };
    }),
  );
}

/** An identity's data goes when it is time for whoever it is tied to: retention counts from what happened to them, too. */
async function ownersOccurrences(db: Db, policy: Policy, identity: string, asOf: number): Promise<Occurrence[]> {
  const people = await peopleTiedTo(db, identity, asOf);
  const found: Occurrence[] = [];
  for (const owner of people) {
    const owns = (await recordOf(db, owner, asOf)).some(({ subject }) => subject === identity);
    if (!owns) continue;
    const entries = await entriesOf(db, [{ subject: owner, after: -1, upto: asOf }], COUNTED_FROM);
    found.push(...(occurrencesBySubject(policy, entries).get(owner) ?? []));
  }
  return found;
}
