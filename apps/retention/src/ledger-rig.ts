import { uuidOf } from '@attesta/event-log';
import type { Entry, EventTypes } from '@attesta/events';
import { canonical } from '@attesta/proof';
import { TestLedger, type Happening } from '@attesta/testing';

const LEDGER = '//attesta/ledger';

/** For specs only: a ledger in memory that closes and destroys keys as the real one does, and the requests service that answers for systems. */
export class LedgerRig {
  readonly log = new TestLedger();
  /** What systems answer to disposals that are not of a request; undefined: they take their time. */
  systems: EventTypes['attesta.disposal.systems-answered.v1']['acknowledgements'] | undefined = [];
  /** Whether it does what it is told. */
  obeys = true;
  /** Destroyed keys as `<subject> <key>`, emptied ciphertexts as `<position>/<part>`, and forgotten people. */
  readonly destroyed = new Set<string>();
  readonly removed = new Set<string>();
  readonly forgotten: string[] = [];
  private readonly keys = new Map<string, Set<string>>();
  private readonly closed = new Set<string>();
  private readonly sealed = new Map<string, string>();
  private answered = 0;
  private waiting: Entry[] = [];

  /** What is said twice is sealed once. @returns the position @throws Error for another event under a known id */
  seal(happening: Happening): number | undefined {
    const { id, source = '', type, subject, data } = happening;
    if (id !== undefined) {
      const text = canonical([type, subject ?? null, data]);
      const known = this.sealed.get(`${source} ${id}`);
      if (known !== undefined && known !== text) throw new Error(`${type} ${id} was sealed with other content: ${known} and ${text}`);
      if (known !== undefined) return undefined;
      this.sealed.set(`${source} ${id}`, text);
    }
    for (const one of happening.sealed ?? []) this.keysOf(one.subject).add(one.key);
    return this.log.seal(happening);
  }

  /** The key that a value of the person is sealed under now. */
  keyFor(subject: string, retentionClass: string): string {
    for (let version = 1; ; version++) {
      const key = `${retentionClass}.${version}`;
      if (!this.closed.has(`${subject} ${key}`)) return key;
    }
  }

  /** Does what is told, as far as it is to be done, and answers. */
  answer(now: Date): void {
    const fence = this.log.stored.length;
    this.waiting.push(...this.log.stored.slice(this.answered).map(({ bytes }) => JSON.parse(bytes.toString('utf8')) as Entry));
    this.answered = fence;
    this.waiting = this.waiting.filter((entry) => !this.act(entry, fence, now));
  }

  /** @returns whether nothing is left to do of it */
  private act({ id, type, data, subject }: Entry, fence: number, now: Date): boolean {
    if (subject === undefined) return true;
    const say = (name: string, source: string, what: string, about: object) =>
      this.seal({ id: uuidOf(name), source, type: what, subject: subject.id, data: { ...about }, time: now.toISOString() });
    if (type === 'attesta.disposal.started.v1') {
      const { disposal, classes, request } = data as EventTypes[typeof type];
      const keys = [...this.keysOf(subject.id)].filter((key) => classes.includes(key.slice(0, key.lastIndexOf('.')))).sort();
      if (!this.sealed.has(`${LEDGER} ${uuidOf(`closed\n${disposal}`)}`)) {
        for (const key of keys) this.closed.add(`${subject.id} ${key}`);
        say(`closed\n${disposal}`, LEDGER, 'attesta.key.closed.v1', { disposal, keys, fence });
      }
      if (request !== undefined) return true;
      if (!this.systems) return false;
      say(`answered\n${disposal}`, '//attesta/requests', 'attesta.disposal.systems-answered.v1', {
        disposal,
        acknowledgements: this.systems,
      });
    }
    if (type === 'attesta.disposal.instructed.v1') {
      if (!this.obeys) return false;
      this.destroy(id, subject.id, data as EventTypes[typeof type], say);
    }
    return true;
  }

  private destroy(
    id: string,
    subject: string,
    { disposal, scope, keys, parts }: EventTypes['attesta.disposal.instructed.v1'],
    say: (name: string, source: string, type: string, about: object) => void,
  ): void {
    const mine = this.keysOf(subject);
    const strange = keys.filter((key) => !mine.has(key));
    if (strange.length > 0) throw new Error(`disposal ${disposal}: nobody has ${strange.join()} of ${subject}`);
    const dying = scope === 'subject' ? [...mine].sort() : keys;
    for (const key of dying) {
      mine.delete(key);
      this.closed.add(`${subject} ${key}`);
      this.destroyed.add(`${subject} ${key}`);
    }
    if (scope === 'subject') this.forgotten.push(subject);
    if (keys.length > 0 || scope === 'subject') {
      say(`destroyed\n${id}`, LEDGER, 'attesta.key.destroyed.v1', {
        keys: dying.map((key) => ({ subject, key })),
        scope,
        reason: 'disposal',
        basis: `disposal/${disposal}`,
        method: 'crypto-shredding',
      });
    }
    const living = parts.filter(({ position, part }) => {
      if (part < 0) return false;
      const one = this.entry(position).sealed?.[part];
      if (one?.subject !== subject) throw new Error(`disposal ${disposal} names a part that is not the person's`);
      this.removed.add(`${position}/${part}`);
      return !this.destroyed.has(`${subject} ${one.key}`);
    });
    if (living.length > 0)
      say(`removed\n${id}`, LEDGER, 'attesta.ciphertext.removed.v1', { disposal, parts: living, method: 'ciphertext-removal' });
  }

  entry(position: number): Entry {
    return JSON.parse(this.log.stored[position]!.bytes.toString('utf8')) as Entry;
  }

  private keysOf(subject: string): Set<string> {
    const keys = this.keys.get(subject) ?? new Set();
    this.keys.set(subject, keys);
    return keys;
  }
}
