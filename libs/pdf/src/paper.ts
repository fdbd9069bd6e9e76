import { createRequire } from 'node:module';
import PdfDocument from 'pdfkit';
import { both, type Block, type Line } from './blocks.js';
import { linesOf } from './lines.js';

export interface Paper {
  /** The name that a reader's window shows. */
  title: string;
  /** Stands at the foot of every page, before the number of the page. */
  number: string;
  /** What the file gives as the time of its making: a clock's would change its bytes. */
  at: Date;
  blocks: readonly Block[];
  /** What the pages were drawn from, as JSON. */
  attachment: { name: string; description: string; json: string };
}

const { resolve } = createRequire(import.meta.url);
const REGULAR = resolve('@expo-google-fonts/sarabun/400Regular/Sarabun_400Regular.ttf');
const BOLD = resolve('@expo-google-fonts/sarabun/600SemiBold/Sarabun_600SemiBold.ttf');

/** Points. */
const MARGIN = 54;
const LABELS = 132;
const FOOTER = 24;
/** A heading does not stand at the end of a page. */
const BELOW_HEADING = 60;
const STYLE = {
  title: { font: BOLD, size: 19, tag: 'H1', above: 0 },
  heading: { font: BOLD, size: 12, tag: 'H2', above: 12 },
  paragraph: { font: REGULAR, size: 9.5, tag: 'P', above: 4 },
  row: { font: REGULAR, size: 9.5, tag: 'P', above: 4 },
} as const;
/** Thai has marks above and below its letters. */
const LEADING = 1.45;

/**
 * A4 pages in English and Thai (PDF/A-3). The same paper gives the same bytes: certificates given out are compared with what is drawn of them anew,
 * so a change of how pages are drawn makes them unverifiable. Streams are not compressed, as each build of zlib packs them in its own way, and the
 * attachment can be found with bare eyes.
 */
export function pdfOf(paper: Paper): Promise<Buffer> {
  const pages = new Pages(paper);
  for (const block of paper.blocks) pages.put(block);
  return pages.end();
}

class Pages {
  readonly #pdf: PDFKit.PDFDocument;
  readonly #whole: PDFKit.PDFStructureElement;
  readonly #bytes: Promise<Buffer>;
  readonly #number: string;
  #y = MARGIN;

  constructor({ title, number, at, attachment }: Paper) {
    this.#number = number;
    this.#pdf = new PdfDocument({
      size: 'A4',
      margin: 0,
      pdfVersion: '1.7',
      subset: 'PDF/A-3a',
      tagged: true,
      lang: 'en',
      displayTitle: true,
      compress: false,
      bufferPages: true,
      font: REGULAR,
      info: { Title: title, Producer: 'Attesta', Creator: 'Attesta', CreationDate: at, ModDate: at },
    });
    const chunks: Buffer[] = [];
    this.#bytes = new Promise((done, failed) => {
      this.#pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
      this.#pdf.on('end', () => done(Buffer.concat(chunks)));
      this.#pdf.on('error', failed);
    });
    this.#whole = this.#pdf.struct('Document');
    this.#pdf.addStructure(this.#whole);
    const attached = {
      name: attachment.name,
      type: 'application/json',
      description: attachment.description,
      creationDate: at,
      modifiedDate: at,
      relationship: 'Source',
    };
    this.#pdf.file(Buffer.from(attachment.json), attached);
  }

  put(block: Block): void {
    const { above } = STYLE[block.kind];
    if (block.kind === 'heading') this.#room(above + this.#height('heading', block.lines, this.#width(0)) + BELOW_HEADING);
    if (block.kind !== 'row') return this.#column(block.kind, block.lines, MARGIN, this.#y + above);
    const labels = both(block.label);
    this.#room(
      above + Math.max(this.#height('row', labels, LABELS - 8), this.#height('row', block.lines.slice(0, 1), this.#width(LABELS))),
    );
    const top = this.#y + above;
    const pages = this.#pdf.bufferedPageRange().count;
    this.#column('row', labels, MARGIN, top, LABELS - 8, BOLD);
    const after = this.#y;
    this.#column('row', block.lines, MARGIN + LABELS, top);
    if (this.#pdf.bufferedPageRange().count === pages) this.#y = Math.max(this.#y, after);
  }

  end(): Promise<Buffer> {
    const { count } = this.#pdf.bufferedPageRange();
    for (let i = 0; i < count; i++) {
      this.#pdf.switchToPage(i);
      this.#pdf.markContent('Artifact', { type: 'Pagination' });
      this.#pdf
        .font(REGULAR, 8)
        .text(`${this.#number}   ${i + 1} / ${count}`, MARGIN, this.#pdf.page.height - MARGIN + 8, { lineBreak: false });
      this.#pdf.endMarkedContent();
    }
    this.#pdf.end();
    return this.#bytes;
  }

  /** Paragraphs below each other; one that does not fit goes to the next page as a whole. */
  #column(
    kind: Block['kind'],
    lines: readonly Line[],
    x: number,
    y: number,
    width = this.#width(x - MARGIN),
    font: string = STYLE[kind].font,
  ): void {
    const { size, tag } = STYLE[kind];
    this.#y = y;
    for (const line of lines) {
      const broken = this.#broken(line, width, size, font);
      this.#room(broken.length * size * LEADING);
      this.#whole.add(
        this.#pdf.struct(tag, { lang: line.language === 'th' ? 'th' : 'en' }, () => {
          for (const text of broken) {
            this.#pdf.font(font, size).text(text, x, this.#y, { lineBreak: false });
            this.#y += size * LEADING;
          }
        }),
      );
    }
  }

  #room(height: number): void {
    if (this.#y + height <= this.#pdf.page.height - MARGIN - FOOTER) return;
    this.#pdf.addPage();
    this.#y = MARGIN;
  }

  #height(kind: Block['kind'], lines: readonly Line[], width: number): number {
    const { size, font } = STYLE[kind];
    return lines.reduce((sum, line) => sum + this.#broken(line, width, size, font).length * size * LEADING, 0);
  }

  #broken({ text }: Line, width: number, size: number, font: string): string[] {
    this.#pdf.font(font, size);
    return linesOf(text, width, (some) => this.#pdf.widthOfString(parted(some))).map(parted);
  }

  #width(indent: number): number {
    return this.#pdf.page.width - 2 * MARGIN - indent;
  }
}

/** Sara am as its two signs: a font draws it so anyway, and only so does the text that is copied out of the PDF stay the same (by NFKC). */
const parted = (text: string): string => text.replaceAll('\u0e33', '\u0e4d\u0e32');
