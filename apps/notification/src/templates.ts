import { createHash } from 'node:crypto';
import { DEFINITIONS, LANGUAGES, type Fields, type Language, type MessageChannel, type MessageKind } from './template-definitions.js';
import { fill, readForms, TEMPLATE_FOLDER, type Forms } from './template-forms.js';
import { cleanSender, cleanValues, TemplateError, type Sender, type Values } from './template-values.js';
import { wrapped } from './template-wrap.js';

export type { MessageChannel, MessageKind } from './template-definitions.js';
export { TemplateError, type Sender, type Value, type Values } from './template-values.js';

export interface Template {
  readonly id: string;
  readonly kind: MessageKind;
  readonly purpose: string;
  readonly channels: readonly MessageChannel[];
  readonly languages: readonly Language[];
  readonly fields: Fields;
  /** What others can see of a message on a channel when all its fields are given; named as events do. */
  readonly exposes: Readonly<Partial<Record<MessageChannel, readonly string[]>>>;
  /** SHA-256 (hex) of all that its look and words hang on. */
  readonly version: string;
}

export interface Written {
  /** Empty where the channel has none. */
  subject: string;
  text: string;
  html?: string;
  language: Language;
  /** Fields that were filled in, named as events do. */
  fields: string[];
  /** Those of them that others can see: the subject line and preheader of an e-mail, all of a text message. */
  exposed: string[];
}

export interface TemplatesOptions {
  /** IANA name; in it days and times are written. */
  timeZone?: string;
  /** Another place of the sources, for the specs. */
  folder?: string;
}

interface Loaded {
  template: Template;
  forms: Readonly<Record<Language, Forms>>;
}

/** The messages that can be written, in every language. */
export class Templates {
  private constructor(
    private readonly loaded: ReadonlyMap<string, Loaded>,
    private readonly timeZone: string,
  ) {}

  /**
   * @param exposure by channel, the fields that others may see (`messages.exposure` of the policy)
   * @throws Error with every problem of every template
   */
  static load(exposure: Readonly<Record<string, readonly string[]>>, options: TemplatesOptions = {}): Templates {
    const { timeZone = 'Asia/Bangkok', folder = TEMPLATE_FOLDER } = options;
    const problems: string[] = [];
    const loaded = new Map<string, Loaded>();
    for (const [id, definition] of Object.entries(DEFINITIONS)) {
      const read = readForms(folder, id, definition, (problem) => problems.push(problem));
      if (!read) continue;
      const { forms, texts } = read;
      const template: Template = {
        id,
        ...definition,
        languages: LANGUAGES,
        exposes: Object.fromEntries(definition.channels.map((channel) => [channel, exposedBy(forms, channel)])),
        version: sha256(JSON.stringify([id, definition, texts])),
      };
      for (const channel of definition.channels)
        for (const field of template.exposes[channel] ?? [])
          if (!exposure[channel]?.includes(field))
            problems.push(`${id}: it shows ${field} to others by ${channel}, which messages.exposure of the policy does not allow`);
      loaded.set(id, { template, forms });
    }
    if (problems.length > 0) throw new Error(`The templates of messages are wrong.\n${problems.join('\n')}`);
    return new Templates(loaded, timeZone);
  }

  get(id: string): Template | undefined {
    return this.loaded.get(id)?.template;
  }

  list(): Template[] {
    return [...this.loaded.values()].map(({ template }) => template);
  }

  /**
   * @param language BCP 47: Thai for Thai, English for all others
   * @throws TemplateError when it cannot be written with these values
   */
  write(id: string, channel: MessageChannel, language: string, values: Values, sender: Sender): Written {
    const loaded = this.loaded.get(id);
    if (!loaded) throw new TemplateError('there is no such template');
    try {
      return written(loaded, channel, { language: readersLanguage(language), timeZone: this.timeZone }, values, sender);
    } catch (error) {
      throw error instanceof TemplateError ? new TemplateError(`${id}: ${error.message}`) : error;
    }
  }
}

function written(
  { template, forms }: Loaded,
  channel: MessageChannel,
  reader: { language: Language; timeZone: string },
  values: Values,
  sender: Sender,
): Written {
  const { language } = reader;
  const form = forms[language];
  const clean = cleanValues(values, template.fields, reader);
  const from = cleanSender(sender, reader);
  if ((template.kind === 'marketing') !== (from['unsubscribe'] !== false))
    throw new TemplateError('sender.unsubscribe is for marketing, and all of it');
  const given = (names: Iterable<string>) => [...names].filter((name) => clean[name] !== false).map(eventName);
  if (channel === 'sms') {
    if (!form.sms) throw new TemplateError('it is not for text messages');
    return {
      subject: '',
      text: fill(form.sms, clean, from, 'plain'),
      language,
      fields: given(form.sms.uses.fields),
      exposed: given(form.sms.uses.fields),
    };
  }
  return {
    subject: fill(form.subject, clean, from, 'plain'),
    text: letter(fill(form.text, clean, from, 'plain')),
    html: fill(form.html, clean, from, 'html'),
    language,
    fields: given(form.html.uses.fields),
    exposed: given(form.subject.uses.fields),
  };
}

/** Blocks that were left out leave no gaps. */
const letter = (text: string): string => `${wrapped(text.replace(/\n{3,}/g, '\n\n').trim())}\n`;

const exposedBy = (forms: Readonly<Record<Language, Forms>>, channel: MessageChannel): string[] => [
  ...new Set(
    LANGUAGES.flatMap((language) =>
      [...(channel === 'sms' ? (forms[language].sms?.uses.fields ?? []) : forms[language].subject.uses.fields)].map(eventName),
    ),
  ),
];

/** Events name fields as they name everything: linkTitle is link-title. */
const eventName = (field: string): string => field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const readersLanguage = (tag: string): Language => (/^th(?:-|$)/i.test(tag) ? 'th' : 'en');

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
