import { createHmac, hkdfSync } from 'node:crypto';
import { IntakeMac, IntakeMacSigner, type Authenticated } from './intake-mac.js';

const SOURCE = '//shop.example/orders';
const record: Authenticated = { attributes: 'attesta-mac-1\n1\n8:ce_type,1:t,', value: Buffer.from('{"n":1}') };

describe('the MAC of a record of the intake topic', () => {
  const secret = IntakeMac.generate();
  const ledger = new IntakeMac([secret]);
  const signer = (prefix: string, mac = ledger) => new IntakeMacSigner(mac.keysFor([prefix]));
  const header = signer('//shop.example').sign(SOURCE, record)!;

  it('lets in whoever holds a key of a prefix of the source', () => {
    expect(ledger.fault(header, SOURCE, record)).toBeUndefined();
    expect(ledger.fault(signer('//').sign(SOURCE, record), SOURCE, record)).toBeUndefined();
  });

  it('is what the documents say: HMAC-SHA-256 under HKDF(secret, prefix)', () => {
    const key = Buffer.from(
      hkdfSync('sha256', Buffer.from(secret.secret, 'base64url'), '', Buffer.from('attesta intake mac 1\n//shop.example'), 32),
    );
    const mac = createHmac('sha256', key).update(record.attributes).update(record.value).digest('base64url');
    expect(header).toBe(`1.${secret.kid}.${Buffer.from('//shop.example').toString('base64url')}.${mac}`);
  });

  it('is of the whole record, however long', () => {
    const long = { ...record, value: Buffer.alloc(200_000, 'x') };
    const mac = signer('//').sign(SOURCE, long);
    expect(ledger.fault(mac, SOURCE, long)).toBeUndefined();
    expect(ledger.fault(mac, SOURCE, { ...long, value: Buffer.concat([long.value.subarray(1), Buffer.from('y')]) })).toBe('wrong');
  });

  it('signs nothing for a source that no key covers', () => {
    expect(signer('//shop.example').sign('//shop.example.org', record)).toBeUndefined();
    expect(signer('//shop.example').sign('//attesta/consent', record)).toBeUndefined();
  });

  it('is refused on a record that is changed, unsigned, or of another source', () => {
    expect(ledger.fault(undefined, SOURCE, record)).toBe('missing');
    expect(ledger.fault(header, SOURCE, { ...record, value: Buffer.from('{"n":2}') })).toBe('wrong');
    expect(ledger.fault(header, SOURCE, { ...record, attributes: record.attributes.replace(':t', ':u') })).toBe('wrong');
    expect(ledger.fault(header, '//attesta/consent', record)).toBe('other-source');
    const [version, kid, , mac] = header.split('.') as [string, string, string, string];
    const other = Buffer.from('//attesta').toString('base64url');
    expect(ledger.fault([version, kid, other, mac].join('.'), '//attesta/consent', record)).toBe('wrong');
  });

  it('is refused when it is cut, longer, of another version, or no MAC at all', () => {
    const cut = header.slice(0, -4);
    for (const bad of ['', '1', '1.k.p', '2.k.p.m', `${header}.more`, cut, header.replace(/\.[^.]+$/, '.')]) {
      expect(ledger.fault(bad, SOURCE, record)).toBe(bad === cut ? 'wrong' : 'unreadable');
    }
  });

  it('needs a secret of full length', () => {
    expect(() => new IntakeMac([])).toThrow(/secret/);
    expect(() => new IntakeMac([{ kid: 'k', secret: 'short' }])).toThrow(/32 bytes/);
  });
});
