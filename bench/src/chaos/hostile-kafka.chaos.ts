import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createDatabase, startPostgres } from '@attesta/event-log/embedded';
import { KafkaSide, Ledger } from '@attesta/ledger';
import { kafkaIntake, withoutClear } from '@attesta/sdk/kafka';
import { readPolicy } from '@attesta/service-kit';
import { connectKafka, INTAKE_TOPIC, KafkaPublisher } from '@attesta/transport';
import { IntakeMacSigner, PersonalEncryptor } from '@attesta/vault';
import { generator } from '@attesta/testing/random';
import { startBroker } from '../broker.js';
import { number } from '../bench.js';
import { endPostgres, POSTGRES } from '../workshop.js';
import { Dice } from './hostile/dice.js';
import { EventCases, FUZZ_SOURCE } from './hostile/event-cases.js';
import { Findings } from './hostile/findings.js';
import { hostileRecord, sizeOf, type HostileRecord, type Insider } from './hostile/kafka-records.js';
import { supplyOf } from './hostile/supply.js';
import type { Round } from './round.js';

const RECORDS = 'hostile records in the intake topic';
const BATCH = 100;
/** Bytes: below what a broker takes by default. */
const LARGEST_REQUEST = 800_000;
/** Of a healthy publisher, in each batch. */
const GOOD = 10;
/** For the ledger to take in what is in the topic, without having got anywhere. */
const STALL_MS = 60_000;

/** What nobody but an attacker or a broken program puts into the intake topic: each record is sealed or kept as a rejection, and none stops its partition. */
export const hostileKafka: Round = {
  name: 'hostile-kafka',
  faults: { [RECORDS]: 20_000 },
  async run(chaos) {
    const directory = chaos.scratch();
    const server = await startPostgres({ dataDir: directory, settings: POSTGRES });
    chaos.cleanup.atExit(() => endPostgres(path.join(directory, 'postgres')));
    chaos.cleanup.defer(() => server.stop());
    const { root, cleanup } = chaos;
    const brokers = await startBroker({ root, cleanup, scratch: () => chaos.scratch(), say: (text) => chaos.say(text) });
    const findings = new Findings();
    const database = (name: string) => createDatabase(server.adminUrl(), name, randomBytes(12).toString('hex'));
    const policy = readPolicy(path.join(root, 'policies/m-med.yaml'));
    const ledger = await Ledger.open({
      databaseUrl: await database('ledger'),
      vaultUrl: await database('vault'),
      origin: 'hostile.example/kafka',
      keys: path.join(directory, 'keys'),
      policy,
      onError: (error) => findings.add(`the ledger tells of an error: ${String(error)}`),
    });
    // A broker that has just started moves its partitions about; who reads goes on, and a rejection that was not yet noted comes twice.
    const told = new Map<string, number>();
    const onError = (error: unknown) => void told.set(String(error), (told.get(String(error)) ?? 0) + 1);
    const side = await KafkaSide.start({ ledger, kafka: connectKafka({ brokers, clientId: 'ledger' }), onError });
    const kafka = connectKafka({ brokers, clientId: 'attacker' });
    const producer = kafka.producer();
    await producer.connect();
    const publisher = new KafkaPublisher(connectKafka({ brokers, clientId: 'healthy' }));
    const { pepper, intakeKey, intakeMac } = ledger.secrets;
    const mac = intakeMac.keysFor([FUZZ_SOURCE]);
    const healthy = kafkaIntake({ publisher, pepper, intakeKey: { ...intakeKey.publicKey, mac } });
    const encryptor = new PersonalEncryptor(intakeKey.publicKey);
    const insider: Insider = {
      signer: new IntakeMacSigner(mac),
      close: (event) => withoutClear(event, pepper, encryptor),
    };
    const dice = new Dice(generator(chaos.between(0, 2 ** 32)));
    const events = new EventCases(supplyOf(policy), dice, 'k');
    const goods: string[] = [];
    const wanted = chaos.wanted(RECORDS);
    const count = async (text: string) => Number((await ledger.pool.query<{ n: string }>(`select (${text}) as n`)).rows[0]!.n);
    /** Records behind the cursors: no offset of the topic is left out, for nobody writes in transactions. */
    const handled = () => count("select coalesce(sum(position + 1), 0) from feed_cursor where consumer = 'intake'");

    let hostile = 0;
    while (hostile < wanted) {
      const messages: HostileRecord[] = [];
      for (let bytes = 0; messages.length < BATCH;) {
        const record = hostileRecord(events, dice, insider);
        const size = sizeOf(record);
        if (size > LARGEST_REQUEST) continue; // the broker itself would refuse it
        bytes += size;
        if (bytes > LARGEST_REQUEST) break;
        messages.push(record);
      }
      await producer.send({ topic: INTAKE_TOPIC, messages });
      hostile += messages.length;
      const batch = Array.from({ length: GOOD }, () => events.good().event);
      await healthy.publish(batch);
      goods.push(...batch.map(({ id }) => id));
    }
    const produced = hostile + goods.length;
    let [moved, before] = [performance.now(), -1];
    for (let done = 0; done < produced; await pause(50)) {
      done = await handled();
      if (done > before) [moved, before] = [performance.now(), done];
      if (performance.now() - moved < STALL_MS) continue;
      findings.add(`the intake stood still: ${number(produced - done)} of ${number(produced)} records were never handled`);
      break;
    }
    const [sealed, refused] = [await count('select size from log_head'), await count('select size from rejection_head')];
    if (sealed + refused < produced)
      findings.add(`${number(produced - sealed - refused)} of ${number(produced)} records were neither sealed nor rejected`);
    const times = new Map<string, number>();
    for (let after = -1; ;) {
      const entries = await ledger.reader.read(after, 1_000);
      if (entries.length === 0) break;
      after = entries.at(-1)!.position;
      for (const { bytes } of entries) {
        const { id } = JSON.parse(bytes.toString()) as { id: string };
        times.set(id, (times.get(id) ?? 0) + 1);
      }
    }
    const lost = goods.filter((id) => !times.has(id)).length;
    const duplicated = goods.filter((id) => (times.get(id) ?? 0) > 1).length;
    await producer.disconnect();
    await publisher.close();
    await side.stop();
    await ledger.close();
    return {
      faults: { [RECORDS]: hostile },
      acknowledged: goods.length,
      lost,
      duplicated,
      problems: findings.problems,
      notes: [
        `${number(produced)} records: ${number(sealed)} sealed, ${number(refused)} rejected, ${number(Math.max(0, sealed + refused - produced))} of them again`,
        ...[...told].map(([error, n]) => `the reader of the topic told of ${error} (${n} times)`),
      ],
    };
  },
};
