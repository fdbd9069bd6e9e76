import type { Policy, PolicySource } from '@attesta/policy';

/** What the notice and the law say. How codes and messages are guarded, and how large values may be, is nobody's business but the services'. */
export type OpenPolicy = Required<Omit<PolicySource, 'title_th' | 'requests' | 'messages' | 'breaches' | 'limits' | 'backups'>> & {
  /** ISO 8601 duration */
  backupsKeptFor: string;
};

export function openPart(policy: Policy): OpenPolicy {
  const { id, title, version, ages, retention, backupsKeptFor } = policy;
  return {
    id,
    title,
    version,
    controllers: all(policy.controllers),
    notices: [...policy.notices.values()].flat(),
    jurisdictions: all(policy.jurisdictions),
    retentionClasses: all(policy.retentionClasses),
    categories: all(policy.categories),
    occasions: all(policy.occasions),
    methods: all(policy.methods),
    purposes: all(policy.purposes),
    services: all(policy.services),
    parties: all(policy.parties),
    rights: all(policy.rights),
    duties: all(policy.duties),
    clocks: all(policy.clocks),
    refusals: all(policy.refusals),
    ages: [...ages],
    triggers: all(policy.triggers),
    retention: [...retention],
    backupsKeptFor,
  };
}

const all = <T>(items: ReadonlyMap<string, T>): T[] => [...items.values()];
