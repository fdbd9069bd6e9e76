import { DeniedAccess, Readiness, databaseAnswers, observe } from '@attesta/service-kit';
import { Inject, Module, type DynamicModule, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AccessRecorder } from './access-recorder.js';
import { DirectoryController } from './directory.controller.js';
import { EventsController } from './events.controller.js';
import { KafkaSide } from './kafka-side.js';
import { Ledger } from './ledger.js';
import { LEDGER_SETTINGS, type LedgerSettings } from './ledger.settings.js';
import { LogController } from './log.controller.js';
import { ProofsController } from './proofs.controller.js';
import { RejectionsController } from './rejections.controller.js';
import { SubjectsController } from './subjects.controller.js';
import { ledgerReadings } from './ledger-readings.js';

const KAFKA_SIDE = Symbol('kafka side');

/** Largest request that carries events, in bytes after decompression. */
export const EVENTS_BODY_LIMIT = 4 * 1024 * 1024;

export interface LedgerModuleOptions extends LedgerSettings {
  ledger: Ledger;
  /** The distributed system: intake from and relays to Kafka. */
  kafka?: KafkaSide | undefined;
}

/** HTTP in front of an open ledger. */
@Module({})
export class LedgerModule implements OnModuleInit, OnApplicationShutdown {
  private observed: (() => Promise<void>)[] = [];

  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
    @Inject(DeniedAccess) private readonly denied: DeniedAccess,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(KAFKA_SIDE) private readonly kafka: KafkaSide | null,
  ) {}

  static forRoot({ ledger, kafka, ...settings }: LedgerModuleOptions): DynamicModule {
    return {
      module: LedgerModule,
      controllers: [EventsController, RejectionsController, LogController, ProofsController, SubjectsController, DirectoryController],
      providers: [
        { provide: Ledger, useValue: ledger },
        { provide: LEDGER_SETTINGS, useValue: settings },
        { provide: KAFKA_SIDE, useValue: kafka ?? null },
        AccessRecorder,
      ],
    };
  }

  onModuleInit(): void {
    this.readiness.register('ledger-database', databaseAnswers(this.ledger.pool));
    this.readiness.register('vault-database', databaseAnswers(this.ledger.vaultPool));
    this.denied.onDenied((denied) => this.access.denied(denied));
    this.observed = [observe({ component: 'ledger', read: () => ledgerReadings(this.ledger) })];
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.observed.map((end) => end()));
    await this.kafka?.stop();
    await this.ledger.close();
  }
}
