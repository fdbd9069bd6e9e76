/**
 * UUID version 7 (RFC 9562 section 5.7): milliseconds first, so that ids made later sort later. Ids of one generator are
 * strictly increasing also within a millisecond and when the clock steps back (section 6.2, method 1: a 12-bit counter).
 */
export function uuidV7Generator(now: () => number = Date.now, random: (bytes: Uint8Array) => Uint8Array = fillRandom): () => string {
  let last = -1;
  let counter = 0;
  return () => {
    const bytes = random(new Uint8Array(16));
    const clock = now();
    if (clock > last) {
      last = clock;
      // The top bit starts at zero, which leaves at least 2,048 ids before a millisecond is borrowed.
      counter = (((bytes[6] ?? 0) & 0x07) << 8) | (bytes[7] ?? 0);
    } else if (++counter > 0xfff) {
      last++;
      counter = 0;
    }
    let milliseconds = last;
    for (let at = 5; at >= 0; at--) {
      bytes[at] = milliseconds % 256;
      milliseconds = Math.floor(milliseconds / 256);
    }
    bytes[6] = 0x70 | (counter >> 8);
    bytes[7] = counter & 0xff;
    bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
}

const fillRandom = (bytes: Uint8Array): Uint8Array => globalThis.crypto.getRandomValues(bytes);
