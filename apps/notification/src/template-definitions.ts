export type Language = 'en' | 'th';
export type MessageKind = 'legal' | 'transactional' | 'marketing';
export type MessageChannel = 'email' | 'sms';

export const LANGUAGES: readonly Language[] = ['en', 'th'];

/** What a field takes. `most`: UTF-16 units. A moment is a day with its time of day; both are given as RFC 3339. */
export type FieldType =
  | { of: 'line' | 'text'; most: number }
  | { of: 'day' | 'moment' | 'link' | 'count' }
  | { of: 'word'; words: Readonly<Record<string, Readonly<Record<Language, string>>>> }
  | { of: 'list'; items: Fields };

export interface Field {
  required: boolean;
  about: string;
  type: FieldType;
}
export type Fields = Readonly<Record<string, Field>>;

/** What a template is but for its words, which are in `templates/`. */
export interface Definition {
  kind: MessageKind;
  purpose: string;
  channels: readonly MessageChannel[];
  fields: Fields;
}

const line = { of: 'line', most: 300 } as const;
const text = { of: 'text', most: 5_000 } as const;
const day = { of: 'day' } as const;
const link = { of: 'link' } as const;
const effect = {
  of: 'word',
  words: { ends: { en: 'it ends', th: 'สิ้นสุดลง' }, limited: { en: 'it is limited', th: 'ใช้ได้อย่างจำกัด' } },
} as const;
const severity = {
  of: 'word',
  words: {
    info: { en: 'To know', th: 'เพื่อทราบ' },
    warning: { en: 'Warning', th: 'เตือน' },
    violation: { en: 'Violation', th: 'ฝ่าฝืน' },
  },
} as const;

const needed = (type: FieldType, about: string): Field => ({ required: true, about, type });
const maybe = (type: FieldType, about: string): Field => ({ required: false, about, type });
const listOf = (items: Fields): FieldType => ({ of: 'list', items });
const titles = listOf({ title: needed(line, 'its title in the language of the reader') });
const services = listOf({
  title: needed(line, 'title of the service in the language of the reader'),
  effect: needed(effect, 'what becomes of it'),
});

const reference = needed({ of: 'line', most: 100 }, 'what the person names when they write to us');
const due = maybe(day, 'the last day for our answer');
const authority = 'the authority that a complaint goes to';

const BOTH = ['email', 'sms'] as const;
const legal = (fields: Fields, channels: readonly MessageChannel[] = BOTH): Definition => ({
  kind: 'legal',
  purpose: 'communication',
  channels,
  fields,
});

/** Every message, by the id of its template. */
export const DEFINITIONS: Readonly<Record<string, Definition>> = {
  'request-received': legal({
    reference,
    right: needed(line, 'title of the right in the language of the reader'),
    due,
    consequences: maybe(services, 'services that end or are limited when we do what is asked'),
  }),
  'request-identity-needed': legal({ reference }),
  'request-clarification-needed': legal({ reference, reason: maybe(text, 'what is unclear') }),
  'request-delayed': legal({ reference, due: needed(day, 'the new last day'), reason: needed(text, 'why it takes longer') }),
  'request-accepted': legal({ reference, due }),
  'request-refused': legal({
    reference,
    reason: needed(text, 'why it is refused'),
    law: needed(line, 'the provision that it is refused by'),
    authority: needed(line, authority),
  }),
  'request-fulfilled': legal({
    reference,
    right: needed(line, 'title of the right in the language of the reader'),
    authority: maybe(line, `${authority}: given where a part was refused`),
  }),
  'request-package-ready': legal({ reference, authority: maybe(line, `${authority}: given where a part was refused`) }),
  'request-closed': legal({ reference }),
  'request-reopened': legal({ reference, due }),
  'notice-changed': legal({
    version: needed(line, 'version of the notice'),
    effective: needed(day, 'from when it is in force'),
    changes: maybe(text, 'what changes'),
    url: maybe(link, 'where the notice can be read'),
    purposes: maybe(titles, 'purposes that it names anew'),
  }),
  'third-party-source': legal(
    {
      items: needed(
        listOf({
          from: needed(line, 'who gave it to us'),
          what: needed(line, 'kinds of data'),
          date: needed(day, 'when we got it'),
        }),
        'what we got from others',
      ),
      purposes: maybe(titles, 'what we use it for'),
    },
    ['email'],
  ),
  consequences: legal({
    withdrawn: needed(titles, 'purposes that the consent was withdrawn for'),
    services: needed(services, 'services that end or are limited because of it'),
  }),
  breach: legal({
    reference,
    discovered: needed(day, 'when we found it out'),
    what: needed(text, 'what happened, and to which data'),
    likely: needed(text, 'what may follow for the person'),
    measures: needed(text, 'what we did and do against it'),
    advice: needed(text, 'what the person can do'),
  }),
  'service-message': {
    kind: 'transactional',
    purpose: 'communication',
    channels: BOTH,
    fields: {
      heading: needed(line, 'what it is about'),
      body: needed(text, 'what we have to say'),
      link: maybe(link, 'where it goes on'),
      linkTitle: maybe(line, 'what stands on the link'),
      reference: maybe({ of: 'line', most: 100 }, 'order, appointment or the like'),
    },
  },
  announcement: {
    kind: 'marketing',
    purpose: 'marketing',
    channels: BOTH,
    fields: {
      heading: needed(line, 'what it is about'),
      body: needed(text, 'what we have to say'),
      link: maybe(link, 'where it goes on'),
      linkTitle: maybe(line, 'what stands on the link'),
    },
  },
  'officer-alerts': {
    kind: 'transactional',
    purpose: 'communication',
    channels: ['email'],
    fields: {
      alerts: needed(
        listOf({
          title: needed(line, 'what is the matter'),
          reference: maybe(line, 'request, finding or disposal'),
          detail: maybe({ of: 'text', most: 2_000 }, 'more of it'),
          position: maybe({ of: 'count' }, 'position in the log of the ledger'),
          due: maybe({ of: 'moment' }, 'by when something has to be done'),
          severity: needed(severity, 'how bad it is'),
        }),
        'what the data protection officer is to know',
      ),
      more: maybe({ of: 'count' }, 'how many more there are'),
    },
  },
};
