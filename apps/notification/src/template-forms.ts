import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';
import { type Definition, type Fields, type Language } from './template-definitions.js';
import { letterOf, parseFrame, parseSource, plainOf, type Frame, type Source } from './template-source.js';
import { usesOf, type Uses } from './template-uses.js';
import type { Clean, CleanValues } from './template-values.js';

export const TEMPLATE_FOLDER = fileURLToPath(new URL('../templates/', import.meta.url));

/** A text that is filled in. */
export interface Form {
  write: Handlebars.TemplateDelegate;
  uses: Uses;
}

/** A message in one language. */
export interface Forms {
  subject: Form;
  text: Form;
  html: Form;
  sms?: Form;
}

/** Our own Handlebars, without the helpers that a message has no need of. */
const handlebars = Handlebars.create();
const HELPERS = ['if', 'unless', 'each'];
for (const name of Object.keys(handlebars.helpers)) if (!HELPERS.includes(name)) handlebars.unregisterHelper(name);

/** @returns undefined after complaints without which nothing can be written; `texts`: all that was read for it */
export function readForms(
  folder: string,
  id: string,
  definition: Definition,
  complain: (complaint: string) => void,
): { forms: Record<Language, Forms>; texts: string[] } | undefined {
  const texts: string[] = [];
  const read = (name: string): string => {
    const text = fs.readFileSync(path.join(folder, name), 'utf8');
    texts.push(text);
    return text;
  };
  const inLanguage = (language: Language): Forms | undefined => {
    const name = `${id}.${language}`;
    try {
      const source = parseSource(read(`${name}.md`));
      const frame = parseFrame(read(`frame.${language}.md`));
      return formsOf(source, frame, read(`generated/${name}.html`), definition, (complaint) => complain(`${name}: ${complaint}`));
    } catch (error) {
      complain(`${name}: ${(error as Error).message}`);
      return undefined;
    }
  };
  const [en, th] = [inLanguage('en'), inLanguage('th')];
  return en && th && { forms: { en, th }, texts };
}

function formsOf(source: Source, frame: Frame, html: string, definition: Definition, complain: (complaint: string) => void): Forms {
  const { kind, channels, fields } = definition;
  const form = (text: string): Form => ({ write: compiled(text), uses: usesOf(text, fields, complain) });
  const letter = letterOf(source, frame);
  const forms: Forms = {
    subject: form(source.subject),
    text: form(`${frame.preheader}\n\n${plainOf(letter)}`),
    html: form(html),
    ...(source.sms !== undefined && { sms: form(source.sms) }),
  };
  if (channels.includes('sms') !== (forms.sms !== undefined)) complain('it has a text message if, and only if, it goes by sms');
  if (frame.preheader.includes('{{')) complain('the preheader of its frame is the same for everybody');
  for (const { uses } of [forms.text, forms.html, ...(forms.sms ? [forms.sms] : [])])
    if (uses.sender.has('unsubscribe') !== (kind === 'marketing'))
      complain('marketing says how it is stopped, by every channel, and nothing else does');
  for (const block of letter) if (block.kind === 'link' && !isLink(block.field, fields)) complain(`${block.field} is no link`);
  for (const name of Object.keys(fields))
    if (!forms.text.uses.fields.has(name) || !forms.html.uses.fields.has(name)) complain(`it does not say ${name}`);
  return forms;
}

const isLink = (field: string, fields: Fields): boolean =>
  field === 'sender.url' || field === 'sender.unsubscribe' || (Object.hasOwn(fields, field) && fields[field]?.type.of === 'link');

const compiled = (text: string): Handlebars.TemplateDelegate => handlebars.compile(text, { strict: true, knownHelpersOnly: true });

/** Fills in a text. Values are data: no template is made of them, and into HTML they go escaped. */
export function fill({ write }: Form, values: CleanValues, sender: CleanValues, into: 'plain' | 'html'): string {
  const leaf: Leaf = into === 'html' ? markup : (text) => new Handlebars.SafeString(text);
  return write(Object.assign(contextOf(values, leaf), { sender: contextOf(sender, leaf) }));
}

const markup = (text: string): string | Handlebars.SafeString =>
  text.includes('\n') ? new Handlebars.SafeString(Handlebars.escapeExpression(text).replaceAll('\n', '<br />')) : text;

type Leaf = (text: string) => string | Handlebars.SafeString;

/** No object of it has a prototype, so that a name finds only what was put there. */
function contextOf(values: CleanValues, leaf: Leaf): object {
  const of = (value: Clean): unknown => {
    if (value === false) return false;
    return typeof value === 'string' ? leaf(value) : value.map((item) => contextOf(item, leaf));
  };
  return Object.assign(Object.create(null), Object.fromEntries(Object.entries(values).map(([name, value]) => [name, of(value)])));
}
