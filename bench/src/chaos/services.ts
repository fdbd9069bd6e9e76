import type { ServiceName } from '@attesta/standalone';

/** Those that follow the ledger's log. */
export const FOLLOWERS = ['audit', 'consent', 'requests', 'retention', 'notification'] as const satisfies ServiceName[];
export const SERVICES: readonly ServiceName[] = ['ledger', ...FOLLOWERS];
