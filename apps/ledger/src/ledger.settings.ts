export const LEDGER_SETTINGS = Symbol('ledger settings');

export interface LedgerSettings {
  /** Who may read the entry bundles under /log. */
  logEntries: 'auditors' | 'open';
}
