/** Values of a person that are sent where none belong: an answer that refuses them, or a log line, must not hold them. */
export const PLANTED = {
  email: 'wanida.7302915@mail.example',
  phone: '+66817302915',
  name: 'Wanida Plukwailuek7302915',
  thaiName: 'วนิดา ปลูกไว้ลึก7302915',
} as const;

const VALUES = Object.values(PLANTED);
const SPELLINGS = [
  ...new Set([...VALUES, ...VALUES.map((value) => JSON.stringify(value).slice(1, -1)), ...VALUES.map(encodeURIComponent)]),
];

/** Which of the values a text holds, in any spelling; none in a well-kept log. */
export const plantedIn = (text: string): string[] => SPELLINGS.filter((spelling) => text.includes(spelling));
