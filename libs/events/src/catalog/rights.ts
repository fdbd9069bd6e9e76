import { Type, type Static } from '@sinclair/typebox';
import { closed, id, line, list, oneOf, sha256, text } from '../fields.js';
import { oneRelated } from '../parts.js';
import { defineEvent } from '../define.js';

const evidence = () => Type.Optional(closed({ kind: id(), digest: Type.Optional(sha256()) }, 'what proves it, and its digest'));
const purposes = () => list(id('purpose of the policy'), 16);

/** A person objects to processing (PDPA s.32, GDPR 21). Until it is decided, the processing stops. */
export const objectionRaised = defineEvent({
  type: 'attesta.objection.raised.v1',
  title: 'A person objected to processing',
  clauses: ['4.3', '4.6', '4.10', '7.4'],
  subject: 'required',
  data: closed({ purposes: purposes(), method: id('method of the policy'), evidence: evidence() }),
});
export type ObjectionRaised = Static<typeof objectionRaised.dataSchema>;

/** An objection was weighed. Rejecting it needs the reason, and the provision (PDPA s.32 last paragraph, s.39). */
export const objectionDecided = defineEvent({
  type: 'attesta.objection.decided.v1',
  title: 'An objection was decided',
  clauses: ['4.3', '7.4'],
  subject: 'required',
  decision: true,
  data: closed({ purposes: purposes(), outcome: oneOf('upheld', 'rejected'), reason: text(1000), law: Type.Optional(line(200)) }),
});
export type ObjectionDecided = Static<typeof objectionDecided.dataSchema>;

/** The person no longer objects. */
export const objectionWithdrawn = defineEvent({
  type: 'attesta.objection.withdrawn.v1',
  title: 'An objection was withdrawn',
  clauses: ['7.4'],
  subject: 'required',
  data: closed({ purposes: purposes(), method: id('method of the policy') }),
});
export type ObjectionWithdrawn = Static<typeof objectionWithdrawn.dataSchema>;

const restricted = {
  purposes: Type.Optional(purposes()),
  categories: Type.Optional(list(id('data category of the policy'), 32)),
};

/** Data may be kept and not used (PDPA s.34, GDPR 18). Without purposes or categories: all of it. */
export const restrictionPlaced = defineEvent({
  type: 'attesta.restriction.placed.v1',
  title: 'Use of data was restricted',
  clauses: ['7.5'],
  subject: 'required',
  data: closed({
    ...restricted,
    ground: oneOf('accuracy-contested', 'unlawful-processing', 'needed-for-claims', 'objection-pending'),
    method: id('method of the policy'),
  }),
});
export type RestrictionPlaced = Static<typeof restrictionPlaced.dataSchema>;

/** A restriction of the same scope no longer holds. */
export const restrictionLifted = defineEvent({
  type: 'attesta.restriction.lifted.v1',
  title: 'A restriction was lifted',
  clauses: ['7.5'],
  subject: 'required',
  decision: true,
  data: closed({ ...restricted, reason: text(1000) }),
});
export type RestrictionLifted = Static<typeof restrictionLifted.dataSchema>;

/**
 * Which age rules of the policy a person falls under, one per jurisdiction, at the event's time. The date of birth itself is personal and stays out of it.
 * A later event corrects an earlier one.
 */
export const ageAttested = defineEvent({
  type: 'attesta.age.attested.v1',
  title: 'The age of a person was attested',
  clauses: ['6.5'],
  subject: 'required',
  data: closed({ rules: list(id('age rule of the policy'), 16), method: id('method of the policy'), evidence: evidence() }),
});
export type AgeAttested = Static<typeof ageAttested.dataSchema>;

const guardian = {
  related: oneRelated('guardian'),
  method: id('method of the policy'),
  evidence: evidence(),
};

/** Who holds parental responsibility for a minor (PDPA s.20, GDPR 8). */
export const guardianRecorded = defineEvent({
  type: 'attesta.guardian.recorded.v1',
  title: 'A holder of parental responsibility was recorded',
  clauses: ['6.5'],
  subject: 'required',
  data: closed(guardian),
});
export type GuardianRecorded = Static<typeof guardianRecorded.dataSchema>;

/** Somebody no longer holds parental responsibility. */
export const guardianEnded = defineEvent({
  type: 'attesta.guardian.ended.v1',
  title: 'Parental responsibility ended',
  clauses: ['6.5'],
  subject: 'required',
  data: closed(guardian),
});
export type GuardianEnded = Static<typeof guardianEnded.dataSchema>;
