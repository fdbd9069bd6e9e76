/** Whether 13 digits, without separators, are a Thai national id: the last is (11 - sum of digit x weight 13..2 mod 11) mod 10. */
export function isThaiNationalId(digits: string): boolean {
  if (!/^[1-8]\d{12}$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += (13 - i) * (digits.charCodeAt(i) - 48);
  return (11 - (sum % 11)) % 10 === digits.charCodeAt(12) - 48;
}
