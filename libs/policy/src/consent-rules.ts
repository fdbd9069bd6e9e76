import type { PurposeRegistered } from '@attesta/events';
import { purposeOf } from './amend.js';
import type { Rule } from './lawfulness-rules.js';

/** Consent for sensitive categories is explicit or it is none. */
export const explicit: Rule = (check) => {
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
export const channels: Rule = (check) => {
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
export const published: Rule = (check) => {
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

/** Services exist. */
export const services: Rule = (check) => {
  if (check.data.service !== undefined) check.known(check.policy.services, 'service', 'service');
  const told = Array.isArray(check.data.services) ? (check.data.services as { service: string }[]) : [];
  told.forEach(({ service }, i) => {
    if (!check.policy.services.has(service)) check.unknown(check.policy.services, `services/${i}/service`, 'service');
  });
};

/** Age rules exist, and no two are of one jurisdiction: a person has one age. */
export const ageRules: Rule = (check) => {
  const seen = new Set<string>();
  check.list('rules').forEach((id, i) => {
    const rule = check.policy.ages.find((one) => one.id === id);
    if (rule === undefined) {
      check.unknown(new Map(check.policy.ages.map((one) => [one.id, one])), `rules/${i}`, 'age rule');
    } else if (seen.has(rule.jurisdiction)) {
      check.problem(`rules/${i}`, 'ambiguous-age', `is a second age rule of ${rule.jurisdiction}`, 'name one rule of each jurisdiction');
    } else seen.add(rule.jurisdiction);
  });
};

/** A purpose is registered once, on bases that its jurisdictions have, each named once (notice clause 4.11). Where it has no basis it may not be pursued. */
export const registration: Rule = (check) => {
  const id = check.text('purpose') ?? '';
  const known = check.policy.purposes.get(id);
  const registered = purposeOf(check.data as unknown as PurposeRegistered);
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(registered)) {
    check.problem(
      'purpose',
      'purpose-exists',
      'is registered already, otherwise than this',
      'choose another id, or use the purpose as it is',
    );
  }
  const bases = check.data.bases as { jurisdiction: string; bases: string[] }[];
  const seen = new Set<string>();
  bases.forEach(({ jurisdiction, bases: named }, i) => {
    if (seen.has(jurisdiction)) check.problem(`bases/${i}/jurisdiction`, 'ambiguous-bases', 'is named twice', 'name its bases once');
    seen.add(jurisdiction);
    const there = check.policy.bases.get(jurisdiction);
    if (there === undefined) {
      check.unknown(check.policy.jurisdictions, `bases/${i}/jurisdiction`, 'jurisdiction');
      return;
    }
    named.forEach((basis, k) => {
      if (!there.has(basis)) check.unknown(there, `bases/${i}/bases/${k}`, 'basis');
    });
  });
};
