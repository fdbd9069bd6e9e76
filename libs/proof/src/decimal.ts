/** A whole number as C2SP texts write it: ASCII digits, no sign, no leading zeros. undefined for anything else and beyond 2^53 - 1. */
export function parseDecimal(text: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
