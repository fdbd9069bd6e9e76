import { consentCaptured, rfc3339Millis, type ConsentCaptured, type Entry } from '@attesta/events';
import { ANY_PII, INDEFINITE, RECORD_SCHEMA, type ConsentEvent, type ConsentRecord, type RecordedPurpose } from './receipt-form.js';
import { DPV } from './status.js';

/** A sealed choice of a person. */
export interface CapturedConsent {
  entry: Entry;
  subject: string;
  data: ConsentCaptured;
  by: NonNullable<ConsentCaptured['by']>;
}

/** Reads a sealed entry, of whatever origin. @throws RangeError saying why it is no consent that was captured */
export function capturedIn(value: unknown): CapturedConsent {
  const entry = value as Partial<Entry> | null;
  if (typeof entry !== 'object' || entry === null || entry.v !== 1) throw new RangeError('it is no entry of format version 1');
  if (entry.type !== consentCaptured.type) throw new RangeError('it records something else than a consent choice');
  const { id, source, time, recordedAt, subject, data } = entry;
  const texts: unknown[] = [id, source, time, recordedAt, subject?.id];
  if (!texts.every((text) => typeof text === 'string' && text !== '')) throw new RangeError('its members are not those of an entry');
  if (!isTime(time) || !isTime(recordedAt)) throw new RangeError('its times are none');
  const [problem] = consentCaptured.validate(data);
  if (problem) throw new RangeError(`its ${problem.field} ${problem.message}`);
  const captured = data as ConsentCaptured;
  return { entry: entry as Entry, subject: subject!.id, data: captured, by: captured.by ?? 'subject' };
}

export const isTime = (text: unknown): text is string => typeof text === 'string' && rfc3339Millis(text) !== undefined;

/** What a sealed choice says, under the names of ISO/IEC TS 27560. Everybody who holds the entry derives the same. */
export function recordFrom({ entry, subject, data, by }: CapturedConsent, position: number): ConsentRecord {
  return {
    metadata: {
      schema_version: RECORD_SCHEMA,
      record_id: entry.id,
      source: entry.source,
      position,
      recorded_at: entry.recordedAt,
      pii_principal_id: subject,
    },
    processing: {
      privacy_notice: { version: data.noticeVersion, ...(data.wordingDigest !== undefined && { wording_digest: data.wordingDigest }) },
      language: data.language,
      purposes: data.purposes.map((purpose) => purposeFrom(purpose, data)),
    },
    event: [eventFrom(entry, subject, data, by)],
  };
}

function purposeFrom(purpose: string, { categories, channelPreferences, controller, jurisdiction }: ConsentCaptured): RecordedPurpose {
  return {
    purpose,
    pii_information: (categories ?? [ANY_PII]).map((category) => ({ pii_type: category })),
    ...(channelPreferences && { channels: [...channelPreferences] }),
    ...(controller !== undefined && { pii_controllers: [controller] }),
    ...(jurisdiction !== undefined && { jurisdiction }),
  };
}

function eventFrom(entry: Entry, subject: string, data: ConsentCaptured, by: CapturedConsent['by']): ConsentEvent {
  const { acceptedAt, validFor, explicit, status, method, capacity, evidence } = data;
  return {
    event_time: entry.time,
    ...(acceptedAt !== undefined && { accepted_at: acceptedAt }),
    validity_duration: validFor ?? INDEFINITE,
    entity_id: by === 'subject' ? subject : by,
    entity_role: by,
    event_type: explicit === true ? 'ExplicitlyExpressedConsent' : 'ExpressedConsent',
    event_state: DPV[status === 'withdrawn' && by === 'controller' ? 'revoked' : status]!,
    indication_method: method,
    ...(capacity !== undefined && { capacity }),
    ...(evidence && { evidence: { kind: evidence.kind, ...(evidence.digest !== undefined && { digest: evidence.digest }) } }),
  };
}
