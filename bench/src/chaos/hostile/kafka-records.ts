import { authenticatedAttributes, encodeKafka, MAC_HEADER } from '@attesta/transport';
import type { CloudEvent } from '@attesta/events';
import type { IntakeMacSigner } from '@attesta/vault';
import { breakText, hostileText } from './breaking.js';
import type { Dice } from './dice.js';
import { FUZZ_SOURCE, type EventCase, type EventCases } from './event-cases.js';

/** A record of the intake topic as it is produced. */
export interface HostileRecord {
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer | string | (Buffer | string)[]>;
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '');
const STRUCTURED = 'application/cloudevents+json; charset=utf-8';

/** Bytes, about. */
export const sizeOf = ({ value, headers }: HostileRecord): number =>
  (value?.length ?? 0) + Object.values(headers).reduce((sum, text) => sum + Buffer.byteLength(String(text)), 0);

/** What a publisher has: the keys of its source, and the SDK's way to leave nobody's identifier in an event. */
export interface Insider {
  signer: IntakeMacSigner;
  /** @throws when the event is too broken for it */
  close(event: CloudEvent): CloudEvent;
}

/** What a publisher who is let in makes of a record, however broken it is; one in five comes from somebody who is not. */
export function hostileRecord(events: EventCases, dice: Dice, { signer, close }: Insider): HostileRecord {
  const record = brokenRecord(events, dice, close);
  const { value, headers } = record;
  if (!value || dice.chance(0.2)) return record;
  const mac = signer.sign(FUZZ_SOURCE, { attributes: authenticatedAttributes(headers), value })!;
  return { ...record, headers: { ...headers, [MAC_HEADER]: mac } };
}

/** An event, mostly a broken one, in either mode of the CloudEvents binding, the record around it broken too. */
function brokenRecord(events: EventCases, dice: Dice, close: Insider['close']): HostileRecord {
  const { event } = dice.chance(0.8) ? closed(events.next(), close) : events.next();
  const whole: HostileRecord =
    isEvent(event) && dice.chance(0.7) ? binary(event, dice) : { key: null, value: json(event), headers: { 'content-type': STRUCTURED } };
  const draw = dice.random();
  if (draw < 0.6) return whole;
  return dice.pick<() => HostileRecord>([
    () => ({ ...whole, value: null }),
    () => ({ ...whole, value: Buffer.alloc(0) }),
    () => ({ ...whole, value: breakText(whole.value?.toString() ?? '', dice).bytes }),
    () => ({ ...whole, value: Buffer.alloc(300_000, 'x') }),
    () => ({ ...whole, headers: {} }),
    () => ({ ...whole, key: Buffer.from([0xff, 0, 0xfe]) }),
    () => ({
      ...whole,
      headers: { ...whole.headers, 'content-type': dice.pick(['', 'text/plain', 'application/cloudevents+json', '\u0000']) },
    }),
    () => ({ ...whole, headers: { ...whole.headers, [header(dice)]: Buffer.from([0xc3, 0x28, 0x00]) } }),
    () => ({ ...whole, headers: { ...whole.headers, [header(dice)]: Buffer.from(hostileText(dice)) } }),
    () => ({ ...whole, headers: { ...whole.headers, [header(dice)]: ['one', 'another'] } }),
    () => ({ ...whole, headers: { ...whole.headers, [header(dice)]: 'y'.repeat(100_000) } }),
    () => ({ ...whole, headers: { ...whole.headers, __proto__x: 'a', constructor: 'b', ce___proto__: 'c', ce_: 'd' } }),
  ])();
}

function closed({ event, ...more }: EventCase, close: Insider['close']): EventCase {
  try {
    return { event: close(event as CloudEvent), ...more };
  } catch {
    return { event, ...more };
  }
}

const header = (dice: Dice) =>
  dice.pick(['ce_id', 'ce_source', 'ce_type', 'ce_time', 'ce_subject', 'ce_specversion', 'ce_traceparent', 'traceparent']);

function binary(event: CloudEvent, dice: Dice): HostileRecord {
  const { key, value, headers } = encodeKafka(event, dice.hex(8));
  return { key: Buffer.from(key), value: value.length > 0 ? value : null, headers };
}

/** As far as the encoder of the binding can take it: names that are texts, and data. */
function isEvent(value: unknown): value is CloudEvent {
  const event = value as Partial<Record<keyof CloudEvent, unknown>> | null;
  if (typeof event !== 'object' || event === null || event.data === undefined) return false;
  const names = [
    'specversion',
    'id',
    'source',
    'type',
    'time',
    'subject',
    'datacontenttype',
    'dataschema',
    'actor',
    'traceparent',
  ] as const;
  return names.every((name) => event[name] === undefined || typeof event[name] === 'string');
}
