import { Type } from '@sinclair/typebox';
import type { PersonalPart } from './cloud-event.js';
import { PATTERN, closed, country, id, line, list, oneOf, position, reference } from './fields.js';

const values = {
  type: 'object',
  minProperties: 1,
  maxProperties: 64,
  propertyNames: { pattern: PATTERN.member, maxLength: 64 },
  additionalProperties: {
    anyOf: [
      { type: 'string', maxLength: 4096, pattern: '^[^\\u0000\\p{Cs}]*$' },
      { type: 'number' },
      { type: 'boolean' },
      { type: 'null' },
    ],
  },
};

/** Personal values by data category, in clear (HTTP only) or as one compact JWE to the ledger's intake key. */
export const personal = () =>
  Type.Unsafe<PersonalPart | string>({
    description: 'Encrypted under the subject’s own key when sealed; never part of an entry.',
    anyOf: [
      { type: 'string', pattern: PATTERN.jwe, maxLength: 65535 },
      {
        type: 'object',
        minProperties: 1,
        maxProperties: 32,
        propertyNames: { pattern: PATTERN.id, maxLength: 64, not: { enum: ['constructor', 'prototype'] } },
        additionalProperties: values,
      },
    ],
  });

const subject = () => Type.String({ pattern: PATTERN.subject, maxLength: 289 });

/** Other people the event is about, each with a personal part of their own (notice clause 1.3). */
export const related = () =>
  Type.Array(closed({ subject: subject(), role: Type.Optional(id()), personal: Type.Optional(personal()) }), { minItems: 1, maxItems: 32 });

/** Other people the event is about, where the event type carries no personal values. */
export const relatedSubjects = () => Type.Array(closed({ subject: subject(), role: Type.Optional(id()) }), { minItems: 1, maxItems: 32 });

/** Exactly one other identity, in the role that the event type fixes. */
export const oneRelated = <const R extends string>(role: R) =>
  Type.Array(closed({ subject: subject(), role: oneOf(role) }), { minItems: 1, maxItems: 1 });

/** What personal data, what for, and on which lawful basis: common to collection, use and disclosure. */
export const lawfulness = {
  categories: list(id('data category of the policy'), 32),
  purposes: list(id('purpose of the policy'), 16),
  basis: id('lawful basis of the jurisdiction'),
  basisCitation: Type.Optional(line(500, 'the law relied on, where the basis or the purpose asks for it')),
  consent: Type.Optional(position('position of the consent relied on')),
};

/** Which legal entity under which law, where the policy knows several. */
export const responsibility = { controller: Type.Optional(id()), jurisdiction: Type.Optional(id()) };

/** Where it happened, as references into other systems. */
export const context = () =>
  Type.Optional(
    closed({
      document: Type.Optional(reference()),
      agreement: Type.Optional(reference()),
      order: Type.Optional(reference()),
      visit: Type.Optional(reference()),
      survey: Type.Optional(reference()),
      promotion: Type.Optional(reference()),
      form: Type.Optional(reference()),
      page: Type.Optional(reference('path without query string')),
    }),
  );

export const channel = () => oneOf('web', 'app', 'phone', 'email', 'paper', 'in-person', 'partner', 'system');
export const noticeVersion = () => line(64, 'version of a registered notice');
export const destination = () => Type.Optional(country());

/** Another event, by the names it was published under. */
export const causeOf = (description: string) => Type.Optional(closed({ source: line(300), id: line(200) }, description));
