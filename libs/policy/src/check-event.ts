import { MAX_PROBLEMS, type CloudEvent, type EventData, type FieldProblem } from '@attesta/events';
import { findCardNumbers } from './card-number.js';
import { isTransferAbroad } from './facts.js';
import type { Policy } from './policy.js';
import type { Controller, Jurisdiction } from './policy-source.js';

/**
 * Every rule that keeps an event out of the log. `event` has passed parseEvent, and its personal parts are in clear: run it again on what
 * a JWE held. What breaks a rule of conduct but is a fact all the same (an advertiser got survey answers, data came in after an unlink) is
 * NOT reported here: it is sealed, and a finding follows. At most 20 problems; none repeats a value that was sent.
 */
export function checkEvent(policy: Policy, event: CloudEvent): FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const at of cardNumbers(event)) {
    problems.push({
      field: at,
      code: 'card-number',
      message: 'holds a payment card number, which is never kept',
      fix: 'leave it with the payment provider; send its token or the last four digits',
    });
  }
  const rules = RULES.get(event.type) ?? rulesOf(event.type);
  if (rules.length > 0) {
    const check = new Check(policy, event, problems);
    for (const rule of rules) rule(check);
  }
  return problems.length > MAX_PROBLEMS ? problems.slice(0, MAX_PROBLEMS) : problems;
}

/** Everything a publisher wrote; type and time have forms that hold no card number. */
function cardNumbers(event: CloudEvent): string[] {
  const { id, source, subject, actor, dataschema, tracestate } = event;
  const inData = findCardNumbers(event.data, '/data');
  const around = findCardNumbers({ id, source, subject, actor, dataschema, tracestate });
  return around.length === 0 ? inData : [...around, ...inData];
}

/** One event under one policy, with the controller and the jurisdiction it falls under. */
class Check {
  readonly data: EventData;
  readonly controller: Controller;
  /** Undefined when the event names one that does not exist: rules that depend on it then have nothing to say. */
  readonly jurisdiction: Jurisdiction | undefined;

  constructor(
    readonly policy: Policy,
    readonly event: CloudEvent,
    private readonly problems: FieldProblem[],
  ) {
    this.data = event.data;
    this.controller = this.whose();
    this.jurisdiction = this.which();
  }

  problem(field: string, code: string, message: string, fix: string): void {
    this.problems.push({ field: field === '' ? '/data' : `/data/${field}`, code, message, fix });
  }

  text(field: string): string | undefined {
    const value = this.data[field];
    return typeof value === 'string' ? value : undefined;
  }

  list(field: string): readonly string[] {
    const value = this.data[field];
    return Array.isArray(value) ? (value as string[]) : NONE;
  }

  /** The item that a field names; reports an id nobody has. A field that is absent is the schema's business. */
  known<T>(items: ReadonlyMap<string, T>, field: string, what: string): T | undefined {
    const id = this.text(field);
    return id === undefined ? undefined : this.find(items, id, field, what);
  }

  find<T>(items: ReadonlyMap<string, T>, id: string, field: string, what: string): T | undefined {
    const item = items.get(id);
    if (item === undefined) {
      this.problem(
        field,
        `unknown-${what.replaceAll(' ', '-')}`,
        `is no ${what} of the policy ${this.policy.id}`,
        `use one of: ${[...items.keys()].join(', ')}`,
      );
    }
    return item;
  }

  private whose(): Controller {
    return this.known(this.policy.controllers, 'controller', 'controller') ?? this.policy.defaultController;
  }

  private which(): Jurisdiction | undefined {
    const named = this.text('jurisdiction');
    const allowed = this.controller.jurisdictions;
    if (named !== undefined && !allowed.includes(named)) {
      this.problem('jurisdiction', 'unknown-jurisdiction', 'is no jurisdiction of the controller', `use one of: ${allowed.join(', ')}`);
      return undefined;
    }
    return this.policy.jurisdictions.get(named ?? allowed[0] ?? '');
  }
}

const NONE: readonly string[] = [];
type Rule = (check: Check) => void;

const categories: Rule = (check) => {
  const list = check.list('categories');
  for (let i = 0; i < list.length; i++) check.find(check.policy.categories, list[i] ?? '', `categories/${i}`, 'category');
};

/** Each purpose exists, and where its law must always be named, it is. */
const purposes: Rule = (check) => {
  const list = check.list('purposes');
  for (let i = 0; i < list.length; i++) {
    const purpose = check.find(check.policy.purposes, list[i] ?? '', `purposes/${i}`, 'purpose');
    if (purpose?.citation === undefined || check.data.basis === undefined || cited(check)) continue;
    if (purpose.citation === 'unless-consent' && isConsent(check)) {
      if (check.data.consent === undefined && check.data.noticeVersion === undefined) {
        check.problem(
          'consent',
          'missing-consent',
          'this purpose needs the consent that was given for it',
          'cite the position of the consent, or the notice version it was given under',
        );
      }
    } else {
      check.problem(
        'basisCitation',
        'missing-citation',
        'this purpose needs the provision that is relied on',
        'name the law and section, or the order',
      );
    }
  }
};

const cited = (check: Check) => check.data.basisCitation !== undefined || check.data.legalReference !== undefined;
const isConsent = (check: Check) =>
  check.policy.bases.get(check.jurisdiction?.id ?? '')?.get(check.text('basis') ?? '')?.kind === 'consent';

/** One lawful basis that the jurisdiction has, that every purpose may rest on, and that is strong enough for every category. */
const basis: Rule = (check) => {
  const { jurisdiction, policy } = check;
  if (jurisdiction === undefined) return;
  const bases = policy.bases.get(jurisdiction.id);
  const id = check.text('basis');
  if (id === undefined) {
    check.problem(
      'basis',
      'missing-basis',
      'every processing rests on a lawful basis',
      `use one of: ${[...(bases?.keys() ?? [])].join(', ')}`,
    );
    return;
  }
  const found = bases?.get(id);
  if (found === undefined) {
    check.problem(
      'basis',
      'unknown-basis',
      `is no lawful basis of ${jurisdiction.id}`,
      `use one of: ${[...(bases?.keys() ?? [])].join(', ')}`,
    );
    return;
  }
  for (const name of check.list('purposes')) {
    const allowed = policy.purposes.get(name)?.bases[jurisdiction.id];
    if (allowed !== undefined && !allowed.includes(id)) {
      check.problem('basis', 'basis-not-allowed', `the purpose ${name} may not rest on this basis`, `use one of: ${allowed.join(', ')}`);
      break;
    }
  }
  for (const name of check.list('categories')) {
    if (policy.categories.get(name)?.sensitive !== true) continue;
    if (found.sensitive !== true) {
      check.problem(
        'basis',
        'explicit-consent-required',
        `the category ${name} is sensitive: this basis is not enough`,
        'rest on explicit consent, or on a statutory exemption for sensitive data with basisCitation',
      );
    } else if (found.kind === 'statutory' && check.data.basisCitation === undefined) {
      check.problem(
        'basisCitation',
        'missing-citation',
        'a statutory exemption for sensitive data needs its citation',
        'name the provision and why it applies',
      );
    }
    return;
  }
};

const occasion: Rule = (check) => {
  const found = check.known(check.policy.occasions, 'occasion', 'occasion');
  if (found?.requires === undefined) return;
  const context = check.data.context as Record<string, unknown> | undefined;
  if (!found.requires.some((key) => context?.[key] !== undefined)) {
    const [first] = found.requires;
    check.problem(
      `context/${first}`,
      'missing-context',
      `the occasion ${found.id} (clause ${found.clauses?.join(', ') ?? ''}) needs its context`,
      `add context.${found.requires.join(' or context.')}`,
    );
  }
};

const method: Rule = (check) => void check.known(check.policy.methods, 'method', 'method');

const origin: Rule = (check) => {
  if (check.data.originParty !== undefined) check.known(check.policy.parties, 'originParty', 'party');
  else if (check.data.origin === 'third-party') {
    check.problem(
      'originParty',
      'missing-origin-party',
      'data from a third party names the party',
      'add originParty with a party of the policy',
    );
  }
};

const noticeVersion =
  (field: string): Rule =>
  (check) =>
    void check.known(check.policy.notices, field, 'notice version');

/** Personal values only of the categories that the event declares, within the policy's bounds. */
const personal: Rule = (check) => {
  personalPart(check, check.data.personal, 'personal');
  check.data.related?.forEach((person, i) => personalPart(check, person.personal, `related/${i}/personal`));
};

function personalPart(check: Check, part: EventData['personal'], at: string): void {
  if (typeof part !== 'object') return;
  const declared = check.list('categories');
  const { personalFields, personalValueLength } = check.policy.limits;
  for (const category of Object.keys(part)) {
    if (!declared.includes(category)) {
      const known = check.policy.categories.has(category);
      check.problem(
        known ? `${at}/${category}` : at,
        'undeclared-category',
        'holds values of a category that the event does not declare',
        'add the category to "categories", or leave the values out',
      );
      continue;
    }
    const values = part[category] ?? {};
    const fields = Object.keys(values);
    if (fields.length > personalFields)
      check.problem(`${at}/${category}`, 'too-many', `may have at most ${personalFields} fields`, 'send what the purpose needs');
    if (fields.some((field) => String(values[field] ?? '').length > personalValueLength)) {
      check.problem(
        `${at}/${category}`,
        'too-long',
        `a value may have at most ${personalValueLength} characters`,
        'send a reference to large content instead',
      );
    }
  }
}

/** Where the data goes, and why it may go there. */
const recipient: Rule = (check) => {
  const party = check.known(check.policy.parties, 'recipient', 'recipient');
  if (party === undefined) return;
  if (party.role === 'linked-site') {
    check.problem(
      'recipient',
      'linked-site',
      'a linked site gets no data about a person',
      'record outbound-link.recorded, without subject; or register the party with the role it really has',
    );
  }
  if ((party.role === 'authority' || check.data.initiator === 'authority') && !cited(check)) {
    check.problem(
      'legalReference',
      'missing-citation',
      'a disclosure to an authority needs the provision or order it follows',
      'add legalReference or basisCitation',
    );
  }
  const { jurisdiction } = check;
  if (jurisdiction === undefined) return;
  const country = check.text('country') ?? party.country;
  if (country === undefined) {
    check.problem(
      'country',
      'missing-country',
      'the country where the recipient receives the data is not known',
      'add country (ISO 3166-1 alpha-2)',
    );
    return;
  }
  const grounds = check.policy.transferGrounds.get(jurisdiction.id) ?? new Map<string, never>();
  if (check.data.transferGround !== undefined) check.known(grounds, 'transferGround', 'transfer ground');
  else if (isTransferAbroad(check.controller, jurisdiction, country)) {
    check.problem(
      'transferGround',
      'missing-transfer-ground',
      'the recipient is abroad',
      `name what allows the transfer: ${[...grounds.keys()].join(', ')}`,
    );
  }
};

/** A link out of our site says nothing about a person (notice clause 6.4). */
const outboundLink: Rule = (check) => {
  check.known(check.policy.parties, 'recipient', 'recipient');
  if (check.event.subject !== undefined || check.data.personal !== undefined || check.data.related !== undefined) {
    check.problem('', 'linked-site', 'an outbound link carries nothing about a person', 'leave subject, personal and related out');
  }
};

/** Consent for sensitive categories is explicit or it is none. */
const explicit: Rule = (check) => {
  if (check.data.explicit === true || check.data.status === 'refused' || check.data.status === 'withdrawn') return;
  const sensitive = check.list('categories').find((name) => check.policy.categories.get(name)?.sensitive === true);
  if (sensitive !== undefined) {
    check.problem(
      'explicit',
      'explicit-consent-required',
      `the category ${sensitive} is sensitive: consent must be explicit`,
      'ask for an express statement and send explicit: true',
    );
  }
};

/** Only channels that one of the purposes has. */
const channels: Rule = (check) => {
  const chosen = check.list('channelPreferences');
  if (chosen.length === 0) return;
  const known = new Set(check.list('purposes').flatMap((name) => check.policy.purposes.get(name)?.channels ?? []));
  chosen.forEach((channel, i) => {
    if (!known.has(channel)) {
      check.problem(
        `channelPreferences/${i}`,
        'unknown-channel',
        'is no channel of these purposes',
        known.size === 0 ? 'leave it out' : `use one of: ${[...known].join(', ')}`,
      );
    }
  });
};

/** A registered text never changes: the same version and language has the same digest. */
const published: Rule = (check) => {
  const registered = check.policy.notices.get(check.text('version') ?? '')?.find((notice) => notice.language === check.data.language);
  if (registered?.sha256 !== undefined && registered.sha256 !== check.data.digest) {
    check.problem(
      'digest',
      'notice-changed',
      'this version is registered with another text',
      'publish the changed text under a new version',
    );
  }
};

/** The rules of every version of an event type. */
const RULES_BY_NAME: Readonly<Record<string, readonly Rule[]>> = {
  'attesta.collection.recorded': [categories, purposes, basis, occasion, method, origin, noticeVersion('noticeVersion'), personal],
  'attesta.use.recorded': [categories, purposes, basis],
  'attesta.disclosure.recorded': [categories, purposes, basis, recipient, personal],
  'attesta.outbound-link.recorded': [outboundLink],
  'attesta.consent.captured': [purposes, categories, method, noticeVersion('noticeVersion'), explicit, channels],
  'attesta.consent.given': [purposes, categories, method, noticeVersion('noticeVersion'), explicit, channels],
  'attesta.consent.withdrawn': [purposes, categories, method, noticeVersion('noticeVersion'), channels],
  'attesta.notice.published': [purposes, published],
  'attesta.notice.communicated': [noticeVersion('version')],
  'attesta.notice.acknowledged': [noticeVersion('version'), method],
};

const RULES = new Map<string, readonly Rule[]>();

function rulesOf(type: string): readonly Rule[] {
  const name = type.slice(0, type.lastIndexOf('.v'));
  const rules = Object.hasOwn(RULES_BY_NAME, name) ? (RULES_BY_NAME[name] ?? []) : [];
  if (rules.length > 0) RULES.set(type, rules); // parseEvent lets known types through alone, so the map stays small
  return rules;
}
