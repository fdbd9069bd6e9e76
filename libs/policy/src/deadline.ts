import { Temporal } from 'temporal-polyfill';
import type { Policy } from './policy.js';
import type { Clock } from './policy-source.js';

/** When a clock runs out. */
export interface Deadline {
  clock: string;
  /** The last day on which it is still in time, in the clock's time zone; absent for a clock that counts hours. */
  lastDay?: string;
  /** The first instant at which it is too late (RFC 3339, UTC). */
  overdueFrom: string;
}

/**
 * The deadline of a clock that started at `start` (RFC 3339, any offset). Days, weeks, months and years are calendar units in the clock's
 * time zone and end with the last day; the first day is day 0 unless the clock counts it. A month ends on the same day of the month, or on
 * its last day where there is none. Hours are exact. Pauses and extensions are added by whoever keeps the clock.
 */
export function deadline(clock: Clock, start: string): Deadline {
  const begun = Temporal.Instant.from(start);
  const duration = Temporal.Duration.from(clock.duration);
  const exact = duration.hours !== 0 || duration.minutes !== 0 || duration.seconds !== 0;
  const local = begun.toZonedDateTimeISO(clock.timeZone);
  if (exact) return { clock: clock.id, overdueFrom: local.add(duration).toInstant().toString() };
  const last = local
    .toPlainDate()
    .add(duration)
    .subtract({ days: clock.firstDayCounted ? 1 : 0 });
  return { clock: clock.id, lastDay: last.toString(), overdueFrom: endOfDay(clock, last) };
}

/**
 * The deadline of a request's clock that started at `start`, moved by what happened since.
 * @param pausedMs how long it stood still, in milliseconds: whole days, begun ones included, for a clock that counts days
 * @param announced RFC 3339: the time announced in an extension; the clock ends with that day
 */
export function requestDeadline(clock: Clock, start: string, pausedMs = 0, announced?: string): Deadline {
  const plain = deadline(clock, start);
  const last = announced === undefined ? plain.lastDay : localDate(clock, announced);
  if (last === undefined) {
    const over = Temporal.Instant.from(announced ?? plain.overdueFrom).add({ milliseconds: pausedMs });
    return { clock: clock.id, overdueFrom: over.toString() };
  }
  const day = Temporal.PlainDate.from(last).add({ days: announced === undefined ? Math.ceil(pausedMs / DAY_MS) : 0 });
  return { clock: clock.id, lastDay: day.toString(), overdueFrom: endOfDay(clock, day) };
}

/** The latest day that may be announced for a clock (GDPR Art. 12(3): two further months); undefined where the law sets no bound. */
export function latestExtension(clock: Clock, start: string): Deadline | undefined {
  const more = clock.extension?.duration;
  const { lastDay } = deadline(clock, start);
  if (more === undefined || lastDay === undefined) return undefined;
  const day = Temporal.PlainDate.from(lastDay).add(Temporal.Duration.from(more));
  return { clock: clock.id, lastDay: day.toString(), overdueFrom: endOfDay(clock, day) };
}

/** When an ISO 8601 duration before an instant begins (RFC 3339, UTC), counted in the clock's time zone. */
export function timeBefore(clock: Clock, instant: string, duration: string): string {
  return Temporal.Instant.from(instant)
    .toZonedDateTimeISO(clock.timeZone)
    .subtract(Temporal.Duration.from(duration))
    .toInstant()
    .toString();
}

const DAY_MS = 86_400_000;
const localDate = (clock: Clock, instant: string) =>
  Temporal.Instant.from(instant).toZonedDateTimeISO(clock.timeZone).toPlainDate().toString();
const endOfDay = (clock: Clock, day: Temporal.PlainDate) => day.add({ days: 1 }).toZonedDateTime(clock.timeZone).toInstant().toString();

/**
 * By when a person must be told that data about them came from a third party (PDPA s.25, GDPR Art. 14), for data collected at
 * `collectedAt` (RFC 3339). RangeError on a jurisdiction the policy does not have.
 */
export function sourceNoticeDue(policy: Policy, jurisdiction: string, collectedAt: string): Deadline {
  const clock = policy.clocks.get(policy.jurisdictions.get(jurisdiction)?.sourceNotice ?? '');
  if (clock === undefined) throw new RangeError('the policy has no such jurisdiction');
  return deadline(clock, collectedAt);
}

/** The clock of a right or duty in a jurisdiction, where the policy sets one. */
export function clockFor(policy: Policy, right: string, jurisdiction: string): Clock | undefined {
  for (const clock of policy.clocks.values()) if (clock.right === right && clock.jurisdiction === jurisdiction) return clock;
  return undefined;
}

/** Completed years on `day` of a person born on `born` (both YYYY-MM-DD): a birthday counts from its first moment; 29 February turns on 1 March. */
export function ageOn(born: string, day: string): number {
  return Temporal.PlainDate.from(born).until(Temporal.PlainDate.from(day), { largestUnit: 'years' }).years;
}

const LATEST = Date.UTC(9999, 11, 31);

/**
 * When an ISO 8601 duration from `start` (milliseconds) has passed, counted in UTC; a month ends on its last day where it has no such day, and a
 * date no calendar here holds counts as the year 9999.
 */
export function endOfDuration(start: number, duration: string): number {
  const [, years, months, weeks, days, hours, minutes, seconds] =
    /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration) ?? [];
  const n = (part: string | undefined) => Number(part ?? 0);
  const from = new Date(start);
  const month = from.getUTCMonth() + n(months) + 12 * n(years);
  // 31 January plus a month is the last of February.
  const last = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const shifted = new Date(start);
  shifted.setUTCFullYear(from.getUTCFullYear(), month, Math.min(from.getUTCDate(), last));
  const end = shifted.getTime() + (n(weeks) * 7 + n(days)) * 86_400_000 + n(hours) * 3_600_000 + n(minutes) * 60_000 + n(seconds) * 1_000;
  return Number.isNaN(end) || end > LATEST ? LATEST : end;
}
