import { databaseAnswers, DeniedAccess, OwnPerson, Readiness } from '@attesta/service-kit';
import { Inject, Module, type DynamicModule, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AccessRecorder } from './access-recorder.js';
import { FulfilmentController } from './fulfilment.controller.js';
import { OpsController } from './ops.controller.js';
import { PackagesController } from './packages.controller.js';
import { RequestsConsumer } from './requests.consumer.js';
import { RequestsController } from './requests.controller.js';
import { Requests } from './requests.js';
import { SystemsController } from './systems.controller.js';

export interface RequestsModuleOptions {
  requests: Requests;
}

/** The requests service over HTTP and the sealed feed. */
@Module({})
export class RequestsModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(Requests) private readonly requests: Requests,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
    @Inject(DeniedAccess) private readonly denied: DeniedAccess,
    @Inject(Readiness) private readonly readiness: Readiness,
  ) {}

  static forRoot({ requests }: RequestsModuleOptions): DynamicModule {
    return {
      module: RequestsModule,
      controllers: [RequestsConsumer, RequestsController, SystemsController, FulfilmentController, PackagesController, OpsController],
      providers: [
        { provide: Requests, useValue: requests },
        AccessRecorder,
        { provide: OwnPerson, useValue: new OwnPerson(requests.directory) },
      ],
    };
  }

  onModuleInit(): void {
    this.readiness.register('requests-database', databaseAnswers(this.requests.pool));
    this.denied.onDenied((denied) => this.access.denied(denied));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.requests.close();
  }
}
