import { events, rfc3339Millis, type Entry, type EventTypes } from '@attesta/events';
import { canonical } from '@attesta/proof';

const LEDGER = '//attesta/ledger';
const RETENTION = '//attesta/retention';
const REQUESTS = '//attesta/requests';

/** What a certificate rests on, and who alone may say it. */
const SAID_BY = {
  'attesta.disposal.started.v1': RETENTION,
  'attesta.key.closed.v1': LEDGER,
  'attesta.disposal.systems-answered.v1': REQUESTS,
  'attesta.disposal.instructed.v1': RETENTION,
  'attesta.key.destroyed.v1': LEDGER,
  'attesta.ciphertext.removed.v1': LEDGER,
  'attesta.disposal.completed.v1': RETENTION,
} as const;

type Said = keyof typeof SAID_BY;

/** A sealed entry of a disposal. */
export interface Sealed<Type extends Said = Said> {
  position: number;
  type: Type;
  subject: string;
  recordedAt: string;
  data: EventTypes[Type];
}

/** The entries that a certificate rests on. */
export interface DisposalEntries {
  started: Sealed<'attesta.disposal.started.v1'>;
  closed?: Sealed<'attesta.key.closed.v1'>;
  answered?: Sealed<'attesta.disposal.systems-answered.v1'>;
  /** Rising by position, as they come; so are the removed. */
  instructed: Sealed<'attesta.disposal.instructed.v1'>[];
  destroyed?: Sealed<'attesta.key.destroyed.v1'>;
  removed: Sealed<'attesta.ciphertext.removed.v1'>[];
  completed: Sealed<'attesta.disposal.completed.v1'>;
}

/** Reads a sealed entry, of whatever origin. @throws RangeError saying why it is none that a certificate rests on */
export function sealedIn(text: string, position: number): Sealed {
  const { type, source, subject, time, recordedAt, data } = entryIn(text);
  if (typeof type !== 'string' || !Object.hasOwn(SAID_BY, type))
    throw new RangeError('the entry is of a type that no certificate rests on');
  const said = type as Said;
  if (source !== SAID_BY[said]) throw new RangeError(`${said} is said by ${SAID_BY[said]} alone`);
  if (typeof subject?.id !== 'string') throw new RangeError('the entry is about nobody');
  if (!isTime(time) || !isTime(recordedAt)) throw new RangeError('the times of the entry are none');
  const [problem] = events.get(said)!.validate(data);
  if (problem) throw new RangeError(`${problem.field} of the entry ${problem.message}`);
  return { position, type: said, subject: subject.id, recordedAt, data: data as EventTypes[Said] };
}

function entryIn(text: string): Partial<Entry> {
  try {
    const value: unknown = JSON.parse(text);
    if (canonical(value) === text && (value as Entry | null)?.v === 1) return value as Partial<Entry>;
  } catch {
    // No JSON, or none that has a canonical form.
  }
  throw new RangeError('the entry is not canonical JSON (RFC 8785) of format version 1');
}

const isTime = (text: unknown): text is string => typeof text === 'string' && rfc3339Millis(text) !== undefined;

/** Sorts the entries of a disposal by what they say. @throws RangeError when one is missing or stands twice */
export function disposalEntries(sealed: readonly Sealed[]): DisposalEntries {
  const one = <Type extends Said>(type: Type): Sealed<Type> | undefined => {
    const found = ofType(sealed, type);
    if (found.length > 1) throw new RangeError(`${type} stands there ${found.length} times: a disposal has one`);
    return found[0];
  };
  const started = one('attesta.disposal.started.v1');
  const closed = one('attesta.key.closed.v1');
  const answered = one('attesta.disposal.systems-answered.v1');
  const destroyed = one('attesta.key.destroyed.v1');
  const completed = one('attesta.disposal.completed.v1');
  if (!started) throw new RangeError('the entry that started the disposal is missing');
  if (!completed) throw new RangeError('the entry that completed the disposal is missing');
  return {
    started,
    ...(closed && { closed }),
    ...(answered && { answered }),
    instructed: ofType(sealed, 'attesta.disposal.instructed.v1'),
    ...(destroyed && { destroyed }),
    removed: ofType(sealed, 'attesta.ciphertext.removed.v1'),
    completed,
  };
}

const ofType = <Type extends Said>(sealed: readonly Sealed[], type: Type) => sealed.filter((one) => one.type === type) as Sealed<Type>[];
