/* A person whose values are found again wherever they turn up, and every way in that they could take. */
import { randomInt } from 'node:crypto';
import type { CloudEvent } from '@attesta/events';
import { AttestaClient } from '@attesta/sdk';
import { collected } from './clauses/drafts.js';
import { withCheckDigit } from './sample-day/people.js';

export const SOURCE = '//storefront.m-med.example/planted';
/** Stands in clear wherever an event may leave a trace: a search that does not find it did not search. */
export const TRACE_ID = 'c0ffee00c0ffee00c0ffee00c0ffee00';
const TRACEPARENT = `00-${TRACE_ID}-c0ffee00c0ffee00-01`;

const digits = String(randomInt(10 ** 6, 10 ** 7));
const nationalId = withCheckDigit(`11017${digits}`);
export const PERSON = {
  nationalId,
  nationalIdDashed: nationalId.replace(/^(.)(....)(.....)(..)(.)$/, '$1-$2-$3-$4-$5'),
  phone: `+6681${digits}`,
  phoneLocal: `081${digits}`,
  email: `wanida.${digits}@mail.example`,
  thaiName: `วนิดา ปลูกไว้ลึก${digits}`,
  latinName: `Wanida Plukwailuek${digits}`,
};
/** The last under a scheme of the publisher's own. */
export const SUBJECTS = [
  `th-national-id|${PERSON.nationalId}`,
  `email|${PERSON.email}`,
  `phone|${PERSON.phone}`,
  `full-name|${PERSON.thaiName}`,
];

const personal = {
  identity: { name: PERSON.thaiName, nameLatin: PERSON.latinName },
  'official-identifier': { nationalId: PERSON.nationalId },
  contact: { email: PERSON.email, phone: PERSON.phone },
};
const CATEGORIES = ['identity', 'official-identifier', 'contact'];

const client = new AttestaClient({ source: SOURCE, transport: { publish: () => Promise.resolve([]) } });

/** About one of their identifiers, with all their values as the personal part. */
export function goodEvent(id: string, subject: string): CloudEvent {
  const event = { ...client.event(collected(subject, { categories: CATEGORIES, personal }, { id })), traceparent: TRACEPARENT };
  // Attributes that CloudEvents allows and Attesta leaves behind.
  return Object.assign(event, { tracestate: `shop=${PERSON.nationalId},mail=${PERSON.email}`, visitor: PERSON.latinName });
}

/** The same with another oddity each, mostly a mistake, their values in the middle of it. */
export function oddEvents(): Record<string, unknown> {
  let count = 0;
  const event = (change: object, data: object = {}) => {
    const good = goodEvent(`odd-${++count}`, SUBJECTS[0]!);
    return { ...good, data: { ...good.data, ...data }, ...change };
  };
  return {
    'an unknown purpose': event({}, { purposes: [PERSON.thaiName] }),
    'an unknown category': event({}, { categories: [PERSON.latinName] }),
    'values where references belong': event(
      {},
      { context: { form: PERSON.email, page: PERSON.phoneLocal, order: PERSON.nationalIdDashed } },
    ),
    'a value as the name of a field': event({}, { [PERSON.thaiName]: true }),
    'a value as the name of a category': event({}, { personal: { [PERSON.latinName]: { x: 1 } } }),
    'a value as the name of a personal field': event({}, { personal: { contact: { [PERSON.email]: [1] } } }),
    'a value as the name of an attribute': event({ [PERSON.email]: 'x' }),
    'a value as id': event({ id: `order of ${PERSON.email}` }),
    'a value as source': event({ source: `//storefront.m-med.example/${PERSON.phone}` }),
    'a value as type': event({ type: `attesta.${PERSON.email}.v1` }),
    'a value as time': event({ time: PERSON.nationalId }),
    'a value as version': event({ specversion: PERSON.thaiName }),
    'a value as content type': event({ datacontenttype: `application/${PERSON.latinName}` }),
    'a value as schema': event({ dataschema: `https://schemas.example/${PERSON.email}` }),
    'a value as actor': event({ actor: PERSON.email }),
    'a subject that is no number': event({ subject: `th-national-id|${PERSON.thaiName}` }),
    'data that is none': event({ data: PERSON.email }),
    'nothing but a value': PERSON.thaiName,
  };
}

/** What cannot be read as an event at all: [content type, body, further headers]. */
export function unreadableBodies(): Record<string, [type: string, body: string | Buffer, headers?: Record<string, string>]> {
  const text = JSON.stringify(goodEvent('unreadable', SUBJECTS[1]!));
  const structured = 'application/cloudevents+json';
  return {
    'JSON cut short': [structured, text.slice(0, -9)],
    'JSON that pollutes prototypes': [structured, text.replace('{', `{"__proto__":{"name":${JSON.stringify(PERSON.thaiName)}},`)],
    'invalid UTF-8': [structured, Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 0x7d])])],
    'another content type': ['text/plain', text],
    'a content type that holds a value': [`application/${PERSON.nationalId}`, text],
    'a body beyond all limits': [structured, text.replace('"data":{', `"data":{"x":"${PERSON.email.repeat(200_000)}",`)],
    'a batch that is none': ['application/cloudevents-batch+json', text],
    'a batch cut short': ['application/cloudevents-batch+json', `[${text},`],
    'binary mode with a person in the headers': [
      'application/json',
      JSON.stringify({ personal }),
      {
        'ce-specversion': '1.0',
        'ce-id': PERSON.email,
        'ce-source': SOURCE,
        'ce-type': 'attesta.collection.recorded.v1',
        'ce-time': '2026-01-05T09:00:00Z',
        'ce-subject': encodeURI(SUBJECTS[1]!),
        'ce-name': encodeURI(PERSON.thaiName),
      },
    ],
  };
}

/** Requests that name the person where no value belongs: [method, route, body]. */
export function indiscreetRequests(): [method: string, route: string, body?: unknown][] {
  const [id, email, name] = [PERSON.nationalId, PERSON.email, PERSON.thaiName].map(encodeURIComponent);
  return [
    ['GET', `/v1/subjects/${email}/timeline?reason=${name}`],
    ['GET', `/v1/subjects/${id}/collections?reason=case-7&cursor=${email}`],
    ['GET', `/v1/rejections?source=${email}&type=${name}`],
    ['GET', `/nowhere/${id}?name=${name}`],
    ['POST', '/v1/subjects/lookup', { subject: SUBJECTS[0], reason: `a call from ${PERSON.phone}` }],
    ['POST', '/v1/subjects/lookup', { subject: PERSON.thaiName, reason: 'case 7' }],
    ['POST', '/v1/evidence', { subject: PERSON.email, reason: 'case 7' }],
    ['POST', '/v1/evidence', { [PERSON.email]: PERSON.thaiName }],
  ];
}

/** Headers that any client may send along. */
export const INDISCREET_HEADERS = {
  traceparent: TRACEPARENT,
  tracestate: `shop=${PERSON.nationalId}`,
  baggage: `mail=${encodeURIComponent(PERSON.email)}`,
  'user-agent': PERSON.latinName,
  'x-request-id': PERSON.nationalId,
  'x-forwarded-for': PERSON.phone,
  referer: `https://shop.example/?mail=${PERSON.email}`,
};
