import type {
  CollectionRecorded,
  ConsentCaptured,
  DisclosureRecorded,
  EventTypes,
  NoticeCommunicated,
  RequestOverdue,
} from '@attesta/events';
import type { Policy } from '@attesta/policy';
import type { Fact } from './fact.js';
import type {
  Candidate,
  CollectedFact,
  ConfinedFact,
  ConsentFact,
  DisposalFact,
  FlagFact,
  KnownFacts,
  LinkFact,
  SuppliedFact,
  ToldFact,
} from './candidate.js';
import { PolicyHistory } from './policy-history.js';
import { tellsOfSource } from './sources.decider.js';

const KINDS = {
  'attesta.collection.recorded': 'collection',
  'attesta.use.recorded': 'use',
  'attesta.disclosure.recorded': 'disclosure',
  'attesta.request.overdue': 'overdue',
  'attesta.disposal.task-stuck': 'stuck',
  'attesta.message.handed-off': 'message',
  'attesta.message.suppressed': 'undelivered',
  'attesta.message.failed': 'undelivered',
  'attesta.breach.overdue': 'breach',
  'attesta.consent.captured': 'consent',
  'attesta.notice.communicated': 'told',
} as const;

type DisposalTaskStuck = EventTypes['attesta.disposal.task-stuck.v1'];
type MessageHandedOff = EventTypes['attesta.message.handed-off.v1'];
type BreachOverdue = EventTypes['attesta.breach.overdue.v1'];

/** The entry as something to be judged, if it is a kind of entry that can break a clause. */
export function candidateOf({ position, entry, name, data, occurredAt, recordedAt }: Fact): Candidate | undefined {
  const kind = KINDS[name as keyof typeof KINDS];
  if (kind === undefined) return undefined;
  const { status, by, capacity } = data as Partial<ConsentCaptured>;
  const { about, covers } = data as Partial<NoticeCommunicated>;
  if ((kind === 'consent' && status !== 'given') || (kind === 'told' && about !== 'third-party-source')) return undefined;
  const {
    categories,
    purposes,
    basis,
    controller,
    jurisdiction,
    related,
    method,
    recipient,
    initiator,
    origin,
    context,
    clock,
    system,
    reason,
  } = data as Partial<CollectionRecorded & DisclosureRecorded & RequestOverdue & DisposalTaskStuck>;
  const { purpose, channel, template, kind: messageKind, exposed, duty, due } = data as Partial<MessageHandedOff & BreachOverdue>;
  return {
    kind,
    position,
    subject: entry.subject?.id,
    related: related?.map(({ subject }) => subject) ?? [],
    occurredAt,
    recordedAt,
    categories: categories ?? [],
    purposes: purposes ?? (purpose === undefined ? [] : [purpose]),
    basis: basis ?? '',
    controller,
    jurisdiction,
    method,
    recipient,
    initiator,
    origin,
    context,
    clock,
    system,
    reason,
    channel,
    template,
    messageKind,
    exposed,
    duty,
    due,
    by,
    ...(capacity !== undefined && { capable: true }),
    covers,
  };
}

/** Methods whose data may go to some recipients only. */
export const confinedMethods = (policy: Policy): string[] =>
  [...policy.methods.values()].filter(({ onlyTo }) => onlyTo !== undefined).map(({ id }) => id);

/** Facts by the people they are about. */
export class FactIndex {
  private readonly consents = new Map<string, ConsentFact[]>();
  private readonly links = new Map<string, LinkFact[]>();
  private readonly confined = new Map<string, ConfinedFact[]>();
  private readonly open = new Map<string, CollectedFact[]>();
  private readonly disposals = new Map<string, DisposalFact[]>();
  private readonly collected = new Map<string, CollectedFact[]>();
  private readonly flags = new Map<string, FlagFact[]>();
  private readonly supplied = new Map<string, SuppliedFact[]>();
  private readonly suppliedAt = new Map<number, SuppliedFact>();
  private readonly told: ToldFact[] = [];
  readonly history: PolicyHistory;

  /** @param policy as the file has it */
  constructor(policy: Policy) {
    this.history = new PolicyHistory(policy);
  }

  addConsent(fact: ConsentFact): void {
    put(this.consents, fact.subject, fact);
  }

  addLink(fact: LinkFact): void {
    put(this.links, fact.person, fact);
    if (fact.identity !== fact.person) put(this.links, fact.identity, fact);
  }

  addConfined(fact: ConfinedFact): void {
    put(this.confined, fact.subject, fact);
  }

  addDisposal(fact: DisposalFact): void {
    put(this.disposals, fact.subject, fact);
  }

  /** @param open by a method that confines it to nobody */
  addCollected(fact: CollectedFact, open: boolean): void {
    put(this.collected, fact.subject, fact);
    if (open) put(this.open, fact.subject, fact);
  }

  addFlag(fact: FlagFact): void {
    put(this.flags, fact.subject, fact);
  }

  addSupplied(fact: SuppliedFact): void {
    put(this.supplied, fact.subject, fact);
    this.suppliedAt.set(fact.position, fact);
  }

  addTold(fact: ToldFact): void {
    this.told.push(fact);
  }

  /** Lets go of what a notice told of: no later one is late with it. */
  dropTold(notice: ToldFact): void {
    for (const fact of this.suppliedFor(notice)) if (tellsOfSource(notice, fact)) this.dropSupplied(fact);
  }

  private dropSupplied({ subject, position }: SuppliedFact): void {
    const left = this.supplied.get(subject)?.filter((one) => one.position !== position) ?? NONE;
    if (left.length > 0) this.supplied.set(subject, left);
    else this.supplied.delete(subject);
    this.suppliedAt.delete(position);
  }

  private suppliedFor({ subject, covers }: ToldFact): readonly SuppliedFact[] {
    if (subject !== undefined) return this.supplied.get(subject) ?? NONE;
    return covers?.map((position) => this.suppliedAt.get(position)).filter((fact) => fact !== undefined) ?? NONE;
  }

  /** Lets go of what somebody, who is forgotten, was not told of. */
  dropSuppliedOf(subject: string): void {
    for (const fact of this.supplied.get(subject) ?? NONE) this.dropSupplied(fact);
  }

  /** Lets go of every tie of somebody. */
  untie(subject: string): void {
    for (const { person, identity } of this.links.get(subject) ?? []) {
      const other = person === subject ? identity : person;
      const theirs = this.links.get(other)?.filter((link) => link.person !== subject && link.identity !== subject);
      if (theirs) this.links.set(other, theirs);
    }
    this.links.delete(subject);
  }

  /** Everybody tied to one of these people at any time. */
  tiedTo(people: Iterable<string>): Set<string> {
    const found = new Set<string>();
    for (const one of people) for (const { person, identity } of this.links.get(one) ?? []) found.add(person).add(identity);
    return found;
  }

  knownOf(candidate: Candidate): KnownFacts {
    const { subject, related, kind } = candidate;
    const named = subject === undefined ? related : [subject, ...related];
    const links =
      named.length === 1 ? (this.links.get(named[0]!) ?? NONE) : [...new Set(named.flatMap((one) => this.links.get(one) ?? []))];
    const ofNobody = { ...NOTHING, links, history: this.history };
    if (kind === 'told') return { ...ofNobody, supplied: this.suppliedFor(candidate), told: this.told };
    if (subject === undefined) return ofNobody;
    const people = links.length === 0 ? [subject] : [...this.tiedTo([subject]).add(subject)];
    return {
      ...ofNobody,
      consents: people.length === 1 ? (this.consents.get(subject) ?? NONE) : people.flatMap((one) => this.consents.get(one) ?? []),
      confined: this.confined.get(subject) ?? NONE,
      open: this.open.get(subject) ?? NONE,
      disposals: this.disposals.get(subject) ?? NONE,
      collected: this.collected.get(subject) ?? NONE,
      flags: this.flags.get(subject) ?? NONE,
    };
  }
}

const NONE: never[] = [];

/** Of somebody of whom nothing is known. */
export const NOTHING: KnownFacts = {
  consents: NONE,
  links: NONE,
  confined: NONE,
  open: NONE,
  disposals: NONE,
  collected: NONE,
  flags: NONE,
  supplied: NONE,
  told: NONE,
};

function put<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
