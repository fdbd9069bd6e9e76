import { rfc3339Millis, type Entry } from '@attesta/events';
import type { SealedLogReader } from '@attesta/event-log';
import type { MessageRules } from '@attesta/policy';
import { accessEvent, Problem, type Contacts, type ContactsWanted, type Principal } from '@attesta/service-kit';
import type { ClosedPart, Vault } from '@attesta/vault';
import { LEDGER_SOURCE } from './ledger-events.js';
import type { LivingPolicy } from './living-policy.js';
import type { Sealer } from './sealer.js';

/** RFC 5321 4.5.3.1: 64 octets, the sign, 255 octets. */
const LONGEST = 320;

export interface ContactsOptions {
  reader: SealedLogReader;
  vault: Vault;
  policy: LivingPolicy;
  sealer: Sealer;
  now: () => Date;
}

/** A sealed part of a person, and when what it says was said. */
interface Said extends ClosedPart {
  position: number;
  at: number;
}

interface Address {
  value: string;
  position: number;
}

/** Where people are reached, as far as what was sealed about them still can be opened (`addresses` of the policy's messages). */
export class ContactBook {
  constructor(private readonly options: ContactsOptions) {}

  /**
   * The newest address of each person by channel. One access is recorded of the whole question: nobody looks at it but a program, each message that
   * leaves is an event about its person, and one more for every person would bury the looks of people (notice clause 6.3).
   * @throws Problem when the access cannot be recorded: then nothing is shown
   */
  async of(wanted: readonly ContactsWanted[], by: Pick<Principal, 'sub' | 'roles'>): Promise<Contacts> {
    const { reader, vault, policy } = this.options;
    const entries = await reader.withParts([...new Set(wanted.flatMap(({ positions }) => positions))]);
    const said = wanted.flatMap(({ subject, positions }) =>
      positions.flatMap((position) => partsOf(subject, position, entries.get(position))),
    );
    said.sort((a, b) => b.at - a.at || b.position - a.position);
    const opened = await vault.openAll(said);
    const found = new Map(wanted.map(({ subject }) => [subject, new Map<string, Address | undefined>()]));
    for (const [i, { part, position }] of said.entries()) {
      const one = opened[i]!;
      if (one.status === 'open') learn(found.get(part.subject)!, one.values, position, policy.current.messages?.addresses ?? {});
    }
    const people = [...found].map(([subject, channels]) => ({ subject, channels: [...channels].filter(isAddress) }));
    await this.record(
      by,
      people.flatMap(({ channels }) => channels.map(([, { position }]) => position)),
    );
    return Object.fromEntries(
      people.map(({ subject, channels }) => [subject, Object.fromEntries(channels.map(([channel, { value }]) => [channel, value]))]),
    );
  }

  private async record({ sub, roles }: Pick<Principal, 'sub' | 'roles'>, read: readonly number[]): Promise<void> {
    const access = {
      action: 'contacts.read',
      resource: 'POST /v1/directory/contacts',
      reason: 'to send a message',
      positions: [...new Set(read)],
      rows: read.length,
    };
    const event = {
      specversion: '1.0' as const,
      source: LEDGER_SOURCE,
      ...accessEvent({ sub, roles, sources: [] }, access, 'allowed', this.options.now()),
    };
    const [receipt] = await this.options.sealer.submit([event], { principal: sub, transport: 'internal' });
    if (receipt?.position === undefined) throw Problem.invalid(receipt?.problems ?? []);
  }
}

/** The person's own parts, whether the entry is about them or relates to them. */
function partsOf(subject: string, position: number, stored: { bytes: Buffer; cipher: Buffer[] } | undefined): Said[] {
  if (!stored) return [];
  const { sealed = [], time, source, id, type } = JSON.parse(stored.bytes.toString()) as Entry;
  const at = rfc3339Millis(time) ?? 0;
  return sealed.flatMap((part, i) =>
    part.subject === subject ? [{ part, ciphertext: stored.cipher[i], context: { source, id, type }, position, at }] : [],
  );
}

/** Newest first: what a channel's field was last said to be stands, also where that is no address. */
function learn(known: Map<string, Address | undefined>, values: unknown, position: number, addresses: MessageRules['addresses']): void {
  const categories = values as Record<string, Record<string, unknown> | undefined>;
  for (const [channel, { category, field }] of Object.entries(addresses)) {
    const fields = categories[category];
    if (known.has(channel) || !fields || !Object.hasOwn(fields, field)) continue;
    const value = fields[field];
    const address = typeof value === 'string' ? value.trim() : '';
    known.set(channel, address !== '' && address.length <= LONGEST ? { value: address, position } : undefined);
  }
}

const isAddress = (one: [string, Address | undefined]): one is [string, Address] => one[1] !== undefined;
