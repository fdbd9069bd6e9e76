import type { CloudEvent } from '@attesta/events';
import { BATCH, decodeHttp, STRUCTURED, type HttpEvents } from './cloud-events-http.js';
import { decodeKafka, encodeKafka, LARGEST_KAFKA_EVENT } from './cloud-events-kafka.js';

const event: CloudEvent = {
  specversion: '1.0',
  id: 'e-1',
  source: '/shop',
  type: 'attesta.use.recorded.v1',
  time: '2026-01-02T03:04:05Z',
  subject: 'ref1.abc',
  data: { operation: 'ส่งของ' },
};
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const http = (contentType: string | undefined, body: Uint8Array, headers: Record<string, string> = {}) =>
  decodeHttp({ contentType, headers, body });
const codes = (decoded: HttpEvents) =>
  decoded.ok ? decoded.events.map((one) => (one.ok ? 'ok' : one.problems[0]!.code)) : decoded.problems.map((problem) => problem.code);

describe('CloudEvents over HTTP', () => {
  it('reads the structured mode', () => {
    expect(http(`${STRUCTURED}; charset=UTF-8`, json(event))).toEqual({ ok: true, mode: 'structured', events: [{ ok: true, event }] });
  });

  it('reads a batch, and one bad event does not sink the others', () => {
    const poisoned = JSON.stringify([event, event, event]).replace('"operation"', '"__proto__":{"x":1},"operation"');
    expect(codes(http(BATCH, Buffer.from(poisoned)))).toEqual(['forbidden-key', 'ok', 'ok']);
  });

  it('names the event that it could not use', () => {
    const decoded = http(BATCH, Buffer.from(`[${JSON.stringify(event).replace('ส่งของ', '\\ud800')}]`));
    expect(decoded.ok && decoded.events[0]).toMatchObject({ ok: false, id: 'e-1', source: '/shop', type: event.type });
    expect(codes(decoded)).toEqual(['lone-surrogate']);
  });

  it('does not repeat a name that may be a value of somebody', () => {
    const decoded = http(BATCH, json([{ ...event, data: { 'somchai@mail.example': { note: 'a\u0000' } } }]));
    expect(decoded.ok && decoded.events[0]).toMatchObject({ ok: false, problems: [{ field: '/data/?/note', code: 'nul-character' }] });
  });

  it('reads the binary mode with percent-encoded headers', () => {
    const { data, ...attributes } = event;
    const headers = Object.fromEntries(
      Object.entries({ ...attributes, subject: 'account|ก' }).map(([name, value]) => [`ce-${name}`, encodeURIComponent(value)]),
    );
    const decoded = http('application/json', json(data), headers);
    expect(decoded).toEqual({ ok: true, mode: 'binary', events: [{ ok: true, event: { ...event, subject: 'account|ก' } }] });
  });

  it('takes the trace of the request when the event has none', () => {
    const headers = { 'ce-specversion': '1.0', 'ce-id': '1', traceparent: '00-11111111111111111111111111111111-2222222222222222-01' };
    expect(http('application/json', json({}), headers)).toMatchObject({ events: [{ event: { traceparent: headers.traceparent } }] });
  });

  it.each([
    ['text', http('text/plain', json(event)), ['wrong-content-type'], 415],
    ['no content type', http(undefined, json(event)), ['wrong-content-type'], 415],
    ['plain JSON without ce- headers', http('application/json', json(event)), ['wrong-content-type'], 415],
    ['another charset', http(`${STRUCTURED}; charset=tis-620`, json(event)), ['wrong-charset'], 415],
    ['broken JSON', http(STRUCTURED, Buffer.from('{"id"')), ['invalid-json'], 400],
    ['an empty body', http(STRUCTURED, Buffer.alloc(0)), ['invalid-json'], 400],
    ['invalid UTF-8', http(STRUCTURED, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), ['invalid-utf-8'], 400],
    ['a batch that is none', http(BATCH, json(event)), ['not-an-array'], 400],
    ['a batch beyond the bound', http(BATCH, json(Array.from({ length: 1_001 }, () => 1))), ['batch-too-large'], 413],
    ['an oversized event', http(STRUCTURED, Buffer.alloc(300_000, 0x20)), ['event-too-large'], 413],
    ['a header that is badly encoded', http('application/json', json({}), { 'ce-id': '%e0%b' }), ['invalid-header'], 400],
    ['a header that is no UTF-8', http('application/json', json({}), { 'ce-id': '%ff' }), ['invalid-header'], 400],
  ])('refuses %s', (_name, decoded, expected, status) => {
    expect(codes(decoded)).toEqual(expected);
    expect(decoded).toMatchObject({ ok: false, status });
  });

  it.each([
    ['the constructor key', '{"id":"1","data":{"constructor":{"prototype":{}}}}', 'forbidden-key'],
    ['an escaped prototype key', '{"id":"1","data":{"\\u005f_proto__":{}}}', 'forbidden-key'],
    ['a NUL character', '{"id":"\\u0000"}', 'nul-character'],
    ['endless nesting', `{"id":"1","data":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 'too-deep'],
  ])('refuses %s in an event', (_name, body, code) => {
    expect(codes(http(STRUCTURED, Buffer.from(body)))).toEqual([code]);
  });

  it('measures each event of a batch', () => {
    const large = { ...event, data: { operation: 'x'.repeat(300_000) } };
    expect(codes(http(BATCH, json([event, large])))).toEqual(['ok', 'event-too-large']);
  });
});

describe('CloudEvents over Kafka', () => {
  const bytes = (headers: Record<string, string>) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]));

  it('gives back what was encoded', () => {
    const { key, value, headers } = encodeKafka(event);
    expect(key).toBe('ref1.abc');
    expect(headers).toMatchObject({ ce_specversion: '1.0', ce_id: 'e-1', 'content-type': 'application/json' });
    expect(decodeKafka({ value, headers: bytes(headers) })).toEqual({ ok: true, event });
  });

  it('keeps the order of a source for an event about nobody', () => {
    expect(encodeKafka({ ...event, subject: undefined }).key).toBe('/shop');
  });

  it('reads the structured mode', () => {
    expect(decodeKafka({ value: json(event), headers: bytes({ 'content-type': STRUCTURED }) })).toEqual({ ok: true, event });
  });

  const { value, headers } = encodeKafka(event);
  it.each([
    ['no headers', { value, headers: {} }, 'missing-headers'],
    ['no value', { value: null, headers: bytes(headers) }, 'no-data'],
    ['broken JSON', { value: Buffer.from('{'), headers: bytes(headers) }, 'invalid-json'],
    ['a value that is no UTF-8', { value: Buffer.from([0x22, 0xc3, 0x28, 0x22]), headers: bytes(headers) }, 'invalid-utf-8'],
    ['a header that is no UTF-8', { value, headers: { ...bytes(headers), ce_type: Buffer.from([0xff]) } }, 'invalid-utf-8'],
    ['a header sent twice', { value, headers: { ...bytes(headers), ce_id: [Buffer.from('1'), Buffer.from('2')] } }, 'repeated-header'],
    ['an oversized value', { value: Buffer.alloc(LARGEST_KAFKA_EVENT + 1, 0x20), headers: bytes(headers) }, 'event-too-large'],
    ['data that is no JSON', { value, headers: bytes({ ...headers, 'content-type': 'text/xml' }) }, 'wrong-content-type'],
    ['a prototype key', { value: Buffer.from('{"__proto__":{}}'), headers: bytes(headers) }, 'forbidden-key'],
    ['a NUL in a header', { value, headers: bytes({ ...headers, ce_id: 'a\u0000' }) }, 'nul-character'],
  ])('tells what is wrong with %s', (_name, record, code) => {
    const decoded = decodeKafka(record);
    expect(decoded).toMatchObject({ ok: false, problems: [{ code }] });
  });

  it('takes a prototype name in a header for what it is: text', () => {
    expect(decodeKafka({ value, headers: { ...bytes(headers), ce___proto__: Buffer.from('x') } })).toEqual({ ok: true, event });
  });
});
