import { randomUUID } from 'node:crypto';
import type { DueReview } from './reviews.js';
import type { Placed } from './holds.js';
import { RetentionModel, type ModelPart } from './retention-model-rig.js';
import type { RetentionRig } from './retention-rig.js';

const DAY = 86_400_000;
const MINUTE = 60_000;
const SETS = [
  ['contact'],
  ['contact', 'preferences'],
  ['preferences'],
  ['transaction', 'payment'],
  ['usage'],
  ['usage', 'device'],
  ['location'],
  ['feedback'],
  ['health'],
  ['religion', 'health'],
];
const PURPOSES = [['service-fulfilment'], ['marketing'], ['personalisation', 'marketing'], ['legal-compliance'], ['personalisation']];
const CHANNELS = [undefined, undefined, ['email'], ['sms', 'email'], ['sms']];
const PAUSES = [0, 0, DAY, 31 * DAY, 91 * DAY, 400 * DAY, 2 * 366 * DAY];

/** The same numbers from 0 to below 1 for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** For specs only: what may happen to some people and their devices, by chance, to the service and to its model at once. */
export class History {
  readonly model: RetentionModel;
  /** What was asked to be erased, by request. */
  readonly asked = new Map<string, { subject: string; at: number; spared: boolean; whole: boolean }>();
  readonly forgotten = new Set<string>();
  readonly people = Array.from({ length: 3 }, () => randomUUID());
  readonly devices = Array.from({ length: 2 }, () => randomUUID());
  /** What happened, for whoever has to understand a failure. */
  readonly told: string[] = [];

  constructor(
    /** Another one may go on from where it stopped. */
    public rig: RetentionRig,
    private readonly random: () => number,
  ) {
    this.model = new RetentionModel(rig.policy);
  }

  get now(): number {
    return this.rig.time.getTime();
  }

  /** Lets something happen, and then time pass. */
  async step(): Promise<void> {
    const { rig } = this;
    rig.time = new Date(this.now + MINUTE);
    await this.pick<() => Promise<void> | void>([
      () => this.collect(),
      () => this.collect(),
      () => this.collect(),
      () => this.trigger(),
      () => this.choose(),
      () => this.hold(),
      () => this.release(),
      () => this.ask(),
      () => this.age(),
      () => this.link(),
      () => this.review(),
      () => void (rig.ledger.systems = this.random() < 0.5 ? undefined : this.answers()),
      () => void (rig.ledger.obeys = this.random() < 0.5),
    ])();
    const pause = this.pick(PAUSES);
    this.told.push(`  then ${pause / DAY} days`);
    await rig.later(pause, () => (this.random() < 0.02 ? rig.restart() : undefined));
  }

  /** Systems and ledger do all that they were asked. */
  async rest(): Promise<void> {
    this.rig.ledger.systems ??= [];
    this.rig.ledger.obeys = true;
    await this.rig.later(0);
  }

  get isAtRest(): boolean {
    return this.rig.ledger.systems !== undefined && this.rig.ledger.obeys;
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)]!;
  }

  private answers() {
    return this.random() < 0.7
      ? []
      : [{ system: 'crm', outcome: 'done' as const, kept: [{ category: 'contact', reason: 'An invoice is open.' }] }];
  }

  private someone(from = [...this.people, ...this.people, ...this.devices]): string | undefined {
    return this.pick(from.filter((one) => !this.forgotten.has(one)));
  }

  private tell(what: string, about: unknown): void {
    this.told.push(`${new Date(this.now).toISOString()} ${what} ${JSON.stringify(about)}`);
  }

  private collect(): void {
    const subject = this.someone();
    if (subject === undefined) return;
    const [categories, purposes, sealed] = [this.pick(SETS), this.pick(PURPOSES), this.random() < 0.75];
    const at = new Date(this.now - this.pick([0, 0, 5 * DAY]));
    const position = this.rig.collect(subject, categories, { purposes, at, sealed });
    const byClass = new Map<string, string[]>();
    for (const category of categories) {
      const name = this.rig.retention.policy.retentionClass(category);
      byClass.set(name, [...(byClass.get(name) ?? []), category]);
    }
    const keys = this.rig.ledger.entry(position).sealed?.map(({ key }) => key);
    [...byClass.values()].forEach((held, i) => {
      const key = keys?.[i] ?? null;
      const one = { position, part: sealed ? i : -1 - i, subject, key, categories: held, purposes, collectedAt: at.getTime() };
      this.model.parts.push({ ...one, approved: false, keptUntil: undefined });
    });
    this.tell(`${position} collected of ${subject}`, [categories, purposes, keys, at]);
  }

  private trigger(): void {
    const isGeneral = this.random() < 0.3;
    const subject = isGeneral ? undefined : this.someone();
    if (!isGeneral && subject === undefined) return;
    const trigger = this.pick(
      isGeneral ? ['tax-filing', 'account-closing'] : ['account-closed', 'contract-end', 'case-closed', 'case-closed'],
    );
    const occurred = this.random() < 0.75;
    const collectedUntil = isGeneral ? this.now - this.pick([0, 100 * DAY]) : undefined;
    this.rig.trigger(trigger, subject, {
      state: occurred ? 'occurred' : 'revoked',
      ...(collectedUntil !== undefined && { collectedUntil: new Date(collectedUntil).toISOString() }),
    });
    this.note(trigger, subject, occurred, { collectedUntil });
  }

  private note(
    trigger: string,
    subject: string | undefined,
    occurred: boolean,
    more: { collectedUntil?: number; categories?: string[] } = {},
  ) {
    const { collectedUntil, categories } = more;
    this.model.facts.push({ trigger, occurred, at: this.now, subject, collectedUntil, purposes: undefined, categories });
    this.tell(`${trigger} of ${subject}`, [occurred, more]);
  }

  private choose(): void {
    const subject = this.someone();
    if (subject === undefined) return;
    const [yes, channels, purpose] = [
      this.random() < 0.5,
      this.pick(CHANNELS),
      this.pick(['marketing', 'service-fulfilment', 'personalisation']),
    ];
    const name = yes ? this.pick(['given', 'renewed']) : this.pick(['withdrawn', 'revoked', 'expired', 'invalidated']);
    this.rig.seal({
      type: `attesta.consent.${name}.v1`,
      source: '//attesta/consent',
      subject,
      data: {
        purposes: [purpose],
        method: 'preference-center',
        by: 'subject',
        cause: { source: '//storefront.test', id: randomUUID() },
        ...(channels && { channelPreferences: channels }),
      },
    });
    this.model.choices.push({ subject, yes, at: this.now, purpose, channels });
    this.tell(`consent ${name} by ${subject}`, [purpose, channels]);
  }

  private async hold(): Promise<void> {
    const subject = this.random() < 0.7 ? this.someone() : undefined;
    const categories = this.random() < 0.6 ? this.pick(SETS) : undefined;
    const purposes = this.random() < 0.3 ? this.pick(PURPOSES) : undefined;
    const body = { subject, matter: 'case-7/2569', reason: 'A claim was announced.', categories, purposes };
    const { body: placed } = await this.rig.post<Placed>('dpo', '/v1/holds', body);
    this.model.holds.set(placed.hold.id, { id: placed.hold.id, subject, categories, purposes });
    this.tell(`hold on ${subject}`, [categories, purposes]);
  }

  private async release(): Promise<void> {
    const hold: string | undefined = this.pick([...this.model.holds.keys()]);
    if (hold === undefined) return;
    await this.rig.post('dpo', `/v1/holds/${hold}/release`, { reason: 'The case was settled.' });
    this.model.holds.delete(hold);
    this.tell('released', hold);
  }

  private ask(): void {
    const subject = this.someone(this.people);
    if (subject === undefined) return;
    const whole = this.random() < 0.5;
    const named = whole ? undefined : this.pick(SETS);
    const identities = this.model.links.filter(({ person }) => person === subject).map(({ identity }) => identity);
    const theirs = this.model.parts.filter((part) => part.subject === subject || identities.includes(part.subject));
    const held = named ?? [...new Set(theirs.flatMap(({ categories }) => categories))];
    const spared = held.filter(() => this.random() < 0.1);
    const erased = held.filter((one) => !spared.includes(one));
    const survivors = spared.map((category) => ({ category, ground: 'tax-records', law: 'Revenue Code s.87/3' }));
    const request = this.rig.askErasure(subject, named, erased, survivors);
    this.asked.set(request, { subject, at: this.now, spared: spared.length > 0, whole });
    this.note('erasure-asked', subject, true, held.length > 0 ? { categories: held } : {});
  }

  private age(): void {
    const subject = this.someone();
    if (subject === undefined || this.random() < 0.4) return;
    const isChild = this.random() < 0.5;
    this.rig.seal({
      type: 'attesta.age.attested.v1',
      subject,
      data: { rules: [isChild ? 'th-under-ten' : 'th-ten-to-nineteen'], method: 'document' },
    });
    this.note('minor-found', subject, isChild);
    if (isChild) this.note('account-closed', subject, true);
  }

  private link(): void {
    const identity = this.someone(this.devices);
    if (identity === undefined) return;
    const ties = this.model.links.filter((link) => link.identity === identity);
    const person = ties[0]?.person ?? this.someone(this.people);
    if (person === undefined || ties.length > 1 || this.forgotten.has(person)) return;
    const linked = ties.length === 0;
    const position = this.rig.seal({
      type: `attesta.identifier.${linked ? 'linked' : 'unlinked'}.v1`,
      subject: person,
      data: { kind: 'device', rule: 'login', related: [{ subject: identity, role: 'linked' }] },
    });
    this.model.links.push({ position, person, identity, linked });
    this.tell(`${position} ${linked ? 'link' : 'unlink'} of ${identity}`, person);
  }

  private async review(): Promise<void> {
    const { body } = await this.rig.get<{ data: DueReview[] }>('dpo', '/v1/reviews');
    const due: DueReview | undefined = this.pick(body.data);
    if (!due) return;
    const until = this.random() < 0.5 ? this.now + 200 * DAY : undefined;
    const { subject, categories } = due;
    const outcome = until === undefined ? 'dispose' : 'keep';
    const decision = {
      subject,
      categories,
      outcome,
      reason: 'Looked at.',
      ...(until !== undefined && { until: new Date(until).toISOString() }),
    };
    const { status } = await this.rig.post('dpo', '/v1/reviews', decision);
    if (status !== 200) throw new Error(`the review of what is due for it was answered with ${status}`);
    for (const part of this.waiting(subject, categories)) {
      part.approved = until === undefined;
      part.keptUntil = until;
    }
    this.tell('reviewed', [subject, categories, until]);
  }

  private waiting(subject: string, categories: string[]): ModelPart[] {
    return this.model.parts.filter((part) => {
      if (part.subject !== subject || part.approved || !part.categories.some((one) => categories.includes(one))) return false;
      const { due, review } = this.model.verdict(part, this.now);
      return review && due <= this.now;
    });
  }
}
