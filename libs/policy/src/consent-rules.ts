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
