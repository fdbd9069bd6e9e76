import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createLocalJWKSet, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import type { JWK } from 'jose';
import { PeopleIssuer } from './people-issuer.js';
import { TokenVerifier } from './token-verifier.js';

const MAIN = 'https://issuer.example';
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'people-'));
const keys = path.join(directory, 'keys');
const open = () => PeopleIssuer.open({ keys, publicUrl: 'https://privacy.example/', audience: 'attesta' });
const stored = () => JSON.parse(fs.readFileSync(path.join(keys, 'people-keys.json'), 'utf8')) as JWK[];
const person = () => ({ sub: 'psn_1', subject: 'ref1.abc', now: Date.now() });
afterAll(() => fs.rmSync(directory, { recursive: true }));

async function trusted() {
  const people = await open();
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const mainKey = { ...(await exportJWK(privateKey)), kid: 'main', alg: 'ES256' };
  const verifier = new TokenVerifier({
    issuer: MAIN,
    audience: 'attesta',
    keys: createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'main', alg: 'ES256' }] }),
    peopleIssuer: people.issuer,
    peopleKeys: people.verifierKeys,
  });
  const sign = async (claims: Record<string, unknown>, key: JWK, kid = key.kid) =>
    new SignJWT({ aud: 'attesta', sub: 'x', roles: ['dpo'], exp: Math.floor(Date.now() / 1000) + 60, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: kid ?? '' })
      .sign(await importJWK(key, 'ES256'));
  return { people, verifier, sign, mainKey };
}

it('says who a data subject is, and nothing else', async () => {
  const { people, verifier } = await trusted();
  expect(people.issuer).toBe('https://privacy.example/people');
  await expect(verifier.verify(await people.sign(person()))).resolves.toEqual({
    sub: 'psn_1',
    roles: ['subject'],
    sources: [],
    subject: 'ref1.abc',
    provedBy: 'email-code',
  });
});

it('its tokens are those of data subjects, whatever they say', async () => {
  const { people, verifier, sign } = await trusted();
  const token = await sign({ iss: people.issuer, roles: ['dpo', 'operator'], sources: ['//'], subject: 'ref1.abc' }, stored()[0]!);
  await expect(verifier.verify(token)).resolves.toMatchObject({ roles: ['subject'], sources: [] });
});

it('no key speaks for the other issuer', async () => {
  const { people, verifier, sign, mainKey } = await trusted();
  const own = stored()[0]!;
  await expect(verifier.verify(await sign({ iss: MAIN }, mainKey))).resolves.toMatchObject({ roles: ['dpo'] });
  const forged = [
    await sign({ iss: MAIN }, own),
    await sign({ iss: MAIN }, own, 'main'),
    await sign({ iss: people.issuer }, mainKey),
    await sign({ iss: people.issuer }, mainKey, own.kid),
    await sign({ iss: people.issuer, aud: 'elsewhere' }, own),
    await sign({ iss: people.issuer, exp: Math.floor(Date.now() / 1000) - 31 }, own),
    await sign({ iss: `${people.issuer}/` }, own),
    await sign({ iss: [people.issuer] }, own),
  ];
  for (const token of forged) await expect(verifier.verify(token)).rejects.toMatchObject({ status: 401 });
});

it('is trusted only where it is named, and never as the main issuer', async () => {
  const { people } = await trusted();
  const without = new TokenVerifier({ issuer: MAIN, audience: 'attesta', keys: people.verifierKeys });
  await expect(without.verify(await people.sign(person()))).rejects.toMatchObject({ status: 401 });
  expect(() => new TokenVerifier({ issuer: MAIN, audience: 'attesta', peopleIssuer: MAIN })).toThrow(/AUTH_PEOPLE_ISSUER is AUTH_ISSUER/);
});

it('keeps its key for its owner only, the same for every process, and publishes no secret', async () => {
  const [one, two] = await Promise.all([open(), open()]);
  expect(one.jwks).toEqual(two.jwks);
  expect(one.jwks.keys[0]).not.toHaveProperty('d');
  expect(fs.statSync(path.join(keys, 'people-keys.json')).mode & 0o777).toBe(0o600);
});

it('a key is replaced by putting another before it', async () => {
  const { people: before } = await trusted();
  const token = await before.sign(person());
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const fresh = { ...(await exportJWK(privateKey)), alg: 'ES256', kid: 'fresh' };
  fs.writeFileSync(path.join(keys, 'people-keys.json'), JSON.stringify([fresh, ...stored()]));
  const { people: after, verifier } = await trusted();
  await expect(verifier.verify(token)).resolves.toBeDefined();
  await expect(verifier.verify(await after.sign(person()))).resolves.toBeDefined();
  expect(after.jwks.keys.map(({ kid }) => kid)).toEqual(['fresh', before.jwks.keys[0]!.kid]);
});
