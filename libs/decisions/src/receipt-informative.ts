import {
  isSensitive,
  noticeText,
  retentionRules,
  type Basis,
  type Controller,
  type Party,
  type PartyRole,
  type Policy,
  type RetentionRule,
} from '@attesta/policy';
import type { ConsentCaptured } from '@attesta/events';
import {
  ANY_PII,
  type Informative,
  type InformativePurpose,
  type PartyIdentification,
  type ReceiptInput,
  type Titled,
} from './receipt-form.js';
import { DPV } from './status.js';
import { jurisdictionOf } from './validity.js';

const ANY_TITLE: Titled = {
  title: 'Whatever kind of data the notice names for this purpose',
  title_th: 'ข้อมูลทุกประเภทที่ประกาศระบุไว้สำหรับวัตถุประสงค์นี้',
};

/** Roles whose holders may be given data; authorities and whom the person chooses are not recipients of a consent. */
const RECIPIENT_ROLES: ReadonlySet<PartyRole> = new Set(['processor', 'independent-controller', 'joint-controller', 'group-company']);

/** Who answers for a choice under which law, and who else may be given the data. */
export interface Surroundings {
  controller: Controller;
  jurisdiction: string;
  recipients: Party[];
}

export function surroundingsOf(data: ConsentCaptured, policy: Policy): Surroundings {
  return {
    controller: policy.controllers.get(data.controller ?? '') ?? policy.defaultController,
    jurisdiction: jurisdictionOf(data, policy),
    recipients: [...policy.parties.values()].filter(({ role }) => RECIPIENT_ROLES.has(role)),
  };
}

/** What policy and present add to a receipt. A purpose, category or notice that the policy does not know goes without a title. */
export function informativePart(data: ConsentCaptured, { policy, issuedAt, standing }: ReceiptInput): Informative {
  const around = surroundingsOf(data, policy);
  const notice = noticeText(policy, data.noticeVersion, data.language);
  const method = policy.methods.get(data.method);
  return {
    standing: data.purposes.map((purpose) => ({ purpose, event_state: DPV[standing.get(purpose) ?? 'none'], as_of: issuedAt })),
    processing: {
      privacy_notice: {
        title: policy.title,
        ...(around.controller.url !== undefined && { url: around.controller.url }),
        ...(notice && { announced: notice.announced }),
        ...(notice?.sha256 !== undefined && { digest: notice.sha256 }),
      },
      purposes: data.purposes.map((purpose) => informativePurpose(purpose, data, around, policy)),
    },
    party_identification: partiesOf(around, policy),
    event: [
      {
        ...(method && { indication_method_title: method.title }),
        ...(method?.title_th !== undefined && { indication_method_title_th: method.title_th }),
      },
    ],
  };
}

function informativePurpose(purpose: string, data: ConsentCaptured, around: Surroundings, policy: Policy): InformativePurpose {
  const { controller, jurisdiction, recipients } = around;
  const known = policy.purposes.get(purpose);
  const basis = consentBasis(purpose, data, jurisdiction, policy);
  const services = [...policy.services.values()].filter(({ needs }) => needs.includes(purpose));
  const authority = policy.jurisdictions.get(jurisdiction)?.authority;
  return {
    ...titlesOf(known),
    ...(basis && { lawful_basis: { basis: basis.id, citation: basis.citation, ...titlesOf(basis) } }),
    pii_information: (data.categories ?? [ANY_PII]).map((category) => ({
      ...(category === ANY_PII ? ANY_TITLE : titlesOf(policy.categories.get(category))),
      ...(isSensitive(policy, category) && { special_pii_category: true }),
    })),
    pii_controllers: [controller.id],
    storage_locations: [...new Set([controller.country, ...recipients.filter(isProcessor).flatMap(({ country }) => country ?? [])])],
    retention_period: retentionOf(purpose, data, jurisdiction, policy).map(({ categories, duration, trigger, action, citation }) => ({
      ...(categories && { pii_types: categories }),
      duration,
      trigger,
      action,
      citation,
    })),
    ...(services.length > 0 && { services: services.map((one) => ({ service: one.id, effect: one.effect, ...titlesOf(one) })) }),
    jurisdiction,
    recipient_third_parties: recipients.map(({ id }) => id),
    withdrawal_method: { party_id: controller.id, ...contactOf(controller) },
    privacy_rights: [...policy.rights.values()].map((right) => ({
      right: right.id,
      ...titlesOf(right),
      ...(right.citations[jurisdiction] !== undefined && { citation: right.citations[jurisdiction] }),
    })),
    ...(authority !== undefined && { authority_party: authority }),
  };
}

const isProcessor = ({ role }: Party) => role === 'processor';

/** The consent basis the purpose lists; the one for sensitive data, where explicit consent to such data was given. */
function consentBasis(purpose: string, { categories, explicit }: ConsentCaptured, jurisdiction: string, policy: Policy): Basis | undefined {
  const bases = (policy.purposes.get(purpose)?.bases[jurisdiction] ?? [])
    .flatMap((id) => policy.bases.get(jurisdiction)?.get(id) ?? [])
    .filter(({ kind }) => kind === 'consent');
  const sensitive = explicit === true && (categories?.some((category) => isSensitive(policy, category)) ?? true);
  return bases.find((basis) => (basis.sensitive === true) === sensitive) ?? bases[0];
}

/** Rules about the categories of the choice; where it names none, those made for the purpose. */
export function retentionOf(purpose: string, data: ConsentCaptured, jurisdiction: string, policy: Policy): RetentionRule[] {
  const rules =
    data.categories?.flatMap((category) => retentionRules(policy, { category, purpose, jurisdiction })) ??
    policy.retention.filter((rule) => rule.purposes?.includes(purpose) === true && (rule.jurisdiction ?? jurisdiction) === jurisdiction);
  return [...new Set(rules)];
}

function partiesOf({ controller, jurisdiction, recipients }: Surroundings, policy: Policy): PartyIdentification[] {
  const { contact, address, email, phone, url } = controller;
  const authority = policy.parties.get(policy.jurisdictions.get(jurisdiction)?.authority ?? '');
  const through = `through ${controller.name}`;
  const others = [...recipients, ...(authority ? [authority] : [])];
  return [
    {
      party_id: controller.id,
      party_name: controller.name,
      party_role: 'controller',
      party_type: 'organisation',
      party_address: address ?? controller.country,
      party_contact: contact ?? controller.name,
      ...(email !== undefined && { party_email: email }),
      ...(phone !== undefined && { party_phone: phone }),
      ...(url !== undefined && { party_url: url }),
    },
    ...others.map((party): PartyIdentification => ({
      party_id: party.id,
      party_name: party.title,
      ...(party.title_th !== undefined && { party_name_th: party.title_th }),
      party_role: party.role,
      party_type: party.role === 'authority' ? 'authority' : 'organisation',
      party_address: party.country ?? through,
      party_contact: party.role === 'authority' ? party.title : through,
    })),
  ];
}

function contactOf({ contact, email, address, phone, url }: Controller) {
  return {
    ...(contact !== undefined && { contact }),
    ...(email !== undefined && { email }),
    ...(address !== undefined && { address }),
    ...(phone !== undefined && { phone }),
    ...(url !== undefined && { url }),
  };
}

const titlesOf = (item: { title: string; title_th?: string } | undefined): Titled => ({
  ...(item && { title: item.title }),
  ...(item?.title_th !== undefined && { title_th: item.title_th }),
});
