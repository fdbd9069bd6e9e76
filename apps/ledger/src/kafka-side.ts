import { ensureTopics, KafkaIntakeConsumer, RejectedRelay, SealedRelay, topicPlans, type Kafka, type MacMode } from '@attesta/transport';
import type { Ledger } from './ledger.js';

export interface KafkaSideOptions {
  ledger: Ledger;
  kafka: Kafka;
  /** Whether events of publishers that do not say who they are are taken. Default `required`. */
  mac?: MacMode;
  partitions?: number;
  onError?: (error: unknown) => void;
}

/** The ledger over Kafka: takes events from the intake topic, carries sealed entries and rejections out. */
export class KafkaSide {
  private constructor(
    private readonly intake: KafkaIntakeConsumer,
    private readonly relays: (SealedRelay | RejectedRelay)[],
  ) {}

  static async start({ ledger, kafka, mac = 'required', partitions, onError }: KafkaSideOptions): Promise<KafkaSide> {
    const plans = topicPlans(partitions);
    await ensureTopics(kafka, Object.values(plans));
    const { pool, rejections, sealer, reader } = ledger;
    const failed = (error: unknown) => onError?.(error);
    const intake = new KafkaIntakeConsumer({
      kafka,
      pool,
      mac: { secrets: ledger.secrets.intakeMac, mode: mac },
      handle: async (messages) => {
        await sealer.receive(messages, { channel: 'kafka' });
      },
      onError: failed,
    });
    const relays = [
      new SealedRelay({ source: reader, pool, kafka, topic: plans.sealed, onError: failed }),
      new RejectedRelay({ log: rejections, pool, kafka, topic: plans.rejected, onError: failed }),
    ];
    intake.start();
    for (const relay of relays) relay.start();
    return new KafkaSide(intake, relays);
  }

  async stop(): Promise<void> {
    await this.intake.stop();
    await Promise.all(this.relays.map((relay) => relay.stop()));
  }
}
