import { amended, type Amendment, type Policy } from '@attesta/policy';

/** Something sealed that added to the policy, or says that a purpose is not in it. */
export interface Change {
  position: number;
  event: string;
  purpose?: string | null | undefined;
  data: object;
  /** Milliseconds. */
  occurredAt: number;
}

const AMENDMENTS: Readonly<Record<string, Amendment['type']>> = {
  'notice-published': 'attesta.notice.published.v1',
  'purpose-registered': 'attesta.purpose.registered.v1',
};

/** The policy as it stood at each position of the log: the file, and what was sealed before. */
export class PolicyHistory {
  private readonly changes: Change[] = [];
  /** By how many changes are in it. */
  private readonly policies = new Map<number, Policy>();

  constructor(private readonly file: Policy) {}

  add(change: Change): void {
    const later = this.changes.findIndex(({ position }) => position > change.position);
    this.changes.splice(later < 0 ? this.changes.length : later, 0, change);
    this.policies.clear();
  }

  /** The policy with what was sealed before this position. */
  at(position: number): Policy {
    const before = this.changes.filter((change) => change.position < position);
    if (before.length === 0) return this.file;
    let policy = this.policies.get(before.length);
    if (!policy) {
      policy = amended(
        this.file,
        before.flatMap(({ event, data, occurredAt }) => {
          const type = AMENDMENTS[event];
          return type === undefined ? [] : [{ type, time: new Date(occurredAt).toISOString(), data } as Amendment];
        }),
      );
      this.policies.set(before.length, policy);
    }
    return policy;
  }

  /** Position of the last entry before this one that registered the purpose, or put it in quarantine. */
  lastWord(purpose: string, position: number): number | undefined {
    return this.changes.findLast((change) => change.purpose === purpose && change.position < position)?.position;
  }
}
