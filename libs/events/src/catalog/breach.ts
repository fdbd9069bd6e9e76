import { Type, type Static } from '@sinclair/typebox';
import { closed, dateTime, duration, id, line, list, oneOf, position, text, uuid } from '../fields.js';
import { defineEvent } from '../define.js';

/**
 * The breach register (notice clause 6.1; PDPA s.37(4) with the PDPC notification on personal data breaches of B.E. 2565; GDPR Art. 33, 34). All of it
 * is sealed in clear and for ever: it names nobody but, by pseudonym, those who are to be told.
 */
const breach = uuid('the breach');
const jurisdiction = () => id('jurisdiction of the policy');
/** An approximate number; of fewer digits than the numbers that persons are known by. */
const about = (description: string) => Type.Integer({ minimum: 0, maximum: 999_999_999_999, description });
/** What a clock runs for: telling the authority, or assessing the risk. */
const duty = () => oneOf('authority', 'assessment');
const clock = {
  breach,
  duty: duty(),
  jurisdiction: jurisdiction(),
  clock: id('clock of the policy'),
  due: dateTime(),
};

const facts = {
  occurredFrom: Type.Optional(dateTime()),
  occurredUntil: Type.Optional(dateTime()),
  nature: list(oneOf('confidentiality', 'integrity', 'availability'), 3),
  categories: list(id('data category of the policy'), 64),
  whom: Type.Optional(line(500, 'kinds of people concerned, such as customers or staff')),
  people: Type.Optional(about('how many people, about')),
  records: Type.Optional(about('how many records, about')),
  description: text(4000),
  cause: Type.Optional(text(2000)),
  controller: Type.Optional(id('controller of the policy')),
  /** Whose authorities have to know. */
  jurisdictions: list(jurisdiction(), 8),
};

/** A breach was recorded. */
export const breachRecorded = defineEvent({
  type: 'attesta.breach.recorded.v1',
  title: 'A personal data breach was recorded',
  clauses: ['6.1'],
  subject: 'forbidden',
  decision: true,
  data: closed({
    breach,
    /** When the company became aware of it: every clock runs from here, whenever it is recorded. */
    discoveredAt: dateTime(),
    ...facts,
  }),
});
export type BreachRecorded = Static<typeof breachRecorded.dataSchema>;

/** What is known now, in place of what was known before. A breach that was closed is open again. */
export const breachUpdated = defineEvent({
  type: 'attesta.breach.updated.v1',
  title: 'More is known of a breach',
  clauses: ['6.1'],
  subject: 'forbidden',
  decision: true,
  data: closed({ breach, ...facts, reason: Type.Optional(text(2000, 'why a jurisdiction that was named is none after all')) }),
});
export type BreachUpdated = Static<typeof breachUpdated.dataSchema>;

/** The risk to the rights and freedoms of people was assessed, perhaps anew. A breach that was closed is open again. */
export const breachAssessed = defineEvent({
  type: 'attesta.breach.assessed.v1',
  title: 'The risk of a breach was assessed',
  clauses: ['6.1'],
  subject: 'forbidden',
  decision: true,
  data: closed({
    breach,
    risk: oneOf('none', 'risk', 'high'),
    reasons: text(4000),
    consequences: text(4000, 'likely consequences'),
    measures: text(4000, 'measures taken'),
    planned: Type.Optional(text(4000, 'measures that will be taken')),
  }),
});
export type BreachAssessed = Static<typeof breachAssessed.dataSchema>;

/** A deadline comes near; a warning that is passed over for a nearer one is not said. */
export const breachWarned = defineEvent({
  type: 'attesta.breach.warned.v1',
  title: 'The deadline of a breach comes near',
  clauses: ['6.1'],
  subject: 'forbidden',
  decision: true,
  data: closed({ ...clock, before: duration() }),
});

export const breachOverdue = defineEvent({
  type: 'attesta.breach.overdue.v1',
  title: 'The deadline of a breach was missed',
  clauses: ['6.1'],
  subject: 'forbidden',
  decision: true,
  data: closed(clock),
});

/** The company has told an authority, and says so here. What comes late comes with its explanation. */
export const breachAuthorityNotified = defineEvent({
  type: 'attesta.breach.authority-notified.v1',
  title: 'An authority was told of a breach',
  clauses: ['6.1'],
  subject: 'forbidden',
  decision: true,
  data: closed({
    breach,
    jurisdiction: jurisdiction(),
    controller: Type.Optional(id('controller of the policy')),
    authority: id('party of the policy'),
    at: dateTime(),
    reference: Type.Optional(line(200, 'reference of the authority')),
    /** GDPR Art. 33(4): what is not known at first is told in phases. */
    phase: oneOf('initial', 'supplement'),
    /** Of what is told first. */
    inTime: Type.Optional(Type.Boolean()),
    explanation: Type.Optional(text(4000, 'why it comes late')),
  }),
});
export type BreachAuthorityNotified = Static<typeof breachAuthorityNotified.dataSchema>;

/** The authority need not be told: nobody is at risk. */
export const breachNotNotified = defineEvent({
  type: 'attesta.breach.not-notified.v1',
  title: 'No authority has to be told of a breach',
  clauses: ['6.1'],
  subject: 'forbidden',
  decision: true,
  data: closed({ breach, reason: text(4000) }),
});

/** A person is among those whom a breach concerns, and will be told of it. */
export const breachPersonNamed = defineEvent({
  type: 'attesta.breach.person-named.v1',
  title: 'A person was named as concerned by a breach',
  clauses: ['6.1'],
  subject: 'required',
  decision: true,
  data: closed({ breach }),
});

/** What people are told, in the words of the data protection officer (GDPR Art. 34(2)); how to reach the officer is added from the policy. */
const words = () =>
  closed({
    what: text(2000, 'what happened'),
    likely: text(2000, 'likely consequences'),
    measures: text(2000, 'what was done and will be done'),
    advice: text(2000, 'what the person can do'),
  });

/** People are to be told: those who were named since the order before (`people`), or everybody of whom data of `categories` was collected then. */
export const breachPeopleNoticeOrdered = defineEvent({
  type: 'attesta.breach.people-notice-ordered.v1',
  title: 'People are to be told of a breach',
  clauses: ['6.1'],
  subject: 'forbidden',
  decision: true,
  data: closed({
    breach,
    order: position('which of the orders, from 0'),
    words: closed({ en: words(), th: words() }),
    people: Type.Optional(position('how many were named')),
    categories: Type.Optional(list(id('data category of the policy'), 64)),
    collectedFrom: Type.Optional(dateTime()),
    collectedUntil: Type.Optional(dateTime()),
  }),
});
export type BreachPeopleNoticeOrdered = Static<typeof breachPeopleNoticeOrdered.dataSchema>;

export const breachPeopleTold = defineEvent({
  type: 'attesta.breach.people-told.v1',
  title: 'People were told of a breach',
  clauses: ['6.1'],
  subject: 'forbidden',
  decision: true,
  data: closed({
    breach,
    order: position('which of the orders, from 0'),
    told: position('messages handed off'),
    unreachable: position('people without an address'),
    failed: position('messages that could not be sent'),
  }),
});

export const breachClosed = defineEvent({
  type: 'attesta.breach.closed.v1',
  title: 'A breach was closed',
  clauses: ['6.1'],
  subject: 'forbidden',
  decision: true,
  data: closed({
    breach,
    reason: text(4000),
    exemption: Type.Optional(
      closed(
        {
          /** GDPR Art. 34(3): (a) what was taken cannot be read, (b) measures taken since avert the risk, (c) it would take too much. */
          ground: oneOf('encrypted', 'averted', 'disproportionate'),
          explanation: text(4000),
          publicCommunication: Type.Optional(line(500, 'where and when the public was told instead')),
        },
        'why people at high risk, or some of them, were not told one by one',
      ),
    ),
  }),
});
export type BreachClosed = Static<typeof breachClosed.dataSchema>;
