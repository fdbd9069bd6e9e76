import { randomBytes } from 'node:crypto';
import { openPackage, PackageSealError, sealPackage, tokenDigest } from './package-seal.js';

const token = (byte: number) => Buffer.alloc(32, byte).toString('base64url');
const zip = Buffer.from('PK the person’s own data');

function failure(open: () => unknown): PackageSealError {
  try {
    open();
  } catch (error) {
    if (error instanceof PackageSealError) return error;
    throw error;
  }
  throw new Error('it opened');
}

describe('a sealed package', () => {
  it.each([0, 1, 3_000_000])('of %i bytes is opened by its token', (size) => {
    const content = randomBytes(size);
    expect(openPackage(sealPackage(content, token(1)), token(1)).equals(content)).toBe(true);
  });

  it('is not opened by another token', () => {
    expect(failure(() => openPackage(sealPackage(zip, token(1)), token(2)))).toMatchObject({ name: 'PackageSealError', why: 'not-opened' });
  });

  it('is not opened when any byte was altered or is missing', () => {
    const sealed = sealPackage(zip, token(1));
    for (let i = 0; i < sealed.length; i++) {
      const altered = Buffer.from(sealed);
      altered[i] = (altered[i] ?? 0) ^ 1;
      expect(failure(() => openPackage(altered, token(1))).why).toBe('not-opened');
      expect(failure(() => openPackage(sealed.subarray(0, i), token(1))).why).toBe('not-opened');
    }
    expect(failure(() => openPackage(Buffer.concat([sealed, Buffer.of(0)]), token(1))).why).toBe('not-opened');
  });

  it('shows nothing of the content or the token, and never looks the same', () => {
    const [one, two] = [sealPackage(zip, token(1)), sealPackage(zip, token(1))];
    expect(one.equals(two)).toBe(false);
    expect(one.subarray(1, 33).equals(two.subarray(1, 33))).toBe(false);
    expect(one.includes('person')).toBe(false);
    expect(one.includes(Buffer.alloc(32, 1))).toBe(false);
    expect(one.includes(Buffer.from(tokenDigest(token(1)), 'hex'))).toBe(false);
  });

  it.each(['', 'short', `${token(1)}=`, `${token(1).slice(0, -1)}F`, `${token(1)} `, token(1).slice(1), 'ท'.repeat(43), `${token(1)}AA`])(
    'takes no token but 32 bytes in their one spelling: %j',
    (bad) => {
      const error = failure(() => sealPackage(zip, bad));
      expect(error.why).toBe('bad-token');
      if (bad !== '') expect(error.message).not.toContain(bad);
      expect(failure(() => openPackage(sealPackage(zip, token(1)), bad)).why).toBe('bad-token');
    },
  );
});

it('a token is looked up by its SHA-256', () => {
  // printf 'AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE' | sha256sum
  expect(token(1)).toBe('AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE');
  expect(tokenDigest(token(1))).toBe('56d5fa7333f6d747db42c239407e5da4c32f4c79f35d092b134fd35a402d9c5c');
  expect(tokenDigest('no token')).not.toBe(tokenDigest('no token '));
});
