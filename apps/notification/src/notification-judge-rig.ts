import { simpleParser } from 'mailparser';
import type { History } from './notification-histories-rig.js';
import type { Outcome, Wanted } from './notification-model-rig.js';
import { OFFICER } from './notification-rig.js';

const PERSONAL = [
  'person',
  'address_source',
  'message',
  'request_address',
  'dead_address',
  'stop',
  'withdrawal',
  'supplied',
  'collected',
  'wave_person',
];

interface Said extends Outcome {
  message: string;
  key: string;
}

const keyOf = (subject: string, template: string, cause: string) => `${subject} ${template} ${cause}`;

/** For specs only: compares what the service sent and said with what its model makes of the same history. */
export class Judge {
  private readonly read = new Map<string, string>();

  constructor(private readonly history: History) {}

  /** What is wrong now. @param atRest nothing is left to do */
  async look(atRest: boolean): Promise<string[]> {
    const { rig, model } = this.history;
    const said = this.said();
    const wanted = new Map(model.wanted.map((one) => [keyOf(one.person.id, one.template, one.cause), one]));
    const faults: string[] = [];
    const fault = (what: string, about: unknown) =>
      faults.push(
        `${what}: ${JSON.stringify(about, (name, value: unknown) => (name === 'person' ? (value as { account: string }).account : value))}`,
      );
    const ends = new Map<string, Said[]>();
    for (const one of said) {
      ends.set(one.key, [...(ends.get(one.key) ?? []), one]);
      const wish = wanted.get(one.key);
      if (!wish) fault('nobody wanted this', one);
      else {
        const wrong = model.faultOf(wish, one);
        if (wrong !== undefined) fault(wrong, [one, wish]);
      }
    }
    for (const [key, all] of ends) if (all.length > 1) fault('it ended twice', [key, all]);
    await this.mails(said, wanted, fault);
    this.inFlight(said, wanted, fault);
    for (const [key, wish] of wanted) if (!ends.has(key) && !wish.lost && this.isOpen(wish)) fault('an answer waits for nothing', wish);
    if (atRest) {
      for (const [key, wish] of wanted) if (!ends.has(key) && !wish.lost && !this.isExcused(wish)) fault('nothing became of it', wish);
      await this.alerts(said, wanted, fault);
      const forgotten = model.people.filter((one) => model.isForgotten(one, Infinity)).map(({ id }) => id);
      for (const table of PERSONAL) {
        const { rows } = await rig.db.pool.query(`select * from ${table} where subject = any($1::uuid[])`, [forgotten]);
        if (rows.length > 0) fault(`something is left of the forgotten in ${table}`, rows);
      }
      const { rows } = await rig.db.pool.query(`select * from message where status in ('queued', 'handing')`);
      if (rows.length > 0) fault('it waits for ever', rows);
    }
    for (const error of rig.errors.splice(0)) {
      const text = String(error);
      if (!/consent service is away/.test(text)) fault('an error', text);
    }
    return faults;
  }

  /** What the law wants sent waits for the mail server alone. */
  private isOpen(wish: Wanted): boolean {
    const { model } = this.history;
    const modes = model.smtp.filter(({ at }, i) => at >= wish.at || (model.smtp[i + 1]?.at ?? Infinity) >= wish.at).map(({ mode }) => mode);
    return wish.kind === 'legal' && modes.every((mode) => mode === 'up') && !this.isExcused(wish);
  }

  /** What everybody is told is not said of whoever cannot be reached, and nobody is told who was forgotten before it was written. */
  private isExcused({ wave, person, template, at }: Wanted): boolean {
    const { model } = this.history;
    const isGone = model.isForgotten(person, Infinity);
    if (template === 'third-party-source') return isGone;
    const known = person.contacts.filter((one) => one.at <= at).length - 1;
    return wave !== undefined && (isGone || person.contacts.slice(known).some(({ contact }) => Object.keys(contact).length === 0));
  }

  private said(): Said[] {
    return (['handed-off', 'suppressed', 'failed'] as const).flatMap((name) =>
      this.history.rig
        .said(`message.${name}`)
        .filter(({ data }) => data.template !== 'officer-alerts')
        .map(({ subject, time, data }) => ({
          ...{ name, at: Date.parse(time), message: data.message, channel: data.channel },
          key: keyOf(subject, data.template, data.cause!.id),
          ...('reason' in data && { reason: data.reason }),
          ...('attempts' in data && { attempts: data.attempts }),
        })),
    );
  }

  /** The send log equals what was taken: each once, with its own words, at an address where the person was reached then. */
  private async mails(
    said: readonly Said[],
    wanted: ReadonlyMap<string, Wanted>,
    fault: (what: string, about: unknown) => void,
  ): Promise<void> {
    const { rig, model } = this.history;
    const byId = new Map(said.map((one) => [one.message, one]));
    const taken = new Map<string, string[]>();
    for (const { messageId, to, raw } of rig.smtp.taken) {
      const id = messageId.slice(0, 36);
      if (to.includes(OFFICER)) continue;
      taken.set(id, [...(taken.get(id) ?? []), `email ${to.join()}`]);
      if (!this.read.has(id)) {
        const { subject = '', text = '' } = await simpleParser(raw);
        this.read.set(id, `${subject} ${text}`.replace(/\s+/g, ' '));
      }
    }
    for (const { id, to, text } of rig.texts) {
      taken.set(id, [...(taken.get(id) ?? []), `sms ${to}`]);
      this.read.set(id, text.replace(/\s+/g, ' '));
    }
    const hadDrops = model.smtp.some(({ mode }) => mode === 'drops');
    for (const [id, places] of taken) {
      const one = byId.get(id);
      const wish = one && wanted.get(one.key);
      if (!one || !wish) {
        // Of what was taken and not answered for nothing may be known yet.
        if (!hadDrops) fault('it was sent, and nobody said so', [id, places]);
        continue;
      }
      const text = this.read.get(id)!;
      if (!text.includes(one.channel === 'sms' && wish.request === undefined ? 'M MED' : wish.marker))
        fault('it says something else', [wish, text]);
      if (places.length > 1 && (wish.kind === 'marketing' || !hadDrops)) fault('it was sent twice', [wish, places]);
      if (one.name === 'handed-off' && !model.placesOf(wish, one.at).has(places.at(-1)!)) fault('it went elsewhere', [wish, places]);
      if (one.name === 'suppressed' && !hadDrops) fault('it was sent, and suppressed', [wish, one]);
    }
    for (const one of said) if (one.name === 'handed-off' && !taken.has(one.message)) fault('it was said to have left', one);
  }

  private inFlight(said: readonly Said[], wanted: ReadonlyMap<string, Wanted>, fault: (what: string, about: unknown) => void): void {
    const { rig, model } = this.history;
    const caught = rig.said('message.in-flight').map(({ data }) => data.message);
    const expected = said.flatMap((one) => {
      const wish = wanted.get(one.key);
      if (one.name !== 'handed-off' || wish?.kind !== 'marketing') return [];
      return model.isCaught(wish, one.channel, one.at, rig.time.getTime()) ? [one.message] : [];
    });
    if (caught.sort().join() !== expected.sort().join()) fault('what was under way', { caught, expected });
  }

  /** Whoever the law wants told, and was not reached, is known to the officer; as far as the database is older than that. */
  private async alerts(
    said: readonly Said[],
    wanted: ReadonlyMap<string, Wanted>,
    fault: (what: string, about: unknown) => void,
  ): Promise<void> {
    const { rig, model } = this.history;
    const since = model.rebuilds.at(-1) ?? 0;
    const { rows } = await rig.db.pool.query<{ reference: string; message: string | null }>(
      `select body->>'reference' as reference, message from alert where kind = 'undelivered'`,
    );
    const alerted = new Map(rows.map(({ reference, message }) => [reference, message]));
    for (const one of said) {
      const wish = wanted.get(one.key);
      // Of a wave the officer hears once, when it ends.
      const needed =
        wish?.wave === undefined &&
        (one.name === 'failed' || (one.name === 'suppressed' && (one.reason !== 'forgotten' || wish?.request !== undefined)));
      if (wish?.kind !== 'legal' || !needed || one.at <= since) continue;
      if (alerted.get(one.message) === undefined) fault('the officer was not told', [one, wish]);
      else if (alerted.get(one.message) === null) fault('the officer still waits', one);
    }
  }
}
