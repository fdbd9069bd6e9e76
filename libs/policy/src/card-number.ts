import { isThaiNationalId, pointer } from '@attesta/events';

/** Cheap test that almost every string fails: 13 digits with at most single separators between. */
const SUSPICIOUS = /\d(?:[ .\u00a0-]?\d){12}/;
/** Most long strings of an event are these, and no card number looks like one. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Runs of digit groups, each group one to nineteen digits, single separators between. Letters and underscores on either side end no word, so digests are left alone. */
const RUN = /(?<![A-Za-z0-9_])\d+(?:[ .\u00a0-]\d+)*(?![A-Za-z0-9_])/g;
const SEPARATOR = /[ .\u00a0-]/;
const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g;
const MAX_NODES = 50_000;
const MAX_DEPTH = 32;

/**
 * JSON pointers of every string, number or key in `value` that holds a payment card number; `base` is the pointer of `value` itself.
 * Compact JWEs are opaque: look again once they are decrypted.
 */
export function findCardNumbers(value: unknown, base = ''): string[] {
  return suspect(value, 0) ? locate(value, base) : [];
}

/** Whether a closer look is worth while: no pointers are made, so that an event without card numbers costs little. */
function suspect(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.length >= 13 && looksLikeCard(value);
  if (typeof value === 'number') return value >= 1e12 && isCardNumber(String(value));
  if (typeof value !== 'object' || value === null) return false;
  if (depth === MAX_DEPTH) return true;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (suspect(value[i], depth + 1)) return true;
    return false;
  }
  for (const key in value) {
    if (key.length >= 13 && looksLikeCard(key)) return true;
    if (suspect((value as Record<string, unknown>)[key], depth + 1)) return true;
  }
  return false;
}

/** Walks with a list instead of recursion, and no further than a bound. */
function locate(value: unknown, base: string): string[] {
  const found = new Set<string>();
  const open: { value: unknown; at: string }[] = [{ value, at: base }];
  let nodes = 0;
  for (let node = open.pop(); node !== undefined && nodes < MAX_NODES; node = open.pop(), nodes++) {
    if (typeof node.value !== 'object' || node.value === null) {
      if (suspect(node.value, 0)) found.add(node.at);
      continue;
    }
    const list = Array.isArray(node.value);
    for (const [key, member] of Object.entries(node.value)) {
      const at = pointer(node.at, list ? Number(key) : key);
      if (!list && key.length >= 13 && looksLikeCard(key)) found.add(at);
      open.push({ value: member, at });
    }
  }
  return [...found].sort();
}

/**
 * Whether a text holds a payment card number: 13 to 19 digits, alone or in groups of 3 to 6 with single spaces, dots or dashes, of an
 * issuer's range and with a valid Luhn digit. A valid Thai national ID (13 digits, mod 11), a valid IBAN, digests, UUIDs and decimals are not.
 */
export function looksLikeCard(text: string): boolean {
  if ((text.length === 36 && UUID.test(text)) || !SUSPICIOUS.test(text)) return false;
  const rest = withoutIbans(text);
  for (const [run] of rest.matchAll(RUN)) {
    const groups = run.split(SEPARATOR);
    for (let from = 0; from < groups.length; from++) {
      let digits = '';
      for (let to = from; to < groups.length; to++) {
        const group = groups[to] ?? '';
        const grouped = to > from || (to + 1 < groups.length && group.length < 13);
        if (grouped && (group.length > 6 || (group.length < 3 && to === from))) break;
        digits += group;
        if (digits.length > 19) break;
        if (digits.length >= 13 && isCardNumber(digits)) return true;
        if (grouped && group.length < 3) break; // a short group can only be the last one
      }
    }
  }
  return false;
}

const withoutIbans = (text: string) => (/[A-Z]{2}\d{2}/.test(text) ? text.replace(IBAN, (iban) => (isIban(iban) ? ' IBAN ' : iban)) : text);

function isCardNumber(digits: string): boolean {
  return ISSUER.test(digits) && luhn(digits) && !isThaiNationalId(digits);
}

/** Issuer ranges with the lengths they issue: Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay, Maestro, RuPay, Mir, Troy. */
const ISSUER = new RegExp(
  `^(?:${[
    '4(?:\\d{12}|\\d{15}|\\d{18})',
    '5[1-5]\\d{14}',
    '2(?:22[1-9]|2[3-9]\\d|[3-6]\\d\\d|7[01]\\d|720)\\d{12}',
    '3[47]\\d{13}',
    '3(?:0[0-59]|[689]\\d)\\d{11,16}',
    '6(?:011|4[4-9]\\d|5\\d\\d)\\d{12,15}',
    '35(?:2[89]|[3-8]\\d)\\d{12,15}',
    '62\\d{14,17}',
    '81\\d{14,17}',
    '(?:50|5[6-9]|6[0-9])\\d{11,17}',
    '220[0-4]\\d{12,15}',
    '9792\\d{12}',
  ].join('|')})$`,
);

function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = digits.length - 1, double = false; i >= 0; i--, double = !double) {
    const digit = digits.charCodeAt(i) - 48;
    sum += double ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit;
  }
  return sum % 10 === 0;
}

/** ISO 13616: letters become 10..35, the first four characters move to the end, the whole modulo 97 is 1. */
function isIban(iban: string): boolean {
  const compact = iban.replaceAll(' ', '');
  if (compact.length < 15 || compact.length > 34) return false;
  let remainder = 0;
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    for (const digit of parseInt(character, 36).toString()) remainder = (remainder * 10 + Number(digit)) % 97;
  }
  return remainder === 1;
}
