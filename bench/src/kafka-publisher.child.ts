import { kafkaIntake, type IntakeKeys } from '@attesta/sdk/kafka';
import { connectKafka, KafkaPublisher } from '@attesta/transport';
import { subjectRef } from '@attesta/vault';
import { onTask, tellParent } from './child.js';
import { eventFactory } from './sample-events.js';

export interface PublisherTask {
  brokers: string[];
  /** base64 */
  pepper: string;
  intakeKey: IntakeKeys;
  people: number;
}

/** `upto`: events it may have published altogether. `last`: no more after those. */
export interface PublisherOrder {
  upto: number;
  last?: boolean;
}

export interface PublisherTold {
  published: number;
  done?: boolean;
}

const BATCH = 500;

/** A system that reports through the SDK over Kafka: personal values encrypted here, every batch acknowledged by the broker. */
onTask<PublisherTask>(async ({ brokers, pepper, intakeKey, people }, messages) => {
  const key = Buffer.from(pepper, 'base64');
  const publisher = new KafkaPublisher(connectKafka({ brokers, clientId: 'bench-publisher' }));
  const intake = kafkaIntake({ publisher, pepper: key, intakeKey });
  const make = eventFactory(Array.from({ length: people }, (_, i) => subjectRef(key, 'account', `c-${i}`)));
  let order: PublisherOrder = { upto: 0 };
  let wake = () => {};
  messages((message) => {
    order = message as PublisherOrder;
    wake();
  });
  for (let published = 0; ;) {
    const batch = Math.min(BATCH, order.upto - published);
    if (batch > 0) {
      await intake.publish(Array.from({ length: batch }, make));
      published += batch;
      tellParent({ published } satisfies PublisherTold);
    } else if (order.last) {
      await publisher.close();
      tellParent({ published, done: true } satisfies PublisherTold);
      return;
    } else await new Promise<void>((resolve) => (wake = resolve));
  }
});
