import { Audit } from '@attesta/audit';
import type { Ledger } from '@attesta/ledger';
import { readPolicy } from '@attesta/service-kit';
import { PostgresFeed } from '@attesta/transport';
import type { Workshop } from './workshop.js';

/** The audit service's registers on a database of their own, following a ledger as in the standalone. Closed by the caller. */
export async function openRegisters(workshop: Workshop, ledger: Ledger): Promise<Audit> {
  return Audit.open({
    databaseUrl: await workshop.database('registers'),
    feed: new PostgresFeed(ledger.reader),
    policy: readPolicy(workshop.policyFile),
    directory: ledger.directory,
    fetchLog: (file) => ledger.files.read(file),
    verifierKey: ledger.verifierKey,
    onError: (error) => workshop.say(`registers: ${String(error)}`),
  });
}

export interface Rebuilt {
  audit: Audit;
  entries: number;
  /** Entries per second into the second set of registers, beside the one that answers; the digests of both were equal. */
  rate: number;
}

const rebuilt = new WeakMap<Workshop, Promise<Rebuilt>>();

/** The registers of the largest log, filled by a rebuild from position 0; kept for all rows that ask. */
export function largestRegisters(workshop: Workshop): Promise<Rebuilt> {
  let found = rebuilt.get(workshop);
  if (!found) rebuilt.set(workshop, (found = rebuild(workshop)));
  return found;
}

async function rebuild(workshop: Workshop): Promise<Rebuilt> {
  const { ledger } = await workshop.log(workshop.largest);
  const entries = await ledger.reader.size();
  const audit = await openRegisters(workshop, ledger);
  workshop.cleanup.defer(() => audit.close());
  await audit.caughtUp(entries - 1);
  const row = await audit.rebuild();
  if (row?.state !== 'done')
    throw new Error(`the rebuild ended ${row?.state}: ${row?.compared?.differing.map(({ register }) => register).join(', ')}`);
  return { audit, entries, rate: row.rate! };
}
