import { both, type Block, type Line } from './blocks.js';

/** Blocks as one page that needs nothing else: no script, no request; the same blocks give the same bytes. */
export const htmlOf = (title: string, blocks: readonly Block[]): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
body { font: 16px/1.5 Sarabun, system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1 span, h2 span, th span, td span, p span { display: block; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: 0.4rem 0.6rem; border-bottom: 1px solid; overflow-wrap: anywhere; }
th { width: 14rem; }
</style>
<main>
${sections(blocks).join('\n')}
</main>
</html>
`;

/** Rows that follow each other stand in one table. */
function sections(blocks: readonly Block[]): string[] {
  const parts: string[] = [];
  let rows: string[] = [];
  const flush = () => {
    if (rows.length > 0) parts.push(`<table>\n${rows.join('\n')}\n</table>`);
    rows = [];
  };
  for (const block of blocks) {
    if (block.kind === 'row') {
      rows.push(`<tr><th scope="row">${lines(both(block.label))}</th><td>${lines(block.lines)}</td></tr>`);
      continue;
    }
    flush();
    const tag = { title: 'h1', heading: 'h2', paragraph: 'p' }[block.kind];
    parts.push(`<${tag}>${lines(block.lines)}</${tag}>`);
  }
  flush();
  return parts;
}

const lines = (all: readonly Line[]): string =>
  all.map(({ text, language }) => `<span${language === 'code' ? '' : ` lang="${language}"`}>${escaped(text)}</span>`).join('');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
