import type { PackageContent } from './package-content.js';
import { WORDS, type PackageWords } from './package-words.js';

/** What the files are, in the person's language. */
export function packageReadme(content: PackageContent, tables: readonly { name: string }[]): string {
  const words = WORDS[content.language];
  const { title, page, json, tables: each, formulas, utf8, secret } = TEXTS[content.language];
  const names = tables.map(({ name }) => `  ${name.padEnd(20)}${sectionOf(words, name)}`);
  return [
    `${words.pages[content.kind]} – ${content.controller.name}`,
    '',
    words.intro[content.kind],
    '',
    `${title}:`,
    '',
    `  ${'package.html'.padEnd(20)}${page}`,
    `  ${'package.json'.padEnd(20)}${json} (${content.schema})`,
    ...names,
    '',
    each,
    utf8,
    formulas,
    '',
    secret,
    '',
  ].join('\n');
}

function sectionOf({ sections }: PackageWords, file: string): string {
  const name = file.replace(/\.csv$/, '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return sections[name as keyof typeof sections];
}

const TEXTS = {
  en: {
    title: 'Files',
    page: 'Everything to read, in any browser',
    json: 'Everything exactly, for programs',
    tables: 'Times in the tables are ISO 8601 with their offset from UTC.',
    utf8: 'The tables are UTF-8: choose that when a spreadsheet program asks for the encoding.',
    formulas:
      'In the tables, an apostrophe stands before text that a spreadsheet would run as a formula, such as a telephone number with +. It is no part of the data.',
    secret: 'Keep these files to yourself: whoever has them can read your data.',
  },
  th: {
    title: 'ไฟล์',
    page: 'ข้อมูลทั้งหมดสำหรับอ่าน เปิดได้ด้วยเบราว์เซอร์ทุกชนิด',
    json: 'ข้อมูลทั้งหมดตามค่าจริง สำหรับโปรแกรม',
    tables: 'เวลาในตารางเป็นรูปแบบ ISO 8601 พร้อมส่วนต่างจากเวลา UTC',
    utf8: 'ตารางใช้รหัสอักขระ UTF-8 โปรดเลือกรหัสนี้เมื่อโปรแกรมตารางคำนวณถาม',
    formulas: "ในตารางมีเครื่องหมาย ' นำหน้าข้อความที่โปรแกรมตารางคำนวณอาจถือเป็นสูตร เช่น หมายเลขโทรศัพท์ที่ขึ้นต้นด้วย + เครื่องหมายนี้ไม่ใช่ส่วนหนึ่งของข้อมูล",
    secret: 'โปรดเก็บไฟล์เหล่านี้ไว้กับตัวท่าน ผู้ที่มีไฟล์สามารถอ่านข้อมูลของท่านได้',
  },
};
