import { digestOfAudit, restoreAudit } from '@attesta/audit';
import { CONSENT_STATE, restoreConsent } from '@attesta/consent';
import { NOTIFICATION_STATE, restoreNotification } from '@attesta/notification';
import { loadPolicy, type PolicySource } from '@attesta/policy';
import { REQUESTS_STATE, restoreRequests } from '@attesta/requests';
import { RETENTION_STATE, restoreRetention } from '@attesta/retention';
import { digestOfState, type DerivedState, type Restored, type RestoreOptions } from '@attesta/transport';
import type { KeyProvider } from '@attesta/vault';
import type pg from 'pg';
import { Failure } from './failure.js';

/** A service whose database can be built from the ledger's log. */
export interface Restorable {
  /** @param keys what wraps its keys; not asked for by a service that has none */
  restore(options: RestoreOptions, keys: () => Promise<KeyProvider>): Promise<Restored>;
  /** Of what follows from the log, by name. @param tx a repeatable-read transaction */
  digest(tx: pg.PoolClient, policy: PolicySource): Promise<Record<string, string>>;
}

const digestOf = (state: DerivedState) => (tx: pg.PoolClient) => digestOfState(tx, state);

export const RESTORABLE: Readonly<Record<string, Restorable>> = {
  audit: { restore: restoreAudit, digest: (tx, policy) => digestOfAudit(tx, loadPolicy(policy)) },
  consent: {
    restore: async (options, keys) => restoreConsent({ ...options, keys: await keys() }),
    digest: digestOf(CONSENT_STATE),
  },
  requests: {
    restore: async (options, keys) => restoreRequests({ ...options, keys: await keys() }),
    digest: digestOf(REQUESTS_STATE),
  },
  retention: { restore: restoreRetention, digest: digestOf(RETENTION_STATE) },
  notification: {
    restore: async (options, keys) => restoreNotification({ ...options, keys: await keys() }),
    digest: digestOf(NOTIFICATION_STATE),
  },
};

/** @throws Failure for a name that is no such service's */
export function restorable(service: string): Restorable {
  const found = Object.hasOwn(RESTORABLE, service) ? RESTORABLE[service] : undefined;
  if (found) return found;
  if (service === 'ledger' || service === 'vault')
    throw new Failure(`the ${service} cannot be built from anything`, 'Restore its database from a backup, and run attesta backup-check.');
  throw new Failure(`there is no service ${JSON.stringify(service)} to restore`, `Name one of ${Object.keys(RESTORABLE).join(', ')}.`);
}
