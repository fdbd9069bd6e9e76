import { AccessRecorder, databaseAnswers, DeniedAccess, OwnPerson, Readiness, observe } from '@attesta/service-kit';
import { Inject, Module, type DynamicModule, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Choices } from './choices.js';
import { ConsentConsumer } from './consent.consumer.js';
import { ConsentStateController } from './consent-state.controller.js';
import { OWN_ROUTES } from './own-routes.js';
import { Consent } from './consent.js';
import { ConsentsController } from './consents.controller.js';
import { DecisionsController } from './decisions.controller.js';
import { Flags } from './flags.js';
import { NoticesController } from './notices.controller.js';
import { OpsController } from './ops.controller.js';
import { PolicyController } from './policy.controller.js';
import { ReceiptsController } from './receipts.controller.js';
import { RightsController } from './rights.controller.js';
import { SignalController } from './signal.controller.js';
import { SubjectConsentsController } from './subject-consents.controller.js';
import { consentReadings } from './consent-readings.js';

export interface ConsentModuleOptions {
  consent: Consent;
}

/** HTTP and the sealed feed in front of an open consent service. */
@Module({})
export class ConsentModule implements OnModuleInit, OnApplicationShutdown {
  private observed: (() => Promise<void>)[] = [];

  constructor(
    @Inject(Consent) private readonly consent: Consent,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
    @Inject(DeniedAccess) private readonly denied: DeniedAccess,
    @Inject(Readiness) private readonly readiness: Readiness,
  ) {}

  static forRoot({ consent }: ConsentModuleOptions): DynamicModule {
    return {
      module: ConsentModule,
      controllers: [
        ConsentConsumer,
        ConsentsController,
        SignalController,
        DecisionsController,
        RightsController,
        NoticesController,
        PolicyController,
        ConsentStateController,
        SubjectConsentsController,
        ReceiptsController,
        OpsController,
      ],
      providers: [
        { provide: Consent, useValue: consent },
        { provide: AccessRecorder, useValue: recorderOf(consent) },
        Choices,
        Flags,
        { provide: OwnPerson, useValue: new OwnPerson(consent.directory) },
      ],
    };
  }

  onModuleInit(): void {
    this.readiness.register('consent-database', databaseAnswers(this.consent.pool));
    this.denied.onDenied((denied) => this.access.denied(denied));
    this.observed = [observe({ component: 'consent', read: () => consentReadings(this.consent) })];
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.observed.map((end) => end()));
    await this.consent.close();
  }
}

const recorderOf = (consent: Consent): AccessRecorder =>
  new AccessRecorder({ routes: OWN_ROUTES, now: () => consent.now(), say: (events) => consent.transact((tx) => consent.say(tx, events)) });
