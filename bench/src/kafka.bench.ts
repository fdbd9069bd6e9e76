import { KafkaSide, type Ledger } from '@attesta/ledger';
import { connectKafka } from '@attesta/transport';
import { atLeast, number, type Bench } from './bench.js';
import { startChild, type Child } from './child.js';
import { knownPeople } from './grow.js';
import type { AuditTask, AuditTold } from './kafka-audit.child.js';
import type { PublisherOrder, PublisherTask, PublisherTold } from './kafka-publisher.child.js';
import type { Workshop } from './workshop.js';

const PEOPLE = 20_000;
/** Events between publisher and registers at most: enough to keep everybody busy, too few to fill the broker instead of the registers. */
const UNDER_WAY = 40_000;
const WARM_UP = 10_000;

/** Publisher, ledger and audit in three processes around a real broker: counted is what has reached the registers. */
export const kafka: Bench = {
  name: 'kafka',
  async run(workshop) {
    const brokers = await workshop.broker();
    return workshop.withLedger('kafka', async (ledger) => {
      await knownPeople(ledger, PEOPLE);
      const onError = (error: unknown) => workshop.say(`kafka: ${String(error)}`);
      const side = await KafkaSide.start({ ledger, kafka: connectKafka({ brokers, clientId: 'bench-ledger' }), onError });
      try {
        return [await endToEnd(workshop, ledger, brokers)];
      } finally {
        await side.stop();
      }
    });
  },
};

async function endToEnd(workshop: Workshop, ledger: Ledger, brokers: string[]) {
  const { pepper, intakeKey, intakeMac } = ledger.secrets;
  const { policyFile, cleanup } = workshop;
  const databaseUrl = await workshop.database('kafka_registers');
  const audit = startChild<AuditTold>('./kafka-audit.child.js', { brokers, databaseUrl, policyFile } satisfies AuditTask, cleanup);
  const task: PublisherTask = {
    brokers,
    pepper: pepper.toString('base64'),
    intakeKey: { ...intakeKey.publicKey, mac: intakeMac.keysFor(['//']) },
    people: PEOPLE,
  };
  const publisher = startChild<PublisherTold>('./kafka-publisher.child.js', task, cleanup);
  const order = (told: PublisherOrder) => publisher.tell(told);
  try {
    order({ upto: WARM_UP });
    await reached(audit, WARM_UP);
    const started = performance.now();
    const until = started + workshop.seconds() * 1000;
    let upto = 0;
    await audit.heard((told) => {
      const applied = sound(told);
      if (applied instanceof Error) return applied;
      if (performance.now() >= until) return true;
      upto = applied + UNDER_WAY;
      order({ upto });
      return undefined;
    });
    const finished = publisher.heard((told) => (told.done ? told.published : undefined));
    order({ upto, last: true });
    const published = await finished;
    await reached(audit, published);
    const seconds = (performance.now() - started) / 1000;
    const sealed = await ledger.reader.size();
    if (sealed !== published) throw new Error(`${published} events were published and ${sealed} sealed`);
    const row = atLeast('Kafka: intake topic to audit registers', (published - WARM_UP) / seconds, 'events/s', 20_000);
    return {
      ...row,
      note: `${number(published - WARM_UP)} events in ${number(seconds)} s, publisher, ledger and audit in processes of their own`,
    };
  } finally {
    await publisher.stop();
    await audit.stop();
  }
}

const reached = (audit: Child<AuditTold>, n: number): Promise<unknown> =>
  audit.heard((told) => {
    const applied = sound(told);
    return applied instanceof Error || applied >= n ? applied : undefined;
  });

const sound = ({ applied, parked }: AuditTold): number | Error => (parked > 0 ? new Error('the registers set an entry aside') : applied);
