/** For specs only: who may be written to, where and why not, worked out from all that happened, without a line of the service. */
export type Contact = { email?: string; sms?: string };
export type Smtp = 'up' | 'down' | 'later' | 'refuses' | 'drops';

export interface Person {
  id: string;
  account: string;
  /** In the order of time, as everything here. */
  contacts: { at: number; contact: Contact }[];
  choices: { at: number; on: boolean; channels: string[] }[];
  /** Clicks on links to stop. */
  clicks: { at: number; channels: string[] }[];
  objectedAt?: number;
  closings: { at: number; closed: boolean }[];
  forgottenAt?: number;
}

/** A message that has to be sent, unless something stands against it. */
export interface Wanted {
  person: Person;
  template: string;
  cause: string;
  kind: 'legal' | 'transactional' | 'marketing';
  /** Is in the text, or the subject line. */
  marker: string;
  at: number;
  sendAt: number;
  channel?: 'email' | 'sms';
  request?: string;
  /** The notice that everybody is told of. */
  wave?: string;
  /** It was in the database alone, which is gone. */
  lost?: boolean;
}

export interface Outcome {
  name: 'handed-off' | 'suppressed' | 'failed';
  at: number;
  channel: string;
  reason?: string;
  attempts?: number;
}

const DAY = 86_400_000;
export const EXPIRES = 14 * DAY;
const UNDER_WAY = DAY;

const lastAt = <T extends { at: number }>(all: readonly T[], at: number): T | undefined => all.filter((one) => one.at <= at).at(-1);

export class NotificationModel {
  readonly people: Person[] = [];
  readonly wanted: Wanted[] = [];
  /** Where requests were answered, or were to be: all that it may have been. */
  readonly replies = new Map<string, string>();
  readonly smtp: { at: number; mode: Smtp }[] = [{ at: 0, mode: 'up' }];
  /** Addresses that do not exist, and since when. */
  readonly unknown: { at: number; address: string }[] = [];
  /** When the database was built anew: what it alone knew is gone. */
  readonly rebuilds: number[] = [];

  isForgotten = ({ forgottenAt }: Person, at: number): boolean => forgottenAt !== undefined && forgottenAt <= at;

  isActive(person: Person, at: number): boolean {
    return !this.isForgotten(person, at) && !(lastAt(person.closings, at)?.closed ?? false);
  }

  /** Whether marketing may leave by a channel: the last word of the person counts, and a click is one. */
  mayMarket(person: Person, channel: string, at: number): boolean {
    if ((person.objectedAt ?? Infinity) <= at || this.isForgotten(person, at)) return false;
    const words = [
      ...person.choices.filter(({ channels }) => channels.includes(channel)).map((one) => ({ at: one.at, on: one.on })),
      ...person.clicks.filter(({ channels }) => channels.includes(channel)).map((one) => ({ at: one.at, on: false })),
    ].sort((a, b) => a.at - b.at);
    return lastAt(words, at)?.on ?? false;
  }

  private nowOf(person: Person, at: number): Contact {
    return this.isForgotten(person, at) ? {} : (lastAt(person.contacts, at)?.contact ?? {});
  }

  /** Where a message may go at a time, by channel. Empty: nowhere. */
  placesOf({ person, request, channel, at: since }: Wanted, at: number): Set<string> {
    const reply = request === undefined ? undefined : this.replies.get(request);
    const contacts = person.contacts.filter((one) => one.at <= at);
    const now = this.nowOf(person, at);
    const places = (contact: Contact) =>
      Object.entries(contact).flatMap(([by, to]) => (channel === undefined || channel === by ? [`${by} ${to}`] : []));
    if (reply !== undefined && !this.isForgotten(person, since)) return new Set([`email ${reply}`]);
    if (request === undefined || now.email !== undefined) return new Set(places(now));
    // Answers go where the person could be reached since they asked.
    const asked = Math.min(...this.wanted.filter((one) => one.request === request).map((one) => one.at));
    const held = contacts.slice(Math.max(0, contacts.filter((one) => one.at <= asked).length - 1)).map(({ contact }) => contact);
    return new Set([...(reply === undefined ? [] : [`email ${reply}`]), ...[now, ...held].flatMap(places)]);
  }

  /** What is wrong with what became of a message; nothing when it had to be so. */
  faultOf(wanted: Wanted, { name, at, channel, reason, attempts = 0 }: Outcome): string | undefined {
    const { person, kind, request, sendAt } = wanted;
    const mode = lastAt(this.smtp, at)!.mode;
    if (name === 'handed-off') {
      if (at < sendAt) return 'left before its time';
      if (at - Math.max(wanted.at, sendAt) > EXPIRES) return 'left too late';
      if (kind === 'marketing' && !this.mayMarket(person, channel, at)) return 'marketing left after a stop';
      if (this.isForgotten(person, at) && request === undefined) return 'left for somebody forgotten';
      return mode === 'up' || channel === 'sms' ? undefined : `left though the server was ${mode}`;
    }
    if (name === 'failed') {
      if (reason === 'refused') {
        const isUnknown = this.unknown.some((one) => one.at <= at && this.placesOf(wanted, at).has(`email ${one.address}`));
        return mode === 'refuses' || isUnknown ? undefined : 'given up as refused by a server that takes all';
      }
      if (reason === 'outcome-unknown') return kind === 'marketing' ? undefined : 'an answer was given up for its outcome';
      return reason === 'unreachable' && attempts >= 8 ? undefined : `given up as ${reason} after ${attempts} attempts`;
    }
    switch (reason) {
      case 'not-allowed':
        return kind === 'marketing' && !this.mayMarket(person, channel, at) ? undefined : 'suppressed though it was allowed';
      case 'unsubscribed':
        return kind === 'marketing' && person.clicks.some((click) => click.at <= at) && !this.mayMarket(person, channel, at)
          ? undefined
          : 'suppressed for a stop that nobody said';
      case 'forgotten':
        return this.isForgotten(person, at) ? undefined : 'suppressed as forgotten';
      case 'expired':
        return at - Math.max(wanted.at, sendAt) > EXPIRES ? undefined : 'expired too early';
      case 'no-address':
      case 'address-bounced': {
        // Where they were reached before is not known for certain.
        const places = request !== undefined && this.nowOf(person, at).email === undefined ? [] : [...this.placesOf(wanted, at)];
        const dead = this.unknown.filter((one) => one.at <= at).map((one) => `email ${one.address}`);
        const isReached = this.isForgotten(person, at) ? false : places.some((one) => !dead.includes(one));
        return isReached && (kind !== 'marketing' || channel === 'email') ? `suppressed as ${reason}, with an address` : undefined;
      }
      default:
        return `suppressed as ${reason}`;
    }
  }

  /** Whether a stop came after a message left, while it may still have been under way. */
  isCaught({ person }: Wanted, channel: string, left: number, until: number): boolean {
    const stops = [
      ...person.choices.filter(({ on, channels }) => !on && channels.includes(channel)).map(({ at }) => at),
      ...(person.objectedAt === undefined ? [] : [person.objectedAt]),
    ];
    return stops.some((at) => at >= left && at <= until && left > at - UNDER_WAY);
  }
}
