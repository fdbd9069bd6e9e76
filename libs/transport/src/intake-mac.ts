import type { FieldProblem } from '@attesta/events';
import type { IntakeMac, MacFault } from '@attesta/vault';
import { authenticatedAttributes, type KafkaEventMessage, type KafkaRecord } from './cloud-events-kafka.js';
import type { DecodedEvent } from './intake.js';
import { utf8Text } from './safe-json.js';

/** The header of a record of the intake topic that says, provably, for which source it was published. */
export const MAC_HEADER = 'attesta-mac';

/** Whether records without a MAC are let in; those with a wrong one never are. */
export type MacMode = 'required' | 'accepted';

/** Signs what is published over Kafka, as `intakeSigner` of '@attesta/sdk/kafka' does. */
export interface IntakeSigner {
  /** Awaited before each batch: fetches keys where there are none, or where they are old. @throws when there are none */
  ready(): Promise<void>;
  /** @returns the header's value. @throws when no key covers the source */
  sign(source: string, record: { attributes: string; value: Uint8Array }): string;
}

/** The message with its MAC. Trace headers are not authenticated and may be added after. */
export function signed(message: KafkaEventMessage, source: string, signer: Pick<IntakeSigner, 'sign'>): KafkaEventMessage {
  const mac = signer.sign(source, { attributes: authenticatedAttributes(message.headers), value: message.value });
  return { ...message, headers: { ...message.headers, [MAC_HEADER]: mac } };
}

/** The event, or that whoever sent it may not speak for its source; then `original` is what was sent, to be kept. */
export function authenticated(
  record: KafkaRecord,
  decoded: DecodedEvent,
  mac: IntakeMac,
  mode: MacMode,
): DecodedEvent & { original?: unknown } {
  if (!decoded.ok || !record.value) return decoded;
  // JSON that is no object comes here as well: it speaks for nobody.
  const { id, source, type } = (decoded.event ?? {}) as Record<'id' | 'source' | 'type', unknown>;
  const raw = record.headers?.[MAC_HEADER];
  const header = typeof raw === 'string' ? raw : Buffer.isBuffer(raw) ? utf8Text(raw) : raw && 'repeated';
  const attributes = authenticatedAttributes(record.headers ?? {});
  const fault = mac.fault(header, typeof source === 'string' ? source : '', { attributes, value: record.value });
  if (fault === undefined || (fault === 'missing' && mode === 'accepted')) return decoded;
  const names = Object.entries({ id, source, type }).filter(([, value]) => typeof value === 'string');
  return { ok: false, problems: [PROBLEMS[fault]], ...(Object.fromEntries(names) as Record<string, string>), original: decoded.event };
}

const REFETCH = 'Fetch the keys at GET /v1/intake-key again, as the SDK does (`fetchIntakeKey`), and publish the event again.';
const problem = (code: string, message: string, fix: string): FieldProblem => ({ field: '/source', code, message, fix });

const PROBLEMS: Record<MacFault, FieldProblem> = {
  missing: problem(
    'mac-missing',
    `The record has no header ${MAC_HEADER}, so that it cannot be told who speaks for this source.`,
    'Publish with the SDK and the keys of GET /v1/intake-key; while publishers are being changed over, set KAFKA_INTAKE_MAC=accepted.',
  ),
  unreadable: problem('mac-unreadable', `The header ${MAC_HEADER} cannot be read.`, 'Publish with the SDK, which makes it.'),
  'other-source': problem(
    'source-not-allowed',
    'The record was signed for another source than its own.',
    'Publish under one of the sources your token lists, or have the operator add this one.',
  ),
  'unknown-secret': problem('mac-outdated', 'The record was signed with a key that this ledger does not know any more.', REFETCH),
  wrong: problem('mac-wrong', 'The MAC is not that of this record: it was changed on its way, or signed with another key.', REFETCH),
};
