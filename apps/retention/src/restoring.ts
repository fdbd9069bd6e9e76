import { UNASKED } from '@attesta/service-kit';
import {
  restoreFromLog,
  sayUnsaid,
  SealedBatchContext,
  WithholdingLog,
  type DerivedState,
  type Restored,
  type RestoreOptions,
} from '@attesta/transport';
import { OWN, RETENTION_SOURCE } from './disposal-store.js';
import { RetentionConsumer } from './retention.consumer.js';
import { PLAN } from './replanning.js';
import { GROUP, Retention } from './retention.js';

/** What of the database follows from the log: all of it but refs, which the ledger is asked for again, and how far a planning anew has come. */
export const RETENTION_STATE: DerivedState = {
  part: 'select * from part',
  occurrence: 'select * from occurrence',
  activity: 'select * from activity',
  tie: 'select * from tie',
  erasure: 'select * from erasure',
  hold: 'select * from hold',
  disposal: 'select * from disposal',
  amendment: 'select * from amendment',
  forgotten: 'select * from forgotten',
  service_event: 'select id, type, time, subject, data from service_event',
};

/** Builds the service's database from the ledger's log. What had been decided comes from there, and nothing is decided on the way. */
export async function restoreRetention({ entries, onProgress, ...options }: RestoreOptions): Promise<Restored> {
  let log!: WithholdingLog;
  const retention = await Retention.prepare({ ...UNASKED, ...options }, (pool) => (log = new WithholdingLog(pool)));
  const consumer = new RetentionConsumer(retention);
  try {
    return await restoreFromLog({
      group: GROUP,
      source: RETENTION_SOURCE,
      pool: retention.pool,
      entries,
      streamOf: ({ type }) => streamOf(type),
      handle: (events, tx) => consumer.keep(events, new SealedBatchContext([tx])),
      finish: async (tx) => {
        // Common triggers had the whole inventory planned anew, which was said when it was.
        await retention.replanning.go();
        return sayUnsaid(
          tx,
          log,
          log.release().filter(({ stream }) => stream !== PLAN),
        );
      },
      onProgress,
    });
  } finally {
    await retention.close();
  }
}

function streamOf(type: string): string {
  if (OWN.test(type)) return 'disposals';
  if (type.startsWith('attesta.hold.')) return 'holds';
  switch (type) {
    case 'attesta.retention.reviewed.v1':
      return 'reviews';
    case 'attesta.retention.replanned.v1':
      return PLAN;
    case 'attesta.retention-trigger.recorded.v1':
      return 'minors';
    case 'attesta.erasures.replayed.v1':
      return 'erasures';
    default:
      return 'access';
  }
}
