import { AccessRecorder, databaseAnswers, DeniedAccess, OwnPerson, Readiness, observe } from '@attesta/service-kit';
import { Inject, Module, type DynamicModule, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CenterController } from './center.controller.js';
import { DisposalTasksController } from './disposal-tasks.controller.js';
import { ANSWER_LIMIT, FulfilmentController } from './fulfilment.controller.js';
import { MailIntake } from './mail-intake.js';
import { MAIL_LIMIT, MailController } from './mail.controller.js';
import { OpenDsrController } from './opendsr.controller.js';
import { OPENDSR_LIMIT } from './opendsr-request.js';
import { OpenDsr } from './opendsr.js';
import { OWN_ROUTES } from './own-routes.js';
import { OpsController } from './ops.controller.js';
import { PackagesController } from './packages.controller.js';
import { ReplyAddressesController } from './reply-addresses.controller.js';
import { RequestsConsumer } from './requests.consumer.js';
import { RequestDeskController } from './request-desk.controller.js';
import { RequestsController } from './requests.controller.js';
import { Requests } from './requests.js';
import { Sessions } from './sessions.js';
import { PeopleController, SessionsController } from './sessions.controller.js';
import { SystemsController } from './systems.controller.js';
import { requestsReadings } from './requests-readings.js';

export interface RequestsModuleOptions {
  requests: Requests;
  /** Takes mail in; without it one that believes no mail server. */
  mail?: MailIntake;
}

/** Routes whose bodies `bootstrap` has to leave as they are. */
export const REQUESTS_RAW = [
  { path: '/v1/fulfilment', limit: ANSWER_LIMIT },
  { path: '/v1/mail', exact: true, limit: MAIL_LIMIT },
  { path: '/opendsr', limit: OPENDSR_LIMIT },
];

/** The requests service over HTTP and the sealed feed. */
@Module({})
export class RequestsModule implements OnModuleInit, OnApplicationShutdown {
  private observed: (() => Promise<void>)[] = [];

  constructor(
    @Inject(Requests) private readonly requests: Requests,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
    @Inject(DeniedAccess) private readonly denied: DeniedAccess,
    @Inject(Readiness) private readonly readiness: Readiness,
  ) {}

  static forRoot({ requests, mail = new MailIntake(requests) }: RequestsModuleOptions): DynamicModule {
    return {
      module: RequestsModule,
      controllers: [
        RequestsConsumer,
        RequestsController,
        RequestDeskController,
        CenterController,
        ReplyAddressesController,
        DisposalTasksController,
        SystemsController,
        FulfilmentController,
        PackagesController,
        MailController,
        OpsController,
        ...(requests.openDsr ? [OpenDsrController] : []),
        ...(requests.sessions ? [SessionsController, PeopleController] : []),
      ],
      providers: [
        { provide: Requests, useValue: requests },
        { provide: MailIntake, useValue: mail },
        ...(requests.openDsr ? [{ provide: OpenDsr, useValue: requests.openDsr }] : []),
        ...(requests.sessions ? [{ provide: Sessions, useValue: requests.sessions }] : []),
        { provide: AccessRecorder, useValue: recorderOf(requests) },
        { provide: OwnPerson, useValue: new OwnPerson(requests.directory) },
      ],
    };
  }

  onModuleInit(): void {
    this.readiness.register('requests-database', databaseAnswers(this.requests.pool));
    this.denied.onDenied((denied) => this.access.denied(denied));
    this.observed = [observe({ component: 'requests', read: () => requestsReadings(this.requests) })];
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.observed.map((end) => end()));
    await this.requests.close();
  }
}

const recorderOf = (requests: Requests): AccessRecorder =>
  new AccessRecorder({
    routes: OWN_ROUTES,
    now: () => requests.now(),
    say: (events) => requests.log.append(requests.pool, 'access', 'any', events),
  });
