/** Personal values by data category of the policy. They are encrypted at intake and never reach an entry. */
export type PersonalPart = Record<string, Record<string, string | number | boolean | null>>;

/** Another person an event is about (notice clause 1.3), with that person's own personal part. */
export interface Related {
  subject: string;
  role?: string;
  personal?: PersonalPart | string;
}

/** What every event's data may hold; the event type's schema says the rest. A string `personal` is a compact JWE to the intake key. */
export type EventData = { personal?: PersonalPart | string; related?: Related[]; [field: string]: unknown };

/** CloudEvents 1.0 as it reaches intake, after the transport binding was undone. */
export interface CloudEvent {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  time: string;
  subject?: string;
  datacontenttype?: string;
  dataschema?: string;
  actor?: string;
  traceparent?: string;
  data: EventData;
}
