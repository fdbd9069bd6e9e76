import { getDocumentProxy } from 'unpdf';
import { code, en, heading, paragraph, row, th, title, type Block } from './blocks.js';
import { pdfOf, type Paper } from './paper.js';

const attachment = { name: 'paper.json', description: 'The paper', json: '{"ชื่อ":"(paper)"}' };
const paper = (...blocks: Block[]): Paper => ({
  title: 'A paper',
  number: 'No.7',
  at: new Date('2026-03-01T09:00:00Z'),
  blocks,
  attachment,
});
const sentence = (n: number) => paragraph({ en: `Sentence ${n}.`, th: `ประโยค ${n}` });
const times = <T>(n: number, of: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => of(i));

interface Piece {
  str: string;
  width: number;
  transform: number[];
}

/** Pieces of text of each page, with where they stand. */
async function pagesOf(pdf: Buffer): Promise<Piece[][]> {
  const document = await getDocumentProxy(new Uint8Array(pdf));
  const pages: Piece[][] = [];
  for (let n = 1; n <= document.numPages; n++) {
    const { items } = await (await document.getPage(n)).getTextContent();
    pages.push(items.filter((item) => 'str' in item && item.str.trim() !== '') as Piece[]);
  }
  return pages;
}
const textsOf = async (pdf: Buffer) => (await pagesOf(pdf)).map((page) => page.map(({ str }) => str).join('\n'));

interface Node {
  role?: string;
  lang?: string;
  children?: Node[];
}
const flat = (node: Node): Node[] => [node, ...(node.children ?? []).flatMap(flat)];

describe('a paper', () => {
  it('is the same bytes for the same content, and other bytes for another', async () => {
    const one = await pdfOf(paper(sentence(1)));
    expect(one.equals(await pdfOf(paper(sentence(1))))).toBe(true);
    expect(one.equals(await pdfOf(paper(sentence(2))))).toBe(false);
    expect(one.equals(await pdfOf({ ...paper(sentence(1)), at: new Date('2026-03-01T09:00:01Z') }))).toBe(false);
  });

  it('can be copied out of: sara am comes as its two signs', async () => {
    const [text] = await textsOf(await pdfOf(paper(title('Title', 'คำนำ'), row('Label', 'ป้าย', [en('fact'), th('ทำลาย'), code('a=1')]))));
    expect(text!.split('\n')).toEqual([
      'Title',
      'ค\u0e4d\u0e32น\u0e4d\u0e32',
      'Label',
      'ป้าย',
      'fact',
      'ท\u0e4d\u0e32ลาย',
      'a=1',
      'No.7',
      '1 / 1',
    ]);
  });

  it('says once what is the same in both languages', async () => {
    const [text] = await textsOf(await pdfOf(paper(row('crm', 'crm', [en('fact')]), heading('M MED', 'M MED'))));
    expect(text!.split('\n')).toEqual(['crm', 'fact', 'M MED', 'No.7', '1 / 1']);
  });

  it('tells which language its paragraphs are in, and which are headings', async () => {
    const document = await getDocumentProxy(new Uint8Array(await pdfOf(paper(title('Title', 'ชื่อ'), sentence(1)))));
    const tree = (await (await document.getPage(1)).getStructTree()) as Node;
    const tags = flat(tree).filter(({ lang }) => lang !== undefined);
    expect(tags.map(({ role, lang }) => `${role} ${lang}`)).toEqual(['H1 en', 'H1 th', 'P en', 'P th']);
  });

  it('carries what it was drawn from, in plain sight', async () => {
    const pdf = await pdfOf(paper(sentence(1)));
    const attached = (await (await getDocumentProxy(new Uint8Array(pdf))).getAttachments()) as Record<string, { content: Uint8Array }>;
    expect(Object.keys(attached)).toEqual(['paper.json']);
    expect(Buffer.from(attached['paper.json']!.content).toString()).toBe(attachment.json);
    expect(pdf.includes(attachment.json)).toBe(true);
    expect(pdf.includes('<pdfaid:part>3</pdfaid:part>')).toBe(true);
  });
});

describe('its pages', () => {
  it('hold all of a long paper within their margins, and are numbered', async () => {
    const facts = times(100, (i) => en(`fact ${i}`));
    const pages = await pagesOf(
      await pdfOf(paper(sentence(1), row('Long', 'ยาว', [en('x'.repeat(200)), th('ตามกฎหมาย'.repeat(40)), ...facts]), sentence(2))),
    );
    expect(pages.length).toBeGreaterThan(1);
    pages.forEach((page, i) => {
      const foot = page.filter(({ transform }) => transform[5]! < 54);
      expect(foot.map(({ str }) => str)).toEqual(['No.7', `${i + 1} / ${pages.length}`]);
      for (const piece of page) {
        expect(piece.transform[4]).toBeGreaterThanOrEqual(53.9);
        expect(piece.transform[4]! + piece.width).toBeLessThanOrEqual(595.28 - 53.9);
        if (!foot.includes(piece)) expect(piece.transform[5]).toBeGreaterThan(54 + 8);
      }
    });
    const said = pages.flat().map(({ str }) => str);
    expect(said).toEqual(expect.arrayContaining([...facts.map(({ text }) => text), 'Sentence 1.', 'Sentence 2.']));
  });

  it('do not end with a heading', async () => {
    for (const before of times(8, (i) => 18 + i)) {
      const pages = await textsOf(
        await pdfOf(paper(...times(before, sentence), heading('Heading', 'หัวข้อ'), paragraph({ en: 'Below.', th: 'ใต้' }))),
      );
      const page = pages.find((text) => text.includes('Heading'))!;
      expect(page).toContain('Below.');
    }
  });

  it('put what follows a row below its label too', async () => {
    const [page] = await pagesOf(await pdfOf(paper(row('A label that is very long and needs lines', 'ป้าย', [en('fact')]), sentence(1))));
    const height = (of: string) => page!.find(({ str }) => str === of)!.transform[5]!;
    expect(height('Sentence 1.')).toBeLessThan(height('ป้าย'));
  });
});
