import { visible } from './package-csv.js';

/** Text that is HTML already: what `markup` made, or a constant of ours. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Fragment = Markup | readonly Fragment[] | string | number | undefined;

/** HTML from a template: what stands between its parts is escaped, unless it is HTML already. */
export function markup(parts: TemplateStringsArray, ...fragments: Fragment[]): Markup {
  return new Markup(parts.map((part, i) => part + textOf(fragments[i])).join(''));
}

function textOf(fragment: Fragment): string {
  if (fragment === undefined) return '';
  if (fragment instanceof Markup) return fragment.text;
  if (typeof fragment === 'object') return fragment.map(textOf).join('');
  return visible(String(fragment)).replaceAll(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

export interface Table {
  head: readonly string[];
  rows: readonly (readonly Fragment[])[];
}

export function tableOf({ head, rows }: Table): Markup {
  const names = head.map((name) => markup`<th scope="col">${name}</th>`);
  const lines = rows.map((row) => markup`<tr>${row.map((cell) => markup`<td>${cell}</td>`)}</tr>\n`);
  return markup`<div class="wide"><table><thead><tr>${names}</tr></thead><tbody>${lines}</tbody></table></div>`;
}

export const listOf = (items: readonly Fragment[]): Markup =>
  items.length === 1 ? markup`${items[0]}` : markup`<ul>${items.map((item) => markup`<li>${item}</li>`)}</ul>`;
