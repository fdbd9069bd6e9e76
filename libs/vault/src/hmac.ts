import { createHmac, hash } from 'node:crypto';

const nothing = new Uint8Array(0);
const inner = Buffer.alloc(64 + 8192);
const outer = Buffer.alloc(64 + 32);

/**
 * HMAC-SHA-256 (RFC 2104) as two one-shot hashes over padded keys: half the cost of createHmac for the short inputs of the seal path.
 * @param bytes come after the text
 * @returns 32 bytes as latin1
 */
export function hmacSha256(key: Uint8Array, text: string, bytes: Uint8Array = nothing): string {
  if (key.length > 64 || text.length * 3 + bytes.length > inner.length - 64)
    return createHmac('sha256', key).update(text).update(bytes).digest('binary');
  inner.fill(0x36, 0, 64);
  outer.fill(0x5c, 0, 64);
  for (let i = 0; i < key.length; i++) {
    inner[i]! ^= key[i]!;
    outer[i]! ^= key[i]!;
  }
  const written = inner.write(text, 64);
  inner.set(bytes, 64 + written);
  const length = written + bytes.length;
  outer.write(hash('sha256', inner.subarray(0, 64 + length), 'binary'), 64, 32, 'latin1');
  return hash('sha256', outer, 'binary');
}
