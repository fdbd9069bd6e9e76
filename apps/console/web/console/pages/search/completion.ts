/** What may be written after a qualifier's colon, offered while one types. */
export interface Suggestion {
  /** What is written. */
  text: string;
  about: string;
}

export type Vocabulary = Readonly<Record<string, readonly Suggestion[]>>;

export interface Completion {
  /** Where what is begun begins, in characters. */
  from: number;
  options: readonly Suggestion[];
}

const MOST = 12;

/** @param names qualifiers with what they are about @param values by qualifier */
export function completionAt(text: string, caret: number, names: readonly Suggestion[], values: Vocabulary): Completion | undefined {
  const begun = /(?:^|\s)-?(?:([a-z-]+):(?:[^\s,"]*,)*)?([^\s,":]*)$/iu.exec(text.slice(0, caret));
  if (!begun) return undefined;
  const [, name, part] = begun as unknown as [string, string | undefined, string];
  const all = name === undefined ? names : (values[name.toLowerCase()] ?? []);
  const options = matching(all, part.toLowerCase()).slice(0, MOST);
  return options.length === 0 ? undefined : { from: caret - part.length, options };
}

/** Those that begin so first, then those that say it; not what stands there already. */
function matching(all: readonly Suggestion[], part: string): Suggestion[] {
  const begins = all.filter(({ text }) => text.startsWith(part) && text !== part);
  const says =
    part === '' ? [] : all.filter(({ text, about }) => !text.startsWith(part) && `${text} ${about}`.toLowerCase().includes(part));
  return [...begins, ...says];
}

/** @returns the text with the choice written into it, and where the caret is then */
export function completed(text: string, caret: number, { from }: Completion, choice: string): { text: string; caret: number } {
  const written = choice.endsWith(':') || choice.endsWith('.') ? choice : `${choice} `;
  return { text: text.slice(0, from) + written + text.slice(caret).trimStart(), caret: from + written.length };
}

const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;

/** Whom a query names, each once: such a search needs a reason. */
export const peopleNamed = (query: string): string[] => [
  ...new Set(
    [...query.matchAll(/(?:^|\s)-?subject:(\S+)/gi)].flatMap(([, values]) => values!.match(UUID) ?? []).map((id) => id.toLowerCase()),
  ),
];

/** An address or a long number: nothing that is kept in the log, and nothing that may stand in an address. */
export const looksPersonal = (query: string): boolean => {
  const rest = query.replaceAll(UUID, ' ');
  return rest.includes('@') || /(?:\d[ -]?){9,}/.test(rest.replaceAll(/\d{4}-\d{2}-\d{2}(?:T[\d:.]+)?/g, ' '));
};
