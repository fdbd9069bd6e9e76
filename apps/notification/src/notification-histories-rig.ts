import { randomUUID } from 'node:crypto';
import { NotificationModel, type Contact, type Person, type Smtp, type Wanted } from './notification-model-rig.js';
import type { NotificationRig } from './notification-rig.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const PAUSES = [0, 0, 0, MINUTE, 10 * MINUTE, 2 * HOUR, DAY, 3 * DAY, 15 * DAY];
const CHANNELS = ['email', 'sms', 'voice', 'push', 'letter', 'line'];
const FAULTS: Record<Exclude<Smtp, 'down'>, object> = {
  up: {},
  later: { mail: Array.from({ length: 1_000 }, () => '451 4.3.0 Later') },
  refuses: { refuseAll: true },
  drops: { drop: 1_000 },
};

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

/** For specs only: what may happen to some people, by chance, to the service and to its model at once. */
export class History {
  readonly model = new NotificationModel();
  /** What happened, for whoever has to understand a failure. */
  readonly told: string[] = [];
  private readonly requests: { id: string; person: Person; over: boolean }[] = [];
  /** Data from third parties that the person was not told of: by position, since when. */
  private readonly supplied: { person: Person; position: number; at: number }[] = [];
  /** Clicks that the consent service has not decided on. */
  private undecided: { person: Person; channels: string[] }[] = [];
  private count = 0;
  private mode: Smtp = 'up';

  constructor(
    readonly rig: NotificationRig,
    private readonly random: () => number,
  ) {
    for (let n = 0; n < 4; n++) this.meet();
  }

  get now(): number {
    return this.rig.time.getTime();
  }

  async step(): Promise<void> {
    this.rig.time = new Date(this.now + 1_000);
    await this.pick<() => Promise<void> | void>([
      () => this.burst(),
      () => this.burst(),
      () => this.announce(),
      () => this.announce(),
      () => this.announce(),
      () => this.click(),
      () => this.click(),
      () => this.comeBack(),
      () => this.changeMinds('up'),
      () => this.changeMinds('later'),
      () => this.decideClicks(),
      () => this.publish(),
      () => this.turn(),
      () => this.turn(),
      () => void (this.rig.consentAnswers = this.random() < 0.7),
      () => (this.random() < 0.3 ? this.restart() : this.burst()),
      () => (this.random() < 0.2 ? this.rebuild() : this.burst()),
    ])();
    await this.pass(0);
    await this.pass(this.pick(PAUSES));
  }

  /** Everything works again, and whoever asked is answered. */
  async rest(): Promise<void> {
    this.rig.time = new Date(this.now + 1_000);
    this.decideClicks();
    await this.to('up');
    this.rig.consentAnswers = true;
    for (const request of this.requests.filter(({ over }) => !over)) this.lastWord(request);
    for (const pause of [0, MINUTE, 2 * HOUR, DAY, 2 * DAY]) await this.pass(pause);
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)]!;
  }

  private async pass(pause: number): Promise<void> {
    if (pause > 0) this.told.push(`  then ${pause / HOUR} hours`);
    this.tellOfSupplied(this.now + pause);
    await this.rig.later(pause);
  }

  private tell(what: string, ...about: unknown[]): void {
    this.told.push(`${this.rig.time.toISOString()} ${what} ${JSON.stringify(about)}`);
  }

  private want(wanted: Omit<Wanted, 'at' | 'sendAt'> & { sendAt?: number }): void {
    this.model.wanted.push({ ...wanted, at: this.now, sendAt: wanted.sendAt ?? this.now });
  }

  private living(): Person | undefined {
    return this.pick(this.model.people.filter((one) => !this.model.isForgotten(one, this.now)));
  }

  private contact(account: string): Contact {
    const email = `${account}.${this.count++}@example.co.th`;
    return this.pick([{ email }, { email }, { email, sms: '+66812345678' }, { sms: '+66812345678' }, {}]);
  }

  private meet(): void {
    const account = `p${this.count++}`;
    const contact = this.contact(account);
    const id = this.rig.somebody(account, { ...contact });
    this.model.people.push({ id, account, contacts: [{ at: this.now, contact }], choices: [], clicks: [], closings: [] });
    this.tell(`${account} is met`, id, contact);
    if (this.random() < 0.9) this.choose(this.model.people.at(-1)!, true);
  }

  /** Several things that are sealed at once. */
  private burst(): void {
    for (let n = this.pick([1, 2, 3, 4]); n > 0; n--) {
      const person = this.living();
      if (!person) return this.meet();
      this.pick<(person: Person) => void>([
        (one) => this.move(one),
        (one) => this.choose(one),
        (one) => this.choose(one),
        (one) => this.ask(one),
        (one) => this.ask(one),
        (one) => this.answer(one),
        (one) => this.answer(one),
        (one) => this.supply(one),
        (one) => this.end(one),
        (one) => this.close(one),
        (one) => (this.random() < 0.1 ? this.object(one) : this.choose(one)),
        (one) => (this.random() < 0.4 ? this.forget(one) : this.meet()),
      ])(person);
    }
  }

  private move(person: Person): void {
    const contact = this.contact(person.account);
    this.rig.contacts.set(person.id, { ...contact });
    this.rig.collect(person.id);
    person.contacts.push({ at: this.now, contact });
    this.tell(`${person.account} moves`, contact);
  }

  private choose(person: Person, on = this.random() < 0.7): void {
    // Nobody says two things at once.
    if (person.choices.at(-1)?.at === this.now) return;
    const channels = this.pick([undefined, undefined, ['email'], ['sms']]);
    this.rig.chose(person.id, on ? 'given' : 'withdrawn', channels);
    person.choices.push({ at: this.now, on, channels: channels ?? CHANNELS });
    this.tell(`${person.account} says ${on ? 'yes' : 'stop'}`, channels);
  }

  /** Whoever clicked consents again. */
  private comeBack(): void {
    const person: Person | undefined = this.pick(
      this.model.people.filter((one) => one.clicks.length > 0 && !this.model.isForgotten(one, this.now)),
    );
    if (person) this.choose(person, true);
  }

  /** People say stop while messages to them wait, or are under way. */
  private async changeMinds(mode: Smtp): Promise<void> {
    this.rig.consentAnswers = true;
    for (const person of this.model.people) if (!this.model.isForgotten(person, this.now) && this.random() < 0.5) this.choose(person, true);
    this.rig.time = new Date(this.now + 1_000);
    await this.to(mode);
    await this.announce();
    await this.pass(0);
    this.rig.time = new Date(this.now + 1_000);
    for (const person of this.model.people)
      if (!this.model.isForgotten(person, this.now) && this.random() < 0.5) this.choose(person, false);
    await this.to('up');
  }

  private object(person: Person): void {
    this.rig.objected(person.id);
    person.objectedAt ??= this.now;
    this.tell(`${person.account} objects`);
  }

  private ask(person: Person): void {
    const request = { id: randomUUID(), person, over: false };
    this.requests.push(request);
    if (this.random() < 0.4) {
      const reply = `reply.${this.count++}@example.org`;
      this.model.replies.set(request.id, reply);
      this.rig.replies.set(request.id, reply);
    }
    this.due(request, 'received');
  }

  private answer(person: Person): void {
    const request = this.requests.find((one) => one.person === person && !one.over);
    if (!request) return this.ask(person);
    if (this.random() < 0.5) this.due(request, this.pick(['accepted', 'identity-needed', 'clarification-needed']));
    else this.lastWord(request);
  }

  private lastWord(request: { id: string; person: Person; over: boolean }): void {
    request.over = true;
    this.due(request, this.pick(['fulfilled', 'closed', 'refused']));
  }

  private due({ id, person }: { id: string; person: Person }, template: string): void {
    const cause = randomUUID();
    const more = template === 'refused' ? { reason: 'The contract still runs.', law: 'PDPA s.33', authority: 'pdpc' } : {};
    this.rig.seal({
      ...{ id: cause, type: 'attesta.request.message-due.v1', source: '//attesta/requests', subject: person.id },
      data: { request: id, cause: randomUUID(), template, to: 'subject', language: 'en', right: 'access', ...more },
    });
    this.want({ person, template: `request-${template}`, cause, kind: 'legal', marker: id, request: id });
    this.tell(`${template} is due to ${person.account}`, id, cause);
  }

  private end(person: Person): void {
    const cause = randomUUID();
    this.rig.seal({
      ...{ id: cause, type: 'attesta.consequences.communicated.v1', source: '//attesta/consent', subject: person.id },
      data: {
        purposes: ['personalisation'],
        services: [{ service: 'location-services', effect: 'ends' }],
        cause: { source: '//attesta/consent', id: cause },
      },
    });
    this.want({ person, template: 'consequences', cause, kind: 'legal', marker: 'PDPA' });
    this.tell(`consequences for ${person.account}`, cause);
  }

  private supply(person: Person): void {
    const position = this.rig.collect(person.id, { origin: 'third-party', originParty: 'social-login', categories: ['usage'] });
    this.supplied.push({ person, position, at: this.now });
    this.tell(`${position} of ${person.account} comes from somebody else`);
  }

  /** Once the first of a person is a day old, all of it is told in one message. */
  private tellOfSupplied(now: number): void {
    for (const person of new Set(this.supplied.map((one) => one.person))) {
      const theirs = this.supplied.filter((one) => one.person === person);
      if (this.model.isForgotten(person, now)) for (const one of theirs) this.supplied.splice(this.supplied.indexOf(one), 1);
      else if (theirs.some(({ at }) => at + DAY <= now)) {
        for (const one of theirs) this.supplied.splice(this.supplied.indexOf(one), 1);
        const cause = `${person.id}/${theirs[0]!.position}`;
        this.model.wanted.push({
          person,
          template: 'third-party-source',
          channel: 'email',
          cause,
          kind: 'legal',
          marker: 'PDPA',
          at: now,
          sendAt: now,
        });
      }
    }
  }

  private close(person: Person): void {
    const closed = this.random() < 0.6;
    this.rig.seal({
      type: 'attesta.retention-trigger.recorded.v1',
      subject: person.id,
      data: { trigger: 'account-closed', state: closed ? 'occurred' : 'revoked' },
    });
    person.closings.push({ at: this.now, closed });
    this.tell(`the account of ${person.account} is ${closed ? 'closed' : 'open'}`);
  }

  private forget(person: Person): void {
    this.rig.forget(person.id);
    person.forgottenAt = this.now;
    this.tell(`${person.account} is forgotten`);
  }

  private publish(): void {
    const version = `v${this.count++}`;
    const cause = randomUUID();
    this.rig.seal({
      ...{ id: cause, type: 'attesta.notice.published.v1', source: '//attesta/consent' },
      data: {
        version,
        language: 'en',
        digest: 'ab'.repeat(32),
        effectiveAt: `2030-01-01T00:00:0${this.count % 10}Z`,
        changes: `It is ${version}.`,
      },
    });
    this.tell(`notice ${version}`, cause);
    for (const person of this.model.people.filter((one) => this.model.isActive(one, this.now)))
      this.want({ person, template: 'notice-changed', cause, kind: 'legal', marker: `It is ${version}.`, wave: version });
  }

  /** To everybody there is. */
  private async announce(): Promise<void> {
    const wishes = this.model.people
      .filter((one) => !this.model.isForgotten(one, this.now))
      .map((person) => {
        const marketing = this.random() < 0.8;
        const channel = marketing ? this.pick(['email', 'email', 'sms'] as const) : undefined;
        const sendAt = this.random() < 0.2 ? this.now + this.pick([HOUR, DAY, 3 * DAY]) : undefined;
        const cause = `m-${this.count++}`;
        const template = marketing ? 'announcement' : 'service-message';
        const kind = marketing ? ('marketing' as const) : ('transactional' as const);
        return { person, template, cause, kind, marker: `This is ${cause}.`, ...(channel && { channel }), ...(sendAt && { sendAt }) };
      });
    if (wishes.length === 0) return;
    const { status } = await this.rig.post('publisher', '/v1/messages', {
      source: '//crm.test',
      messages: wishes.map(({ person, template, cause, marker, channel, sendAt }) => ({
        ...{ id: cause, subject: person.id, template, values: { heading: 'Hello', body: marker } },
        ...(channel && { channel }),
        ...(sendAt !== undefined && { sendAt: new Date(sendAt).toISOString() }),
      })),
    });
    for (const { person, template, cause, channel, sendAt } of wishes)
      this.tell(`${template} ${cause} to ${person.account}`, channel, sendAt, status);
    if (status === 503 && !this.rig.consentAnswers) return;
    if (status !== 202) throw new Error(`messages were answered with ${status}`);
    for (const wish of wishes) this.want(wish);
  }

  /** On the link of a message that somebody got. */
  private async click(): Promise<void> {
    const links = this.rig.smtp.taken
      .flatMap(({ raw, to }) => {
        const token = /^List-Unsubscribe: <[^>]*\/u\/([\w-]{43})>/m.exec(raw.toString('latin1').replace(/\r\n[ \t]+/g, ' '))?.[1];
        const person = this.model.people.find(({ account }) => to[0]!.startsWith(`${account}.`));
        return token && person && !this.model.isForgotten(person, this.now) ? [{ token, person }] : [];
      })
      .sort((a, b) => (a.person.account < b.person.account ? -1 : 1));
    if (links.length === 0) return;
    const { token, person } = this.pick(links);
    const isAll = this.random() < 0.4;
    const { status } = await this.rig.click(token, isAll ? 'scope=all' : 'List-Unsubscribe=One-Click');
    const channels = isAll ? CHANNELS : ['email'];
    this.tell(`${person.account} clicks`, channels, status);
    // A message whose outcome nobody learnt is known by its row alone.
    if (status === 404 && this.model.rebuilds.length > 0) return;
    if (status !== 200) throw new Error(`a click was answered with ${status}`);
    person.clicks.push({ at: this.now, channels });
    this.undecided.push({ person, channels });
  }

  /** The consent service withdraws what a click withdrew. */
  private decideClicks(): void {
    for (const { person, channels } of this.undecided.splice(0)) {
      if (this.model.isForgotten(person, this.now)) continue;
      this.rig.chose(person.id, 'withdrawn', channels === CHANNELS ? undefined : channels);
      person.choices.push({ at: this.now, on: false, channels });
      this.tell(`the click of ${person.account} is decided`, channels);
    }
  }

  private turn(): Promise<void> {
    const email = this.pick(this.model.people).contacts.at(-1)!.contact.email;
    if (this.random() < 0.15 && email !== undefined && this.mode === 'up') {
      this.model.unknown.push({ at: this.now, address: email });
      this.tell('there is no', email);
      return this.to('up');
    }
    return this.to(this.pick(['up', 'up', 'up', 'down', 'later', 'refuses', 'drops'] as const));
  }

  private async to(mode: Smtp): Promise<void> {
    if (mode === 'down' && this.mode !== 'down') await this.rig.smtp.down();
    if (mode !== 'down' && this.mode === 'down') await this.rig.smtp.up();
    if (mode !== 'down') this.rig.smtp.set({ ...FAULTS[mode], unknown: this.model.unknown.map(({ address }) => address) });
    this.mode = mode;
    this.model.smtp.push({ at: this.now, mode });
    this.tell(`the mail server is ${mode}`);
  }

  private async restart(): Promise<void> {
    this.tell('restart');
    await this.rig.restart();
  }

  private async rebuild(): Promise<void> {
    this.tell('rebuild');
    // Clicks that are not decided are in the log, where the consent service finds them.
    this.decideClicks();
    await this.rig.rebuild();
    this.model.rebuilds.push(this.now);
    for (const wanted of this.model.wanted) if (wanted.kind !== 'legal') wanted.lost = true;
  }
}
