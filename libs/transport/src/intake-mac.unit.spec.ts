import type { CloudEvent } from '@attesta/events';
import { IntakeMac, IntakeMacSigner } from '@attesta/vault';
import fc from 'fast-check';
import { authenticatedAttributes, decodeKafka, encodeKafka, type KafkaRecord } from './cloud-events-kafka.js';
import { authenticated, signed } from './intake-mac.js';

const event: CloudEvent = {
  specversion: '1.0',
  id: 'e-1',
  source: '//shop.example/orders',
  type: 'attesta.use.recorded.v1',
  time: '2026-01-02T03:04:05Z',
  subject: `ref1.${'a'.repeat(43)}`,
  data: { note: 'สมชาย' },
};

describe('a record of the intake topic', () => {
  const ledger = new IntakeMac([IntakeMac.generate()]);
  const keys = new IntakeMacSigner(ledger.keysFor(['//shop.example']));
  const signer = { sign: (source: string, record: { attributes: string; value: Uint8Array }) => keys.sign(source, record)! };
  /** As the broker gives it back: headers as bytes, in no order. */
  const sent = (change: (record: { value: Buffer; headers: Record<string, string | Buffer> }) => void = () => {}): KafkaRecord => {
    const { value, headers } = signed(encodeKafka(event), event.source, signer);
    const record = {
      value,
      headers: Object.fromEntries(
        Object.entries(headers)
          .reverse()
          .map(([name, text]) => [name, Buffer.from(text)]),
      ) as Record<string, string | Buffer>,
    };
    change(record);
    return record;
  };
  const received = (record: KafkaRecord, mode: 'required' | 'accepted' = 'required') => {
    const decoded = authenticated(record, decodeKafka(record), ledger, mode);
    return decoded.ok ? 'ok' : decoded.problems[0]!.code;
  };

  it('comes in as it was signed, whatever tracing put in on the way', () => {
    expect(received(sent())).toBe('ok');
    expect(received(sent(({ headers }) => (headers['traceparent'] = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`)))).toBe('ok');
  });

  it.each(['null', '7', '"text"', '[]'])('that is %s and no event is refused like any other, and stops nobody', (value) => {
    const record = { value: Buffer.from(value), headers: { 'content-type': Buffer.from('application/cloudevents+json') } };
    expect(received(record)).toBe('mac-missing');
  });

  it('is refused with an attribute changed, added or taken away', () => {
    for (const change of [
      { ce_id: 'e-2' },
      { ce_type: 'attesta.use.recorded.v2' },
      { ce_actor: 'somebody' },
      { 'content-type': 'application/x+json' },
    ]) {
      expect(received(sent(({ headers }) => Object.assign(headers, change)))).toBe('mac-wrong');
    }
    expect(received(sent(({ headers }) => delete headers['ce_subject']))).toBe('mac-wrong');
    expect(received(sent(({ headers }) => (headers['ce_source'] = '//attesta/consent')))).toBe('source-not-allowed');
  });

  it('keeps what was sent and its names, for the rejection', () => {
    const record = sent(({ headers }) => (headers['attesta-mac'] = 'x'));
    expect(authenticated(record, decodeKafka(record), ledger, 'required')).toMatchObject({
      ok: false,
      id: 'e-1',
      source: event.source,
      type: event.type,
      original: { id: 'e-1', data: event.data },
    });
  });

  it('may lack its MAC where that is accepted, and never have a wrong one', () => {
    const bare = sent(({ headers }) => delete headers['attesta-mac']);
    expect([received(bare), received(bare, 'accepted')]).toEqual(['mac-missing', 'ok']);
    expect(
      received(
        sent(({ headers }) => (headers['ce_id'] = 'e-2')),
        'accepted',
      ),
    ).toBe('mac-wrong');
  });

  it('in structured mode is asked for the source in its value', () => {
    const structured = (source: string) => {
      const value = Buffer.from(JSON.stringify({ ...event, source, datacontenttype: 'application/json' }));
      return signed({ key: 'k', value, headers: { 'content-type': 'application/cloudevents+json' } }, event.source, signer);
    };
    expect(received(structured(event.source))).toBe('ok');
    expect(received(structured('//attesta/consent'))).toBe('source-not-allowed');
  });

  it('is never taken for another: two records with the same bytes under the MAC are the same record', () => {
    const name = fc.string({ unit: fc.constantFrom('a', '1', ':', ','), minLength: 1, maxLength: 4 }).map((text) => `ce_${text}`);
    const part = fc.string({ unit: fc.constantFrom('1', ':', ',', '\n', 'c', 'e', '_', 'a', 'ก'), maxLength: 12 });
    const record = fc.record({ headers: fc.dictionary(name, part, { maxKeys: 3 }), value: part });
    const bytes = ({ headers, value }: { headers: Record<string, string>; value: string }) => authenticatedAttributes(headers) + value;
    const meant = ({ headers, value }: { headers: Record<string, string>; value: string }) =>
      JSON.stringify([
        Object.entries(headers)
          .filter(([key]) => /^ce_[a-z0-9]+$/.test(key))
          .sort(([a], [b]) => (a < b ? -1 : 1)),
        value,
      ]);
    fc.assert(
      fc.property(record, record, (one, other) => {
        expect(bytes(one) === bytes(other)).toBe(meant(one) === meant(other));
      }),
      { numRuns: 500 },
    );
    // What a prefix moved from the headers into the value would give, were their number not in it.
    const moved = { headers: { ce_a: 'x' }, value: '4:ce_b,1:y,rest' };
    expect(bytes(moved)).not.toBe(bytes({ headers: { ce_a: 'x', ce_b: 'y' }, value: 'rest' }));
  });
});
