/** The default alphabet of text messages, and what takes two places in it (3GPP TS 23.038, 6.2.1). */
const GSM =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const GSM_DOUBLE = '\f^{}\\[~]|€';

export interface SmsSize {
  alphabet: 'gsm-7' | 'ucs-2';
  /** What is paid for: messages that a long text is cut into, each with a header (3GPP TS 23.040, 9.2.3.24.1). */
  parts: number;
}

export function smsSize(text: string): SmsSize {
  const characters = [...text];
  const isGsm = characters.every((character) => GSM.includes(character) || GSM_DOUBLE.includes(character));
  const sizes = characters.map((character) => (isGsm ? (GSM.includes(character) ? 1 : 2) : character.length));
  const [whole, part] = isGsm ? [160, 153] : [70, 67];
  const alphabet = isGsm ? 'gsm-7' : 'ucs-2';
  if (sizes.reduce((sum, size) => sum + size, 0) <= whole) return { alphabet, parts: 1 };
  let parts = 1;
  let used = 0;
  // No character is cut in two.
  for (const size of sizes) {
    if (used + size > part) {
      parts += 1;
      used = 0;
    }
    used += size;
  }
  return { alphabet, parts };
}
