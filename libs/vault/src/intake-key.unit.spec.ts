import { createHmac } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, importJWK, type JWK } from 'jose';
import { hmacSha256 } from './hmac.js';
import { contextDigest, IntakeKey, IntakeKeyError, PersonalEncryptor } from './intake-key.js';

const context = { source: '//shop.example', id: 'e-1', subject: 'ref1.abc' };
const personal = { identity: { name: 'สมชาย' } };

test('what a publisher encrypts the ledger opens, and nobody else', () => {
  const jwk = IntakeKey.generate();
  const ledger = new IntakeKey([jwk]);
  const jwe = new PersonalEncryptor(ledger.publicKey).encrypt(personal, context);
  expect(ledger.decrypt(jwe, context)).toEqual(personal);
  expect(() => new IntakeKey([{ ...IntakeKey.generate(), kid: jwk.kid }]).decrypt(jwe, context)).toThrow(IntakeKeyError);
});

test('a part moved to another event, or bent, does not open', () => {
  const ledger = new IntakeKey([IntakeKey.generate()]);
  const jwe = new PersonalEncryptor(ledger.publicKey).encrypt(personal, context);
  expect(() => ledger.decrypt(jwe, { ...context, id: 'e-2' })).toThrow(/another event/);
  expect(() => ledger.decrypt(jwe, { ...context, subject: 'ref1.abd' })).toThrow(/another event/);
  const [header, key, iv, body, tag] = jwe.split('.') as [string, string, string, string, string];
  const bent = (body[0] === 'A' ? 'B' : 'A') + body.slice(1);
  for (const broken of [
    '',
    'x',
    `${header}.${key}.${iv}.${bent}.${tag}`,
    `${header}.${key}.${iv}.${body}.`,
    `${jwe}.more`,
    `..${iv}.${body}.${tag}`,
  ]) {
    expect(() => ledger.decrypt(broken, context)).toThrow(IntakeKeyError);
  }
});

test('an older intake key still opens what was sent under it', () => {
  const [old, fresh] = [IntakeKey.generate(), IntakeKey.generate()];
  const jwe = new PersonalEncryptor(new IntakeKey([old]).publicKey).encrypt(personal, context);
  expect(new IntakeKey([fresh, old]).decrypt(jwe, context)).toEqual(personal);
});

test('it is JWE as another implementation reads and writes it', async () => {
  const jwk = IntakeKey.generate();
  const ledger = new IntakeKey([jwk]);
  const ours = new PersonalEncryptor(ledger.publicKey).encrypt(personal, context);
  const opened = await compactDecrypt(ours, (await importJWK(jwk as JWK, 'ECDH-ES')) as Parameters<typeof compactDecrypt>[1]);
  expect(JSON.parse(Buffer.from(opened.plaintext).toString())).toEqual(personal);
  const theirs = await new CompactEncrypt(Buffer.from(JSON.stringify(personal)))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: ledger.publicKey.kid, att_event: contextDigest(context) })
    .encrypt((await importJWK(ledger.publicKey as JWK, 'ECDH-ES')) as Parameters<CompactEncrypt['encrypt']>[0]);
  expect(ledger.decrypt(theirs, context)).toEqual(personal);
});

test.each([0, 1, 40, 2000, 20_000])('the fast HMAC equals the usual one for %i characters', (length) => {
  const key = Buffer.alloc(32, 9);
  expect(hmacSha256(key, 'ก'.repeat(length))).toBe(createHmac('sha256', key).update('ก'.repeat(length)).digest('binary'));
});

test('after a rotation the new key is announced and the old one opens what is on its way, until it is retired', () => {
  const [old, fresh] = [IntakeKey.generate(), IntakeKey.generate()];
  let file: ReturnType<typeof IntakeKey.generate>[] | undefined;
  const ledger = new IntakeKey([old], () => {
    const changed = file;
    file = undefined;
    return changed;
  });
  const event = { source: '//shop.example', id: 'e-9', subject: 'ref1.x' };
  const onItsWay = new PersonalEncryptor(ledger.publicKey).encrypt({ a: 1 }, event);
  file = [fresh, old];
  // Encrypted to the new key, as another replica announced it, before this one has looked.
  const byOther = new PersonalEncryptor(new IntakeKey([fresh]).publicKey).encrypt({ b: 2 }, event);
  expect(ledger.decrypt(byOther, event)).toEqual({ b: 2 });
  expect(ledger.publicKey.kid).toBe(fresh.kid);
  expect(ledger.decrypt(onItsWay, event)).toEqual({ a: 1 });
  file = [fresh];
  expect(ledger.publicKey.kid).toBe(fresh.kid);
  expect(() => ledger.decrypt(onItsWay, event)).toThrow(IntakeKeyError);
});
