import { VAULT_COLUMNS, type WrappedColumn } from '@attesta/vault';

const box = (table: string, kek = 'kek', bytes = 'box'): WrappedColumn => ({ table, kek, bytes, form: 'box' });

/** Services that have keys wrapped, and where in their databases those are. keys.e2e.spec.ts finds a column that is not here. */
export const WRAPPED_COLUMNS = {
  ledger: VAULT_COLUMNS,
  consent: [{ table: 'fact', kek: 'kek', bytes: 'sealed', form: 'key' }],
  requests: [
    ...['request', 'outgoing', 'task', 'package', 'mail', 'session', 'opendsr_callback'].map((table) => box(table)),
    box('system', 'kek', 'secret'),
    box('task', 'answer_kek', 'answer'),
  ],
  notification: ['message', 'request_address', 'endpoint'].map((table) => box(table)),
} satisfies Record<string, readonly WrappedColumn[]>;

export type KeyedService = keyof typeof WRAPPED_COLUMNS;
export const KEYED_SERVICES = Object.keys(WRAPPED_COLUMNS) as KeyedService[];
