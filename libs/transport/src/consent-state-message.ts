import type { StateChange } from '@attesta/decisions';
import type { KafkaRecord } from './cloud-events-kafka.js';

/** What a message of the consent state topic says; `previous` is the number of the change before it in the same partition. */
export type StateMessage =
  | { kind: 'change'; change: StateChange; previous: number }
  /** Every change of this partition up to the number `upto` has been sent, and `upto` is all there was at the instant `asOf` (milliseconds). */
  | { kind: 'mark'; upto: number; asOf: number; previous: number }
  | { kind: 'malformed' };

/** Key of the marks: compaction keeps the newest of each partition. No subject id and no POLICY_KEY. */
const MARK_KEY = 'mark';

/** A state under its key; a tombstone when it was forgotten. */
export const stateMessage = ({ key, changed, state }: StateChange, partition: number, previous: number) => ({
  key,
  value: state === null ? null : JSON.stringify({ changed, state }),
  partition,
  headers: { attesta_changed: String(changed), attesta_previous: String(previous) },
});

export const stateMark = (partition: number, upto: number, previous: number, asOf: number) => ({
  key: MARK_KEY,
  value: JSON.stringify({ upto, asOf }),
  partition,
  headers: { attesta_previous: String(previous) },
});

export function readStateMessage({ key, value, headers }: KafkaRecord): StateMessage {
  const name = key?.toString();
  const previous = integer(headers?.attesta_previous);
  if (name === undefined || previous === undefined) return { kind: 'malformed' };
  const said = value === null ? {} : objectIn(value);
  if (name === MARK_KEY) {
    const { upto, asOf } = said as { upto?: unknown; asOf?: unknown };
    return typeof upto === 'number' && typeof asOf === 'number' ? { kind: 'mark', upto, asOf, previous } : { kind: 'malformed' };
  }
  const changed = integer(headers?.attesta_changed);
  const { state = null } = said as Partial<Pick<StateChange, 'state'>>;
  if (changed === undefined || (state === null) !== (value === null)) return { kind: 'malformed' };
  return { kind: 'change', change: { key: name, changed, state }, previous };
}

function objectIn(value: Buffer): object {
  try {
    const parsed: unknown = JSON.parse(value.toString());
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

function integer(header: NonNullable<KafkaRecord['headers']>[string]): number | undefined {
  const digits = header?.toString() ?? '';
  return /^(-1|\d{1,15})$/.test(digits) ? Number(digits) : undefined;
}
