import { AccessRecorder, databaseAnswers, DeniedAccess, Readiness, observe } from '@attesta/service-kit';
import { Inject, Module, type DynamicModule, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AnswerRegistersController } from './answer-registers.controller.js';
import { Answers } from './answers.js';
import { Audit } from './audit.js';
import { DashboardController } from './dashboard.controller.js';
import { EvidenceController } from './evidence.controller.js';
import { IntegrityController } from './integrity.controller.js';
import { FindingsController } from './findings.controller.js';
import { OpsController } from './ops.controller.js';
import { OWN_ROUTES } from './own-routes.js';
import { RegistersController } from './registers.controller.js';
import { PersonAccess } from './person-access.js';
import { PersonAnswersController } from './person-answers.controller.js';
import { ProcessingActivitiesController } from './processing-activities.controller.js';
import { ReportsController } from './reports.controller.js';
import { ExportsController } from './exports.controller.js';
import { SearchController } from './search.controller.js';
import { SearchLoops } from './search.loops.js';
import { ViewsController } from './views.controller.js';
import { SubjectsController } from './subjects.controller.js';
import { auditReadings, findingsReadings } from './audit-readings.js';

export interface AuditModuleOptions {
  audit: Audit;
}

/** HTTP in front of an open audit service. */
@Module({})
export class AuditModule implements OnModuleInit, OnApplicationShutdown {
  private observed: (() => Promise<void>)[] = [];

  constructor(
    @Inject(Audit) private readonly audit: Audit,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
    @Inject(DeniedAccess) private readonly denied: DeniedAccess,
    @Inject(Readiness) private readonly readiness: Readiness,
  ) {}

  static forRoot({ audit }: AuditModuleOptions): DynamicModule {
    return {
      module: AuditModule,
      controllers: [
        SubjectsController,
        PersonAnswersController,
        RegistersController,
        FindingsController,
        AnswerRegistersController,
        DashboardController,
        ProcessingActivitiesController,
        ReportsController,
        EvidenceController,
        SearchController,
        ViewsController,
        ExportsController,
        IntegrityController,
        OpsController,
      ],
      providers: [
        { provide: Audit, useValue: audit },
        { provide: AccessRecorder, useValue: recorderOf(audit) },
        Answers,
        PersonAccess,
        SearchLoops,
      ],
    };
  }

  onModuleInit(): void {
    this.readiness.register('audit-database', databaseAnswers(this.audit.pool));
    this.denied.onDenied((denied) => this.access.denied(denied));
    this.observed = [
      observe({ component: 'audit', read: () => auditReadings(this.audit) }),
      observe({ component: 'audit', read: () => findingsReadings(this.audit), freshMs: 10_000 }),
    ];
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.observed.map((end) => end()));
    await this.audit.close();
  }
}

const recorderOf = (audit: Audit): AccessRecorder =>
  new AccessRecorder({
    routes: OWN_ROUTES,
    now: () => audit.now(),
    say: (events) => audit.log.append(audit.pool, 'access', 'any', events),
  });
