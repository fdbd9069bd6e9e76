import { rfc3339Millis, type FieldProblem } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import { findHostileJson, Problem } from '@attesta/service-kit';
import { normalise } from '@attesta/vault';
import { Type, type Static } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import type { Identifier } from './intake.js';
import { urlProblem } from './opendsr-delivery.js';

/** OpenDSR 2.0. */
export const API_VERSION = '2.0';
/** Bytes of a request; `/opendsr` gets raw bodies, for they are sent back as they came (7.3). */
export const OPENDSR_LIMIT = 64 * 1024;

/** OpenDSR 6.2. The specification knows no others. */
const REQUEST_TYPES = ['access', 'erasure', 'portability'];
/** OpenDSR 5.1, and phone; a device's id is known by a scheme of the same name. */
const IDENTITY_TYPES = [
  'controller_customer_id',
  'email',
  'phone',
  'android_advertising_id',
  'android_id',
  'fire_advertising_id',
  'ios_advertising_id',
  'ios_vendor_id',
  'microsoft_advertising_id',
  'microsoft_publisher_id',
  'roku_advertising_id',
  'roku_publisher_id',
];
const FORMATS = ['raw', 'sha1', 'md5', 'sha256'];
const FUTURE_MS = 300_000;

/** A request as a controller made it, in our words. */
export interface OpenDsrRequest {
  /** Of the controller's own making. */
  id: string;
  right: string;
  jurisdiction: string;
  /** When the person asked the controller; milliseconds. */
  submittedAt: number;
  /** By the most telling first. */
  identifiers: Identifier[];
  callbacks: string[];
}

export interface ReadingContext {
  policy: Policy;
  now: number;
  /** Ours: extensions are keyed by it. */
  domain: string;
  /** The identifier scheme of the controller's customer ids. */
  customers: string;
  /** Hosts of our own network that callbacks may go to. */
  innerHosts: readonly string[];
}

/** OpenDSR 1.1: GUIDs are lower-case and version 4. */
export const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const FORM = Type.Object({
  subject_request_id: Type.String({ pattern: GUID.source }),
  regulation: text(64),
  subject_request_type: text(64),
  submitted_time: text(64),
  subject_identities: Type.Array(Type.Object({ identity_type: text(64), identity_value: text(256), identity_format: text(16) }), {
    minItems: 1,
    maxItems: 16,
  }),
  api_version: Type.Optional(Type.String({ pattern: String.raw`^2(\.\d{1,3}){0,2}$` })),
  status_callback_urls: Type.Optional(Type.Array(text(2048), { maxItems: 8, uniqueItems: true })),
  extensions: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
type Form = Static<typeof FORM>;
const validate = new Ajv({ strict: true, allErrors: true }).compile<Form>(FORM);

/** Request types that the policy has as rights. */
export const requestTypes = ({ rights }: Policy): string[] => REQUEST_TYPES.filter((type) => rights.has(type));
export const identityTypes = (): { identity_type: string; identity_format: string }[] =>
  IDENTITY_TYPES.map((identity_type) => ({ identity_type, identity_format: 'raw' }));

/** What a body asks for. @throws Problem 400 with everything that is wrong; values are never repeated */
export function readRequest(body: Buffer, context: ReadingContext): OpenDsrRequest {
  const form = readForm(body);
  const problems: FieldProblem[] = [];
  const refuse = (field: string, code: string, message: string, fix: string): void => void problems.push({ field, code, message, fix });

  const types = requestTypes(context.policy);
  const right = form.subject_request_type;
  if (!types.includes(right))
    refuse('/subject_request_type', 'unknown-request-type', 'is no request type of OpenDSR here', `send one of: ${types.join(', ')}`);
  const jurisdictions = jurisdictionsOf(context.policy, form.regulation);
  if (jurisdictions.length !== 1)
    refuse(
      '/regulation',
      jurisdictions.length === 0 ? 'unknown-regulation' : 'ambiguous-regulation',
      jurisdictions.length === 0 ? 'is no regulation that we are under' : 'is the name of several',
      `send one of: ${regulations(context.policy).join(', ')}`,
    );
  const submittedAt = rfc3339Millis(form.submitted_time);
  if (submittedAt === undefined)
    refuse('/submitted_time', 'bad-format', 'is not an RFC 3339 date-time', 'write it like 2026-01-31T09:30:00Z');
  else if (submittedAt > context.now + FUTURE_MS)
    refuse('/submitted_time', 'time-in-future', 'is in the future', 'send the time at which the person asked');
  form.status_callback_urls?.forEach((url, i) => {
    const problem = urlProblem(url, context.innerHosts);
    if (problem) problems.push({ field: `/status_callback_urls/${i}`, ...problem });
  });
  if (form.extensions && Object.hasOwn(form.extensions, context.domain))
    refuse('/extensions', 'unknown-extension', 'has an extension for us, and we understand none', 'leave it out: others are not looked at');
  const identifiers = form.subject_identities.flatMap((identity, i) => identified(identity, `/subject_identities/${i}`, context, problems));

  if (problems.length > 0 || submittedAt === undefined) throw Problem.invalid(problems);
  return {
    id: form.subject_request_id,
    right,
    jurisdiction: jurisdictions[0]!,
    submittedAt,
    identifiers: [...new Map(identifiers.map((one) => [`${one.scheme}|${one.value}`, one])).values()].sort(byTelling(context.customers)),
    callbacks: form.status_callback_urls ?? [],
  };
}

function readForm(body: Buffer): Form {
  let form: unknown;
  try {
    form = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw Problem.badRequest('The body is not JSON in UTF-8.', 'Send one JSON object (OpenDSR 7.1.1).', undefined, 'malformed-json');
  }
  const hostile = typeof form === 'object' && form !== null ? findHostileJson(form) : [];
  if (hostile.length > 0) throw Problem.invalid(hostile);
  if (!validate(form)) {
    throw Problem.invalid(
      (validate.errors ?? []).slice(0, 50).map(({ instancePath, params, keyword, message }) => ({
        field: keyword === 'required' ? `${instancePath}/${(params as { missingProperty: string }).missingProperty}` : instancePath,
        code: keyword === 'required' ? 'missing-field' : 'bad-format',
        message: keyword === 'required' ? 'is not there' : (message ?? 'is not as it should be'),
        fix: 'see OpenDSR 2.0, section 7.1.1',
      })),
    );
  }
  return form;
}

/** `gdpr` is `eu-gdpr` where there is no other GDPR. */
const jurisdictionsOf = ({ jurisdictions }: Policy, regulation: string): string[] =>
  jurisdictions.has(regulation) ? [regulation] : [...jurisdictions.keys()].filter((id) => id.endsWith(`-${regulation}`));

/** What every jurisdiction can be named by. */
function regulations(policy: Policy): string[] {
  return [...policy.jurisdictions.keys()].map((id) => {
    const short = id.slice(id.indexOf('-') + 1);
    return jurisdictionsOf(policy, short).length === 1 ? short : id;
  });
}

function identified(
  { identity_type: type, identity_value: value, identity_format: format }: Form['subject_identities'][number],
  at: string,
  { customers }: ReadingContext,
  problems: FieldProblem[],
): Identifier[] {
  if (!IDENTITY_TYPES.includes(type)) {
    const [code, message] = ['unknown-identity-type', 'is no identity type that people are known by here'];
    problems.push({ field: `${at}/identity_type`, code, message, fix: `send one of: ${IDENTITY_TYPES.join(', ')}` });
    return [];
  }
  if (format !== 'raw') {
    const [code, message] = FORMATS.includes(format)
      ? ['hashed-identity', 'is a hash, by which nobody can be found here: people are known by keyed hashes']
      : ['unknown-identity-format', 'is no identity format'];
    problems.push({ field: `${at}/identity_format`, code, message, fix: 'send the identity itself, as raw' });
    return [];
  }
  const scheme = type === 'controller_customer_id' ? customers : type.replaceAll('_', '-');
  const normal = normalise(scheme, value);
  if (normal.ok && !/[\p{Cc}\p{Cs}]/u.test(value)) return [{ scheme, value: value.trim() }];
  const { code, message, fix } = normal.ok
    ? { code: 'invalid-text', message: 'holds control characters', fix: 'send it without' }
    : normal.problem;
  problems.push({ field: `${at}/identity_value`, code, message, fix });
  return [];
}

/** A customer's account says most, a device least. */
const byTelling = (customers: string) => {
  const schemes = [customers, 'email', 'phone'];
  const rank = ({ scheme }: Identifier) => (schemes.includes(scheme) ? schemes.indexOf(scheme) : schemes.length);
  return (a: Identifier, b: Identifier) => rank(a) - rank(b);
};
