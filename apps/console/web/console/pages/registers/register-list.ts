import type { Named } from '../../policy.js';
import type { RegisterName } from './register-rows.js';

/** A filter of a register: a choice of the policy's, or of the events' own words, a text, or a day. */
export type Filter = { name: FilterName } & ({ of: Named } | { codes: readonly string[] } | { text: RegExp } | { day: 'first' | 'last' });

export type FilterName =
  | 'categories'
  | 'purposes'
  | 'method'
  | 'channel'
  | 'origin'
  | 'recipient'
  | 'role'
  | 'country'
  | 'initiator'
  | 'status'
  | 'right'
  | 'state'
  | 'cause'
  | 'disposal'
  | 'message'
  | 'breach'
  | 'kind'
  | 'outcome'
  | 'event'
  | 'jurisdiction'
  | 'actor'
  | 'action'
  | 'from'
  | 'to';

export interface RegisterDefinition {
  path: string;
  filters: readonly Filter[];
  /** May be asked for of one person, with a reason. */
  personal: boolean;
}

const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const CHANNELS = ['web', 'app', 'phone', 'email', 'paper', 'in-person', 'partner', 'system'];
const PERIOD: Filter[] = [
  { name: 'from', day: 'first' },
  { name: 'to', day: 'last' },
];
const CATEGORIES: Filter = { name: 'categories', of: 'category' };
const PURPOSES: Filter = { name: 'purposes', of: 'purpose' };
const METHOD: Filter = { name: 'method', of: 'method' };

export const REGISTERS: Readonly<Record<RegisterName, RegisterDefinition>> = {
  collections: {
    path: '/v1/collections',
    personal: true,
    filters: [
      CATEGORIES,
      PURPOSES,
      METHOD,
      { name: 'channel', codes: CHANNELS },
      { name: 'origin', codes: ['subject', 'third-party', 'derived'] },
      ...PERIOD,
    ],
  },
  disclosures: {
    path: '/v1/disclosures',
    personal: true,
    filters: [
      { name: 'recipient', of: 'party' },
      {
        name: 'role',
        codes: ['processor', 'independent-controller', 'joint-controller', 'authority', 'group-company', 'subject-initiated'],
      },
      CATEGORIES,
      PURPOSES,
      { name: 'country', text: /^[A-Z]{2}$/ },
      { name: 'initiator', codes: ['controller', 'subject', 'authority'] },
      ...PERIOD,
    ],
  },
  recipients: { path: '/v1/recipients', personal: false, filters: [] },
  consents: {
    path: '/v1/register/consents',
    personal: true,
    filters: [PURPOSES, { name: 'status', codes: ['given', 'refused', 'withdrawn', 'requested', 'deferred'] }, METHOD, ...PERIOD],
  },
  requests: {
    path: '/v1/register/requests',
    personal: true,
    filters: [
      { name: 'right', of: 'right' },
      { name: 'state', codes: ['open', 'ended'] },
      {
        name: 'status',
        codes: ['initiated', 'acknowledged', 'requires-action', 'action-performed', 'accepted', 'rejected', 'fulfilled', 'unfulfilled'],
      },
    ],
  },
  disposals: {
    path: '/v1/register/disposals',
    personal: true,
    filters: [
      { name: 'state', codes: ['open', 'completed', 'abandoned'] },
      { name: 'cause', codes: ['schedule', 'erasure-request', 'minor', 'review'] },
      { name: 'disposal', text: UUID },
      ...PERIOD,
    ],
  },
  holds: { path: '/v1/register/holds', personal: true, filters: [{ name: 'state', codes: ['standing', 'released'] }] },
  messages: {
    path: '/v1/register/messages',
    personal: true,
    filters: [
      { name: 'outcome', codes: ['handed-off', 'suppressed', 'in-flight', 'delivered', 'bounced', 'failed'] },
      { name: 'kind', codes: ['legal', 'transactional', 'marketing'] },
      PURPOSES,
      { name: 'message', text: UUID },
      ...PERIOD,
    ],
  },
  breaches: {
    path: '/v1/register/breaches',
    personal: true,
    filters: [
      { name: 'breach', text: UUID },
      {
        name: 'event',
        codes: ['recorded', 'updated', 'assessed', 'warned', 'overdue', 'authority-notified', 'not-notified', 'people-told', 'closed'],
      },
      { name: 'jurisdiction', of: 'jurisdiction' },
      ...PERIOD,
    ],
  },
  'access-log': {
    path: '/v1/access-log',
    personal: true,
    filters: [
      { name: 'outcome', codes: ['allowed', 'denied'] },
      { name: 'actor', text: /^.{1,300}$/ },
      { name: 'action', text: /^[A-Za-z0-9/][A-Za-z0-9._:/#-]{0,199}$/ },
      ...PERIOD,
    ],
  },
  sources: {
    path: '/v1/reports/third-party-sources',
    personal: false,
    filters: [{ name: 'state', codes: ['informed', 'due', 'overdue'] }],
  },
};

export const REGISTER_NAMES = Object.keys(REGISTERS) as RegisterName[];
export const isRegister = (name: string | undefined): name is RegisterName => name !== undefined && Object.hasOwn(REGISTERS, name);
export const isPerson = (id: string): boolean => UUID.test(id);

/** The services name one of these, the pages all that a row has. */
const PARAMETERS: Partial<Record<FilterName, string>> = { categories: 'category', purposes: 'purpose' };

/** What is asked of the service for what the address says. Days are those of the reader's time zone; what nobody could mean is left out. */
export function parametersOf(
  { filters }: Pick<RegisterDefinition, 'filters'>,
  address: Partial<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    filters.flatMap((filter): [string, string][] => {
      const value = address[filter.name];
      if (value === undefined) return [];
      const name = PARAMETERS[filter.name] ?? filter.name;
      if ('day' in filter) {
        const time = startOf(value, filter.day === 'last' ? 1 : 0);
        return time === undefined ? [] : [[name, time]];
      }
      const fits = 'codes' in filter ? filter.codes.includes(value) : 'of' in filter ? ID.test(value) : filter.text.test(value);
      return fits ? [[name, value]] : [];
    }),
  );
}

/** @param later days after it */
function startOf(day: string, later: number): string | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)?.slice(1).map(Number);
  if (!parts) return undefined;
  const [year, month, date] = parts as [number, number, number];
  return new Date(year, month - 1, date + later).toISOString();
}
