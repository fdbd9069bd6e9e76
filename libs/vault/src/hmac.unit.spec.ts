import { createHmac } from 'node:crypto';
import { hmacSha256 } from './hmac.js';

const TEXTS = ['', 'account|c-1001', 'ชื่อ|สมชาย ใจดี 🙂', 'x'.repeat(2_731), 'ก'.repeat(9_000)];

test.each([0, 1, 32, 63, 64, 65, 200])('is HMAC-SHA-256 under a key of %i bytes, whatever was hashed before', (length) => {
  const key = Buffer.alloc(length, 0xa7);
  for (const text of [...TEXTS, ...TEXTS.toReversed()]) {
    expect(hmacSha256(key, text)).toBe(createHmac('sha256', key).update(text).digest('binary'));
  }
});
