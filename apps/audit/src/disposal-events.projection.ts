import { defineRegister, type Recorded } from './register.js';

const PREFIX = 'attesta.disposal.';
const OF_THE_LEDGER: Readonly<Record<string, string>> = {
  'attesta.key.closed': 'keys-closed',
  'attesta.key.destroyed': 'keys-destroyed',
  'attesta.ciphertext.removed': 'ciphertext-removed',
};

/** What was sealed of the destruction of data, a row for each event (notice clauses 4.9, 5.1, 6.5, 7.7; PDPA s.33, s.37(3)). */
export const disposalEvents = defineRegister({
  name: 'disposal-events',
  table: 'disposal_event',
  columns: {
    position: 'int8',
    /** None where the ledger destroyed keys on its own, as on an operator's order. */
    disposal: 'uuid?',
    /** What happened, such as `started` or `keys-destroyed`. */
    event: 'text',
    subject: 'uuid?',
    request: 'uuid?',
    cause: 'text?',
    /** All else that the event says, keys without whose they are. */
    details: 'json',
    occurredAt: 'time',
    recordedAt: 'time',
    source: 'text',
  },
  order: [],
  rows({ position, entry, name, data, occurredAt, recordedAt }) {
    const event = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : OF_THE_LEDGER[name];
    if (event === undefined) return [];
    const { disposal, request, cause, keys, ...details } = data as DisposalEventData;
    return [
      {
        position,
        disposal: disposal ?? disposalIn(details.basis),
        event,
        subject: entry.subject?.id,
        request,
        cause,
        details: { ...details, ...(keys && { keys: keys.map((key) => (typeof key === 'string' ? key : key.key)) }) },
        occurredAt,
        recordedAt,
        source: entry.source,
      },
    ];
  },
});

interface DisposalEventData {
  disposal?: string;
  request?: string;
  cause?: string;
  keys?: (string | { key: string })[];
  basis?: string;
}

/** The ledger says for which disposal it destroyed keys in their basis. */
const disposalIn = (basis: string | undefined): string | null => /^disposal\/([0-9a-f-]{36})$/.exec(basis ?? '')?.[1] ?? null;

export type DisposalEventRow = Recorded<typeof disposalEvents>;
