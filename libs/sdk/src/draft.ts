import type { CloudEvent, EventData, EventType, EventTypes } from '@attesta/events';

/** An event as the publisher states it; id and time are filled in when absent. */
export interface Draft<T extends EventType = EventType> {
  type: T;
  data: EventTypes[T];
  /** `account|c-1001`, `email|..`, a subject ref, .. Absent for events about nobody. */
  subject?: string;
  /** Publishing the same id again changes nothing: take it from what is reported (an order number's event), where there is such a thing. */
  id?: string;
  /** When it happened, RFC 3339. */
  time?: string;
  /** Who did it, pseudonymous. Default: the token's subject. */
  actor?: string;
}

type Extras = Omit<Draft, 'type' | 'data' | 'subject'>;
type DataOf<T extends EventType> = EventTypes[T];

/** Typed drafts, one function per event type: `report.use('account|c-1001', {...})`. */
export const report = {
  collection: about('attesta.collection.recorded.v1'),
  use: about('attesta.use.recorded.v1'),
  disclosure: about('attesta.disclosure.recorded.v1'),
  consent: about('attesta.consent.captured.v1'),
  noticeCommunicated: about('attesta.notice.communicated.v1'),
  noticeAcknowledged: about('attesta.notice.acknowledged.v1'),
  identifierLinked: about('attesta.identifier.linked.v1'),
  identifierUnlinked: about('attesta.identifier.unlinked.v1'),
  access: about('attesta.access.recorded.v1'),
  noticePublished: aboutNobody('attesta.notice.published.v1'),
  outboundLink: aboutNobody('attesta.outbound-link.recorded.v1'),
} as const;

function about<T extends EventType>(type: T) {
  return (subject: string, data: DataOf<T>, extras: Extras = {}): Draft<T> => ({ ...extras, type, subject, data });
}

function aboutNobody<T extends EventType>(type: T) {
  return (data: DataOf<T>, extras: Extras = {}): Draft<T> => ({ ...extras, type, data });
}

/** The draft as a CloudEvent of this source. */
export function toCloudEvent(draft: Draft, { source, newId, now }: { source: string; newId: () => string; now: () => Date }): CloudEvent {
  return {
    specversion: '1.0',
    id: draft.id ?? newId(),
    source,
    type: draft.type,
    time: draft.time ?? now().toISOString(),
    ...(draft.subject !== undefined && { subject: draft.subject }),
    ...(draft.actor !== undefined && { actor: draft.actor }),
    datacontenttype: 'application/json',
    data: draft.data as EventData,
  };
}
