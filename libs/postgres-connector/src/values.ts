import type pg from 'pg';

const BOOL = 16;
const INT8 = 20;
const NUMBERS = [21, 23, 26, 700, 701]; // int2, int4, oid, float4, float8
const TIMESTAMPTZ = 1184;

/** Values as JSON has them: numbers where none of their digits is lost, instants as RFC 3339, all else as PostgreSQL writes it. */
export const jsonValues = {
  getTypeParser: (type: number) => (text: string) => read(type, text),
} as unknown as pg.CustomTypesConfig;

function read(type: number, text: string): string | number | boolean {
  if (type === BOOL) return text === 't';
  const number = NUMBERS.includes(type) || type === INT8 ? Number(text) : Number.NaN;
  if (Number.isFinite(number) && (type !== INT8 || Number.isSafeInteger(number))) return number;
  const instant = type === TIMESTAMPTZ ? Date.parse(text.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00')) : Number.NaN;
  return Number.isNaN(instant) ? text : new Date(instant).toISOString();
}
