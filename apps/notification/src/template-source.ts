/**
 * The source of a message in one language: a Markdown file in parts, parted by rules (`---`).
 * 1. The subject line, as a heading.
 * 2. The letter: paragraphs, `## ` headings, `- ` lists, `> ` small print, and links (`[title]({{field}})`) on lines of their own.
 * 3. The text message, where there is one.
 * Words between `{{ }}` are Handlebars: a field, `#if`, `#unless`, or `#each` around a list. HTML and plain text are made of the same words.
 */
export interface Source {
  subject: string;
  letter: Block[];
  sms?: string;
}

/** What every letter in a language has: what mail programs show beside the subject line, how it begins, how it ends. */
export interface Frame {
  preheader: string;
  opening: Block[];
  closing: Block[];
}

export type Block =
  | { kind: 'heading' | 'paragraph' | 'small' | 'tag'; text: string }
  | { kind: 'link'; title: string; field: string; small: boolean }
  | { kind: 'list'; each?: string; items: string[] };

const TAG = /^\{\{(?:#(?:if|unless) [^{}]+|else|\/(?:if|unless))\}\}$/;
const EACH = /^\{\{#each ([A-Za-z]+)\}\}$/;
const LINK = /^\[([^\]]+)\]\(\{\{([A-Za-z.]+)\}\}\)$/;

/** @throws Error saying what is wrong with it */
export function parseSource(text: string): Source {
  const [outside = '', letter = '', sms, ...more] = partsOf(text);
  const [subject, ...others] = paragraphsOf(outside);
  if (!subject?.startsWith('# ') || others.length > 0 || more.length > 0)
    throw new Error('it is a subject (`# `), the letter, and at most one text message, parted by `---`');
  return { subject: subject.slice(2), letter: blocksOf(letter), ...(sms !== undefined && { sms: paragraphsOf(sms).join(' ') }) };
}

/** @throws Error saying what is wrong with it */
export function parseFrame(text: string): Frame {
  const [preheader = '', opening = '', closing = '', ...more] = partsOf(text);
  if (closing === '' || more.length > 0) throw new Error('it is the preheader, the opening and the closing, parted by `---`');
  return { preheader: preheader.trim(), opening: blocksOf(opening), closing: blocksOf(closing) };
}

export const letterOf = ({ letter }: Source, { opening, closing }: Frame): Block[] => [...opening, ...letter, ...closing];

const partsOf = (text: string): string[] => text.split(/^---$/m);

function blocksOf(text: string): Block[] {
  const paragraphs = paragraphsOf(text);
  const blocks: Block[] = [];
  for (let i = 0; i < paragraphs.length; i += 1) {
    const each = EACH.exec(paragraphs[i]!)?.[1];
    if (each === undefined) {
      blocks.push(blockOf(paragraphs[i]!));
      continue;
    }
    const list = blockOf(paragraphs[i + 1] ?? '');
    if (list.kind !== 'list' || paragraphs[i + 2] !== '{{/each}}') throw new Error('`#each` goes around one list, and ends after it');
    blocks.push({ ...list, each });
    i += 2;
  }
  return blocks;
}

const paragraphsOf = (text: string): string[] =>
  text
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.trim())
    .filter(Boolean);

function blockOf(paragraph: string): Block {
  if (TAG.test(paragraph)) return { kind: 'tag', text: paragraph };
  if (paragraph.startsWith('## ')) return { kind: 'heading', text: paragraph.slice(3) };
  if (paragraph.startsWith('- ')) return { kind: 'list', items: paragraph.slice(2).split(/\n- /).map(oneLine) };
  const small = paragraph.startsWith('> ');
  const text = oneLine(small ? paragraph.replace(/^> /gm, '') : paragraph);
  const [, title, field] = LINK.exec(text) ?? [];
  if (title !== undefined && field !== undefined) return { kind: 'link', title, field, small };
  if (/\{\{[#/]each/.test(text)) throw new Error('`#each` and `/each` stand on lines of their own');
  return { kind: small ? 'small' : 'paragraph', text };
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ');

/** The letter as plain text, still to be filled in. Handlebars leaves no line for a tag that stands alone on it. */
export const plainOf = (blocks: readonly Block[]): string => blocks.map(plainBlock).join('');

function plainBlock(block: Block): string {
  switch (block.kind) {
    case 'tag':
      return `${block.text}\n`;
    case 'link':
      return `${block.title}:\n    {{${block.field}}}\n\n`;
    case 'list':
      return `${eachOf(block, block.items.map((item) => `- ${item}\n`).join(''))}\n`;
    case 'heading':
    case 'paragraph':
    case 'small':
      return `${block.text}\n\n`;
  }
}

/** The letter as the content of an `mj-column`, still to be filled in. */
export const mjmlOf = (blocks: readonly Block[]): string => blocks.map(mjmlBlock).join('\n');

function mjmlBlock(block: Block): string {
  switch (block.kind) {
    case 'tag':
      return `<mj-raw>${block.text}</mj-raw>`;
    case 'link': {
      const title = escaped(block.title);
      return block.small
        ? `<mj-text mj-class="small"><p><a href="{{${block.field}}}">${title}</a></p></mj-text>`
        : `<mj-button href="{{${block.field}}}">${title}</mj-button>`;
    }
    case 'list':
      return `<mj-text><ul>${eachOf(block, block.items.map((item) => `<li>${escaped(item)}</li>\n`).join(''))}</ul></mj-text>`;
    case 'heading':
      return `<mj-text mj-class="heading"><h1>${escaped(block.text)}</h1></mj-text>`;
    case 'paragraph':
      return `<mj-text><p>${escaped(block.text)}</p></mj-text>`;
    case 'small':
      return `<mj-text mj-class="small"><p>${escaped(block.text)}</p></mj-text>`;
  }
}

const eachOf = ({ each }: { each?: string }, items: string): string =>
  each === undefined ? items : `{{#each ${each}}}\n${items}{{/each}}\n`;

/** Words of ours in HTML. What is between `{{ }}` has none of these characters. */
export const escaped = (words: string): string => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
