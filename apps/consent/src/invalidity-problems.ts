import type { Invalidity } from '@attesta/decisions';
import type { FieldProblem } from '@attesta/events';

/** Why a consent cannot be taken, for who sends it. */
export const INVALIDITY_PROBLEMS: Readonly<Record<Invalidity, Omit<FieldProblem, 'code'>>> = {
  'unknown-notice': {
    field: '/noticeVersion',
    message: 'is no registered version of the notice',
    fix: 'cite the version whose text was shown; GET /v1/notices lists them',
  },
  'notice-not-effective': {
    field: '/noticeVersion',
    message: 'was not in effect when the consent was given',
    fix: 'ask under the version in effect; GET /v1/notices lists them',
  },
  'notice-superseded': {
    field: '/noticeVersion',
    message: 'was replaced by a later version when the consent was given',
    fix: 'ask under the version in effect; GET /v1/notices lists them',
  },
  'unknown-purpose': {
    field: '/purposes',
    message: 'names a purpose that is not registered',
    fix: 'register it with a basis and a citation first (POST /v1/purposes)',
  },
  'purpose-not-in-notice': {
    field: '/purposes',
    message: 'names a purpose of which the notice that was shown does not tell',
    fix: 'publish a notice that names it, and ask under that',
  },
  'not-consent-based': {
    field: '/purposes',
    message: 'names a purpose that does not rest on consent',
    fix: 'leave it out: it needs no consent',
  },
  'explicit-required': {
    field: '/explicit',
    message: 'consent to sensitive data must be explicit',
    fix: 'ask for an express statement and send explicit: true',
  },
  'given-by-another': { field: '/by', message: 'nobody but the person or their guardian can consent', fix: 'ask the person' },
  'guardian-required': {
    field: '/by',
    message: 'the person is a minor who cannot give this consent alone',
    fix: 'ask the holder of parental responsibility (by: guardian), or name the provision under which the minor may (capacity)',
  },
  'guardian-unrecorded': {
    field: '/by',
    message: 'no holder of parental responsibility is recorded for that time',
    fix: 'record who it is, with the evidence, at POST /v1/guardians',
  },
};
