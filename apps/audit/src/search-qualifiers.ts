/** How the values of a qualifier are written. */
export type Kind = 'term' | 'subject' | 'position' | 'time';

interface Definition {
  name: string;
  kind: Kind;
  /** What may stand after the colon, for whoever writes a query. */
  about: string;
  pattern: RegExp;
  /** A `*` at the end is allowed. */
  prefix?: true;
  /** Written in whatever case, meant in lower case. */
  folded?: true;
}

const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ANY = /^[^\p{Cc}\p{Cs}]{1,300}$/u;
const WHEN = /^(?:19|2\d)\d{2}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;
const TIMES = 'a day (UTC) or a time of RFC 3339, such as 2026-01-01, >=2026-01-01 or 2026-01-01..2026-02-01';
const id = (name: string, of: string) => ({ name, kind: 'term', about: `an id of the policy: ${of}`, pattern: ID, folded: true }) as const;
const uuid = (name: string, of: string) => ({ name, kind: 'term', about: `the id of ${of} (UUID)`, pattern: UUID, folded: true }) as const;

/** What a query may ask for, in the order in which it is offered. */
export const QUALIFIERS = [
  {
    name: 'type',
    kind: 'term',
    about: 'an event type, such as consent.captured or consent.*',
    pattern: /^[a-z][a-z0-9.-]{0,127}$/,
    prefix: true,
    folded: true,
  },
  { name: 'subject', kind: 'subject', about: 'the id of a person (UUID), from POST /v1/subjects/lookup', pattern: UUID, folded: true },
  id('recipient', 'to whom data went'),
  id('purpose', 'what for'),
  id('category', 'which data'),
  id('basis', 'on which lawful basis'),
  id('method', 'how it was collected or chosen'),
  id('channel', 'over which channel'),
  { name: 'actor', kind: 'term', about: 'the pseudonym of who did it', pattern: ANY },
  { name: 'source', kind: 'term', about: 'who reported it, such as //attesta/* or //shop.example', pattern: ANY, prefix: true },
  { name: 'clause', kind: 'term', about: 'a clause of the notice, such as 4.7', pattern: /^[0-9A-Za-z][0-9A-Za-z.()-]{0,31}$/ },
  id('rule', 'of a finding'),
  uuid('request', 'a request'),
  uuid('breach', 'a breach'),
  { name: 'finding', kind: 'term', about: 'the id of a finding', pattern: /^[A-Za-z0-9/][A-Za-z0-9._:/#-]{0,199}$/ },
  { name: 'position', kind: 'position', about: 'positions of the log, such as 100, 100..200 or >=100', pattern: /^\d{1,15}$/ },
  { name: 'created', kind: 'time', about: `when it was sealed: ${TIMES}`, pattern: WHEN },
  { name: 'occurred', kind: 'time', about: `when it happened: ${TIMES}`, pattern: WHEN },
] as const satisfies readonly Definition[];

export type QualifierName = (typeof QUALIFIERS)[number]['name'];

const BY_NAME: ReadonlyMap<string, Definition & { name: QualifierName }> = new Map(QUALIFIERS.map((one) => [one.name, one]));

export const isQualifier = (name: string): name is QualifierName => BY_NAME.has(name);
export const qualifierOf = (name: QualifierName): Definition => BY_NAME.get(name)!;
