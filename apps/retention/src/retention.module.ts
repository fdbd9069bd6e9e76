import { AccessRecorder, databaseAnswers, DeniedAccess, OwnPerson, Readiness, observe } from '@attesta/service-kit';
import { Inject, Module, type DynamicModule, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DisposalsController } from './disposals.controller.js';
import { HoldsController } from './holds.controller.js';
import { InventoryController } from './inventory.controller.js';
import { OpsController } from './ops.controller.js';
import { OWN_ROUTES } from './own-routes.js';
import { RetentionConsumer } from './retention.consumer.js';
import { Retention } from './retention.js';
import { ReviewsController } from './reviews.controller.js';
import { retentionReadings } from './retention-readings.js';

/** The retention service over HTTP and the sealed feed. */
@Module({})
export class RetentionModule implements OnModuleInit, OnApplicationShutdown {
  private observed: (() => Promise<void>)[] = [];

  constructor(
    @Inject(Retention) private readonly retention: Retention,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
    @Inject(DeniedAccess) private readonly denied: DeniedAccess,
    @Inject(Readiness) private readonly readiness: Readiness,
  ) {}

  static forRoot({ retention }: { retention: Retention }): DynamicModule {
    return {
      module: RetentionModule,
      controllers: [RetentionConsumer, HoldsController, DisposalsController, InventoryController, ReviewsController, OpsController],
      providers: [
        { provide: Retention, useValue: retention },
        { provide: AccessRecorder, useValue: recorderOf(retention) },
        { provide: OwnPerson, useValue: new OwnPerson(retention.directory) },
      ],
    };
  }

  onModuleInit(): void {
    this.readiness.register('retention-database', databaseAnswers(this.retention.pool));
    this.denied.onDenied((denied) => this.access.denied(denied));
    this.observed = [observe({ component: 'retention', read: () => retentionReadings(this.retention) })];
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.observed.map((end) => end()));
    await this.retention.close();
  }
}

const recorderOf = (retention: Retention): AccessRecorder =>
  new AccessRecorder({
    routes: OWN_ROUTES,
    now: () => retention.now(),
    say: (events) => retention.log.append(retention.pool, 'access', 'any', events),
  });
