import type { ConsentCaptured } from '@attesta/events';
import { endOfDuration, isSensitive, type Controller, type Policy, type Purpose } from '@attesta/policy';
import type { ReceiptInput } from './receipt-form.js';
import { surroundingsOf, type Surroundings } from './receipt-informative.js';
import { capturedIn } from './receipt-record.js';

/** A consent receipt after the Kantara Initiative Consent Receipt Specification 1.1.0, 4.3 to 4.5. */
export interface KantaraReceipt {
  version: 'KI-CR-v1.1.0';
  jurisdiction: string;
  /** Seconds since 1970-01-01. */
  consentTimestamp: number;
  collectionMethod: string;
  consentReceiptID: string;
  language: string;
  piiPrincipalId: string;
  piiControllers: KantaraController[];
  policyUrl: string;
  services: { service: string; purposes: KantaraPurpose[] }[];
  sensitive: boolean;
  spiCat: string[];
}

export interface KantaraController {
  piiController: string;
  onBehalf?: boolean;
  contact: string;
  address: { streetAddress: string; addressCountry: string };
  email: string;
  phone: string;
}

export interface KantaraPurpose {
  purpose: string;
  purposeCategory: string[];
  /** EXPLICIT, or how the consent was expressed (4.5.6). */
  consentType: string;
  piiCategory: string[];
  primaryPurpose: boolean;
  termination: string;
  thirdPartyDisclosure: boolean;
  thirdPartyName?: string;
}

/** Titles in the language of the choice, where the policy has them. */
type Say = (item: { title: string; title_th?: string } | undefined, otherwise: string) => string;

/**
 * The same consent for who reads Kantara receipts. That form has no place for a proof: it is an export, not evidence.
 * @throws RangeError when the entry records no consent that was given, or the policy lacks contact data that the form demands
 */
export function kantaraReceipt({ entry, policy, receiptId }: Pick<ReceiptInput, 'entry' | 'policy' | 'receiptId'>): KantaraReceipt {
  const { data, subject } = capturedIn(entry);
  if (data.status !== 'given') throw new RangeError('a Kantara receipt is of a consent that was given');
  const around = surroundingsOf(data, policy);
  const say: Say = (item, otherwise) => (isThai(data.language) ? item?.title_th : undefined) ?? item?.title ?? otherwise;
  const sensitive = sensitiveCategories(data, policy);
  return {
    version: 'KI-CR-v1.1.0',
    jurisdiction: say(policy.jurisdictions.get(around.jurisdiction), around.jurisdiction),
    consentTimestamp: Math.floor(Date.parse(entry.time) / 1000),
    collectionMethod: say(policy.methods.get(data.method), data.method),
    consentReceiptID: receiptId,
    language: data.language,
    piiPrincipalId: subject,
    piiControllers: [controllerOf(around.controller)],
    policyUrl: needed(around.controller.url, 'url'),
    services: servicesOf(entry.time, data, around, policy, say),
    sensitive: sensitive.length > 0,
    spiCat: sensitive.map((category) => say(policy.categories.get(category), category)),
  };
}

const isThai = (language: string) => /^th(?:-|$)/.test(language);

/** Sensitive data that the consent covers: in general terms it covers none. */
function sensitiveCategories({ categories, explicit }: ConsentCaptured, policy: Policy): string[] {
  if (explicit !== true) return [];
  return (categories ?? [...policy.categories.keys()]).filter((category) => isSensitive(policy, category));
}

function controllerOf({ name, contact, address, country, email, phone }: Controller): KantaraController {
  return {
    piiController: name,
    contact: needed(contact, 'contact'),
    address: { streetAddress: needed(address, 'address'), addressCountry: country },
    email: needed(email, 'email'),
    phone: needed(phone, 'phone'),
  };
}

function needed(value: string | undefined, name: string): string {
  if (value === undefined) throw new RangeError(`a Kantara receipt needs the ${name} of the controller, which the policy does not have`);
  return value;
}

/** By service of the policy that needs the purpose; what no service needs stands under the controller's own name. */
function servicesOf(time: string, data: ConsentCaptured, around: Surroundings, policy: Policy, say: Say): KantaraReceipt['services'] {
  const byService = new Map<string, KantaraPurpose[]>();
  for (const id of data.purposes) {
    const needing = [...policy.services.values()].find(({ needs }) => needs.includes(id));
    const service = say(needing, around.controller.name);
    byService.set(service, [...(byService.get(service) ?? []), purposeOf(id, time, data, around, policy, say)]);
  }
  return [...byService].map(([service, purposes]) => ({ service, purposes }));
}

function purposeOf(
  id: string,
  time: string,
  data: ConsentCaptured,
  { recipients }: Surroundings,
  policy: Policy,
  say: Say,
): KantaraPurpose {
  const known: Purpose | undefined = policy.purposes.get(id);
  const any = { title: 'Whatever kind of data the notice names', title_th: 'ข้อมูลทุกประเภทที่ประกาศระบุไว้' };
  return {
    purpose: say(known, id),
    purposeCategory: [id],
    consentType: data.explicit === true ? 'EXPLICIT' : say(policy.methods.get(data.method), data.method),
    piiCategory: data.categories?.map((category) => say(policy.categories.get(category), category)) ?? [say(any, '')],
    primaryPurpose: known?.separable === false,
    termination: terminationOf(time, data, say),
    thirdPartyDisclosure: recipients.length > 0,
    ...(recipients.length > 0 && { thirdPartyName: recipients.map((party) => say(party, party.id)).join('; ') }),
  };
}

function terminationOf(time: string, { validFor }: ConsentCaptured, say: Say): string {
  if (validFor === undefined) return say({ title: 'When it is withdrawn', title_th: 'เมื่อถอนความยินยอม' }, '');
  const end = new Date(endOfDuration(Date.parse(time), validFor)).toISOString();
  return say({ title: `When it is withdrawn, at the latest on ${end}`, title_th: `เมื่อถอนความยินยอม หรืออย่างช้าที่สุดเมื่อ ${end}` }, '');
}
