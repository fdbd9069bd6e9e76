import { Audit } from '@attesta/audit';
import { readPolicy } from '@attesta/service-kit';
import { connectKafka, KafkaFeed } from '@attesta/transport';
import { onTask, tellParent } from './child.js';
import { pause } from './load.js';

export interface AuditTask {
  brokers: string[];
  databaseUrl: string;
  policyFile: string;
}

export interface AuditTold {
  /** Entries in the registers, from position 0 without a hole. */
  applied: number;
  /** Entries set aside: there must be none. */
  parked: number;
}

const EVERY_MS = 50;

/** The audit service's registers in a process of their own, fed by Kafka alone. */
onTask<AuditTask>(async ({ brokers, databaseUrl, policyFile }) => {
  const audit = await Audit.open({
    databaseUrl,
    feed: new KafkaFeed({ kafka: connectKafka({ brokers, clientId: 'bench-audit' }) }),
    policy: readPolicy(policyFile),
    directory: { erasures: () => Promise.resolve({ erasures: [], last: 0 }) },
    fetchLog: () => Promise.reject(new Error('nothing is asked of the log here')),
    onError: (error) => process.stderr.write(`audit: ${String(error)}\n`),
  });
  for (;;) {
    const applied = (await audit.standing.position()) + 1;
    const parked = (await audit.feed.parked.list({ limit: 1 })).length;
    tellParent({ applied, parked } satisfies AuditTold);
    await pause(EVERY_MS);
  }
});
