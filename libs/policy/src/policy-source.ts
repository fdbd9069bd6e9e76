import { Type, type Static, type TSchema } from '@sinclair/typebox';

/** The form of a policy file. Everything the law or a notice says in numbers and names is data here, so that no rule of it is code. */
const id = () => Type.String({ pattern: '^[a-z0-9][a-z0-9._-]*$', maxLength: 64 });
const text = () => Type.String({ minLength: 1, maxLength: 500 });
const oneOf = <const T extends readonly string[]>(...values: T) => Type.Unsafe<T[number]>({ type: 'string', enum: [...values] });
const ids = (minItems = 1) => Type.Array(id(), { minItems, uniqueItems: true });
const closed = <T extends Record<string, TSchema>>(properties: T) => Type.Object(properties, { additionalProperties: false });
const duration = () =>
  Type.String({ pattern: '^P(?!$)(?:\\d+Y)?(?:\\d+M)?(?:\\d+W)?(?:\\d+D)?(?:T(?=\\d)(?:\\d+H)?(?:\\d+M)?(?:\\d+S)?)?$' });
const countryCode = () => Type.String({ pattern: '^[A-Z]{2}$' });

/** Clause '0' is the introduction. */
const clauses = () => Type.Array(Type.String({ pattern: '^\\d{1,3}(?:\\.\\d{1,3})*$' }), { minItems: 1, uniqueItems: true });
/** Common to every item: the clause of the notice that it comes from, or the law where the notice is silent. */
const item = {
  id: id(),
  title: text(),
  title_th: Type.Optional(text()),
  clauses: Type.Optional(clauses()),
  citation: Type.Optional(text()),
};
const grounded = { clauses: Type.Optional(clauses()), citation: Type.Optional(text()) };

export const CONTEXT_KEYS = ['document', 'agreement', 'order', 'visit', 'survey', 'promotion', 'form', 'page'] as const;

const controller = closed({
  id: id(),
  name: text(),
  country: countryCode(),
  jurisdictions: ids(),
  /** Who answers people's questions about their data, and how to reach them (GDPR 13(1)(a), (b); PDPA s.23(5)). */
  contact: Type.Optional(text()),
  address: Type.Optional(text()),
  email: Type.Optional(Type.String({ pattern: '^[^@\\s]+@[^@\\s]+$', maxLength: 254 })),
  phone: Type.Optional(Type.String({ pattern: '^\\+[0-9 -]{5,24}$' })),
  /** Where its privacy notice can be read. */
  url: Type.Optional(Type.String({ pattern: '^https?://\\S+$', maxLength: 500 })),
});
const notice = closed({
  version: Type.String({ minLength: 1, maxLength: 64 }),
  language: Type.String({ pattern: '^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$' }),
  announced: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
  sha256: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  clauses: Type.Optional(clauses()),
  /** From when people may be asked under it (RFC 3339); without it the first moment of the day it was announced, at the first controller's place. */
  effectiveAt: Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T[0-9:.]+(?:Z|[+-]\\d{2}:\\d{2})$' })),
  /** The purposes it tells of; without it, every purpose of this file. */
  purposes: Type.Optional(ids()),
});
const basis = closed({
  id: id(),
  kind: oneOf('consent', 'statutory'),
  /** The basis lifts the prohibition on sensitive data (PDPA s.26, GDPR Art. 9). */
  sensitive: Type.Optional(Type.Boolean()),
  /** The person may object to what rests on it (PDPA s.32, GDPR Art. 21), and a refusal of consent cannot be got around by it. */
  objectable: Type.Optional(Type.Boolean()),
  /** A restriction of use does not stand against it (PDPA s.34, GDPR Art. 18(2)). */
  despiteRestriction: Type.Optional(Type.Boolean()),
  citation: text(),
  title: text(),
  title_th: Type.Optional(text()),
});
const transferGround = closed({ id: id(), citation: text(), title: text(), title_th: Type.Optional(text()) });
const jurisdiction = closed({
  id: id(),
  title: text(),
  title_th: Type.Optional(text()),
  authority: id(),
  /** Countries among which a disclosure is not a transfer abroad. */
  area: Type.Array(countryCode(), { minItems: 1, uniqueItems: true }),
  /** The clock of the notice that data came from a third party. */
  sourceNotice: id(),
  bases: Type.Array(basis, { minItems: 1 }),
  transferGrounds: Type.Array(transferGround),
});
/** Data that is destroyed together: one key for each person and class. Its categories are under the same retention rules. */
const retentionClass = closed({ id: id(), title: text() });
const category = closed({ ...item, sensitive: Type.Optional(Type.Boolean()), retentionClass: id() });
const occasion = closed({ ...item, requires: Type.Optional(Type.Array(oneOf(...CONTEXT_KEYS), { minItems: 1, uniqueItems: true })) });
const method = closed({ ...item, voluntary: Type.Optional(Type.Boolean()), onlyTo: Type.Optional(oneOf('contractors')) });
const purpose = closed({
  ...item,
  bases: Type.Record(Type.String(), ids()),
  separable: Type.Boolean(),
  objection: oneOf('none', 'decision', 'absolute'),
  marketing: Type.Optional(Type.Boolean()),
  /** Sale or sharing of data, or targeted advertising: a Global Privacy Control signal withdraws its consent. Without any such purpose, marketing is. */
  optOutBySignal: Type.Optional(Type.Boolean()),
  channels: Type.Optional(ids()),
  citation: Type.Optional(oneOf('mandatory', 'unless-consent')),
  exposure: Type.Optional(oneOf('minimal')),
  aggregate: Type.Optional(Type.Boolean()),
  /** The provision it was registered under while the system ran (clause 4.11): then it lives only once a notice names it. */
  registered: Type.Optional(text()),
});
/** Something people get that stands on purposes: without them it ends or is limited (clause 8.4). */
const service = closed({ ...item, needs: ids(), effect: oneOf('ends', 'limited') });
const party = closed({
  ...item,
  role: oneOf('processor', 'independent-controller', 'joint-controller', 'authority', 'group-company', 'subject-initiated', 'linked-site'),
  /** Where it receives the data; without it every event must say. */
  country: Type.Optional(countryCode()),
  /** Methods it is a contractor for. */
  contractorFor: Type.Optional(ids()),
  controlled: Type.Optional(Type.Boolean()),
});
const right = closed({ ...item, citations: Type.Record(Type.String(), text()) });
const duty = closed(item);
const clock = closed({
  id: id(),
  /** A right or a duty of the policy. */
  right: id(),
  jurisdiction: id(),
  duration: duration(),
  starts: oneOf('receipt', 'verified', 'sufficient_information'),
  pausesOn: Type.Array(id()),
  /** Without a duration, the date that was announced. */
  extension: Type.Optional(closed({ duration: Type.Optional(duration()), requires: ids(0) })),
  includes: Type.Optional(ids()),
  timeZone: Type.String({ pattern: '^(?:UTC|[A-Za-z]+(?:/[A-Za-z_+-]+)+)$' }),
  firstDayCounted: Type.Boolean(),
  ...grounded,
});
/** A ground on which the law lets a controller refuse what was asked; there is no other way to refuse (clause 8.6). */
const refusal = closed({
  id: id(),
  rights: ids(),
  jurisdiction: id(),
  citation: text(),
  title: text(),
  title_th: Type.Optional(text()),
});
/** How requests are handled, in numbers. */
const requests = closed({
  /** How long before a deadline the DPO is warned. */
  warnings: Type.Array(duration(), { uniqueItems: true }),
  /** One-time codes that prove an e-mail address; `perHour`: to one person, so that nobody's mailbox is filled by asking in their name. */
  code: closed({
    validFor: duration(),
    tries: Type.Integer({ minimum: 1, maximum: 20 }),
    perHour: Type.Integer({ minimum: 1, maximum: 100 }),
  }),
  /** Within what time whoever asks has to prove who they are; then the request ends. */
  identity: closed({ within: duration() }),
  /** How long a package of personal data can be downloaded. */
  package: closed({ validFor: duration() }),
  /** Within what time a connected system is to answer. */
  task: closed({ answerWithin: duration() }),
});
/** How people are written to, in numbers and places. */
const messages = closed({
  /** Where the values are that people are reached by, by channel. */
  addresses: Type.Record(
    id(),
    closed({
      category: id(),
      field: Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_.-]*$', maxLength: 64 }),
      /** Of telephone numbers that are written without one. */
      callingCode: Type.Optional(Type.String({ pattern: '^\\+[1-9]\\d{0,2}$' })),
    }),
  ),
  /** What of a message others may see, by channel: envelopes, subject lines, locked screens (clause 4.5). */
  exposure: Type.Record(id(), ids(0)),
  /** How long after a withdrawal something that was handed off before may still arrive (clause 8.1). */
  underWay: duration(),
  /** What could not be sent for so long is not sent any more. */
  expiresAfter: duration(),
  /** Waits between attempts to hand a message off; after the last it is given up. */
  retries: Type.Array(duration(), { minItems: 1, maxItems: 32 }),
  /** For how long what third parties supplied is gathered before the person is told of it (clause 1.6). */
  sourceNotice: closed({ after: duration() }),
});
/** How breaches are handled (clause 6.1). */
const breaches = closed({
  /** How long before the authority has to know the DPO is warned. */
  warnings: Type.Array(duration(), { uniqueItems: true }),
});
const ageRule = closed({
  id: id(),
  jurisdiction: id(),
  from: Type.Integer({ minimum: 0, maximum: 150 }),
  below: Type.Optional(Type.Integer({ minimum: 1, maximum: 150 })),
  collection: oneOf('allowed', 'refused'),
  consentBy: oneOf('guardian', 'subject', 'conditional'),
  ...grounded,
});
/** Something from which retention is counted, as services report it: an account closed, a contract ended. */
const trigger = closed({
  ...item,
  /** Triggers that mean this one too: whoever closes an account ends the contract. */
  impliedBy: Type.Optional(ids()),
  /** The person has no account any more: once nothing has to be kept they are forgotten, and a child's account is closed by it (clause 6.5). */
  closesAccount: Type.Optional(Type.Boolean()),
});
/** Triggers that are not reported: Attesta finds them in what was sealed. */
export const FOUND_TRIGGERS = ['collection', 'last-activity', 'consent-withdrawn', 'minor-found'] as const;
const retentionRule = closed({
  id: id(),
  /** Without categories, every one. */
  categories: Type.Optional(ids()),
  purposes: Type.Optional(ids()),
  jurisdiction: Type.Optional(id()),
  duration: duration(),
  trigger: id(),
  /** `review`: a person decides when the time has come. */
  action: oneOf('destroy', 'anonymise', 'review'),
  ground: oneOf('law', 'claims', 'need'),
  /** Of a need: duties on these grounds do not outlive it, as claims do not against a child (clause 6.5). */
  despite: Type.Optional(Type.Array(oneOf('law', 'claims'), { minItems: 1, uniqueItems: true })),
  citation: text(),
  clauses: Type.Optional(clauses()),
});

export const PolicySource = closed({
  id: id(),
  title: text(),
  title_th: Type.Optional(text()),
  version: Type.String({ minLength: 1, maxLength: 64 }),
  controllers: Type.Array(controller, { minItems: 1 }),
  notices: Type.Array(notice, { minItems: 1 }),
  jurisdictions: Type.Array(jurisdiction, { minItems: 1 }),
  retentionClasses: Type.Array(retentionClass, { minItems: 1 }),
  categories: Type.Array(category, { minItems: 1 }),
  occasions: Type.Array(occasion, { minItems: 1 }),
  methods: Type.Array(method, { minItems: 1 }),
  purposes: Type.Array(purpose, { minItems: 1 }),
  services: Type.Optional(Type.Array(service)),
  parties: Type.Array(party),
  rights: Type.Array(right),
  duties: Type.Array(duty),
  clocks: Type.Array(clock),
  refusals: Type.Optional(Type.Array(refusal)),
  requests: Type.Optional(requests),
  messages: Type.Optional(messages),
  breaches: Type.Optional(breaches),
  ages: Type.Array(ageRule),
  triggers: Type.Optional(Type.Array(trigger)),
  retention: Type.Array(retentionRule),
  /** How long a backup of any database may be kept: until then a restore may bring back what was destroyed. */
  backups: Type.Optional(closed({ keptFor: duration() })),
  limits: closed({
    personalFields: Type.Integer({ minimum: 1, maximum: 64 }),
    personalValueLength: Type.Integer({ minimum: 1, maximum: 4096 }),
  }),
});

export type PolicySource = Static<typeof PolicySource>;
export type Controller = Static<typeof controller>;
export type Notice = Static<typeof notice>;
export type Basis = Static<typeof basis>;
export type TransferGround = Static<typeof transferGround>;
export type Jurisdiction = Static<typeof jurisdiction>;
export type RetentionClass = Static<typeof retentionClass>;
export type Category = Static<typeof category>;
export type Occasion = Static<typeof occasion>;
export type Method = Static<typeof method>;
export type Purpose = Static<typeof purpose>;
export type Service = Static<typeof service>;
export type Party = Static<typeof party>;
export type PartyRole = Party['role'];
export type Right = Static<typeof right>;
export type Duty = Static<typeof duty>;
export type Clock = Static<typeof clock>;
export type Refusal = Static<typeof refusal>;
export type RequestRules = Static<typeof requests>;
export type MessageRules = Static<typeof messages>;
export type BreachRules = Static<typeof breaches>;
export type AgeRule = Static<typeof ageRule>;
export type Trigger = Static<typeof trigger>;
export type RetentionRule = Static<typeof retentionRule>;
