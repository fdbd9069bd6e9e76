import { endOfDuration, type PolicySource } from '@attesta/policy';

/** For specs only: what must be gone and what must stay, worked out anew from all that ever happened, without a line of the service. */
export interface ModelPart {
  position: number;
  part: number;
  subject: string;
  key: string | null;
  categories: string[];
  purposes: string[];
  collectedAt: number;
  approved: boolean;
  keptUntil: number | undefined;
}

export interface ModelHold {
  id: string;
  subject: string | undefined;
  categories: string[] | undefined;
  purposes: string[] | undefined;
}

/** A trigger, or something that was found: of a person or of everybody. */
interface Fact {
  trigger: string;
  occurred: boolean;
  at: number;
  subject: string | undefined;
  collectedUntil: number | undefined;
  purposes: string[] | undefined;
  categories: string[] | undefined;
}

interface Choice {
  subject: string;
  yes: boolean;
  at: number;
  purpose: string;
  channels: string[] | undefined;
}

interface Link {
  position: number;
  person: string;
  identity: string;
  linked: boolean;
}

/** Why a part may go: when, and whether somebody has to look at it first. */
export interface Verdict {
  due: number;
  review: boolean;
  asked: boolean;
}

export class RetentionModel {
  readonly parts: ModelPart[] = [];
  readonly holds = new Map<string, ModelHold>();
  readonly facts: Fact[] = [];
  readonly choices: Choice[] = [];
  readonly links: Link[] = [];

  constructor(private readonly policy: PolicySource) {}

  isHeld(part: ModelPart): boolean {
    return [...this.holds.values()].some(
      ({ subject, categories, purposes }) =>
        (subject === undefined || subject === part.subject) &&
        (categories === undefined || categories.some((one) => part.categories.includes(one))) &&
        (purposes === undefined || purposes.some((one) => part.purposes.includes(one))),
    );
  }

  /** Whose an identity's part is: the person who was tied when it came, or the first who was tied after it, before anybody else let go of it. */
  ownersOf({ subject, position }: ModelPart): string[] {
    const links = this.links.filter(({ identity }) => identity === subject);
    return [...new Set(links.map(({ person }) => person))].filter((person) => {
      let tied = false;
      for (const link of links.filter((one) => one.position < position)) if (link.person === person) tied = link.linked;
      if (tied) return true;
      const before = links.filter((one) => one.position < position).at(-1);
      const next = links.find((one) => one.position > position);
      return next?.linked === true && next.person === person && (before === undefined || (!before.linked && before.person !== person));
    });
  }

  /** When all that keeps a part has ended; Infinity while something runs that has no end yet. */
  verdict(part: ModelPart, now: number): Verdict {
    const whose = [part.subject, ...this.ownersOf(part)];
    let due = -Infinity;
    let asked = false;
    const ending: { action: string; until: number; need: boolean; overrides: readonly string[] }[] = [];
    for (const category of part.categories) {
      for (const purpose of part.purposes) {
        const rules = this.policy.retention.filter(
          (rule) =>
            (rule.categories === undefined || rule.categories.includes(category)) &&
            (rule.purposes === undefined || rule.purposes.includes(purpose)) &&
            (rule.jurisdiction === undefined || rule.jurisdiction === 'th-pdpa'),
        );
        const ends = rules.map(({ action, ground, trigger, duration, despite = [] }) => {
          const from = trigger === 'collection' ? part.collectedAt : this.began(this.meaningOf(trigger), part, whose, category, purpose);
          const until = from === undefined ? Infinity : endOfDuration(from, duration);
          return { action, ground, until, need: ground === 'need', overrides: until < Infinity ? despite : [] };
        });
        const overridden = ends.flatMap(({ overrides }) => overrides);
        const needs = ends.filter(({ need }) => need).sort((a, b) => a.until - b.until);
        const duties = ends.filter(({ need, ground }) => !need && !overridden.some((one) => one === ground));
        const askedAt = this.began(['erasure-asked'], part, whose, category, purpose) ?? Infinity;
        const first = needs[0]?.until ?? Infinity;
        if (askedAt < Infinity) asked = true;
        if (first < askedAt) ending.push(needs[0]!);
        ending.push(...duties.filter(({ until }) => until < Infinity));
        const needed = needs.length === 0 && duties.length > 0 ? -Infinity : Math.min(first, askedAt);
        due = Math.max(due, needed, ...duties.map(({ until }) => until));
      }
    }
    const ended = ending.filter(({ until }) => until <= (due < Infinity ? due : now));
    const ofNeed = ended.filter(({ need }) => need);
    const review =
      !asked &&
      !ofNeed.some(({ overrides }) => overrides.length > 0) &&
      (ofNeed.length > 0 ? ofNeed : ended).some(({ action }) => action === 'review');
    return { due: due < Infinity && part.keptUntil !== undefined ? Math.max(due, part.keptUntil) : due, review, asked };
  }

  /** Whether a part has to go by now. */
  isFree(part: ModelPart, now: number): boolean {
    const { due, review } = this.verdict(part, now);
    return due <= now && !this.isHeld(part) && (!review || part.approved);
  }

  private meaningOf(trigger: string): string[] {
    const implied = this.policy.triggers?.find(({ id }) => id === trigger)?.impliedBy ?? [];
    return [trigger, ...implied.flatMap((one) => this.meaningOf(one))];
  }

  /** Since when one of these stands, as far as it is about the part. */
  private began(triggers: string[], part: ModelPart, whose: string[], category: string, purpose: string): number | undefined {
    const since = triggers.flatMap((trigger) => {
      const stands: (readonly [number, boolean])[] =
        trigger === 'consent-withdrawn'
          ? whose.flatMap((subject) => this.withdrawals(subject, purpose))
          : this.facts
              .filter(
                (fact) =>
                  fact.trigger === trigger &&
                  (fact.subject === undefined || whose.includes(fact.subject)) &&
                  (fact.categories?.includes(category) ?? true) &&
                  (fact.purposes?.includes(purpose) ?? true),
              )
              .filter(({ at, collectedUntil }) => part.collectedAt <= (collectedUntil ?? at))
              .map(({ at, occurred }) => [at, occurred] as const);
      let start: number | undefined;
      for (const [at, occurred] of stands
        .filter(([when]) => trigger !== 'consent-withdrawn' || part.collectedAt <= when)
        .sort((a, b) => a[0] - b[0]))
        start = occurred ? (start ?? at) : undefined;
      return start ?? [];
    });
    return since.length > 0 ? Math.min(...since) : undefined;
  }

  /** When consent to a purpose ended by every channel, and when it stood again. */
  private withdrawals(subject: string, purpose: string): (readonly [number, boolean])[] {
    const channels = this.policy.purposes.find(({ id }) => id === purpose)?.channels ?? ['whole'];
    const open = new Map(channels.map((channel) => [channel, false]));
    return this.choices
      .filter((choice) => choice.subject === subject && choice.purpose === purpose)
      .flatMap((choice): (readonly [number, boolean])[] => {
        for (const channel of channels)
          if (channels[0] === 'whole' || (choice.channels?.includes(channel) ?? true)) open.set(channel, choice.yes);
        const stands = [...open.values()].some(Boolean);
        if (stands) return [[choice.at, false]];
        return choice.yes ? [] : [[choice.at, true]];
      });
  }
}
