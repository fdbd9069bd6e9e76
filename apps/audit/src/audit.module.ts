import { AccessRecorder, databaseAnswers, DeniedAccess, Readiness } from '@attesta/service-kit';
import { Inject, Module, type DynamicModule, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Answers } from './answers.js';
import { Audit } from './audit.js';
import { EvidenceController } from './evidence.controller.js';
import { transaction } from '@attesta/transport';
import { IntegrityController } from './integrity.controller.js';
import { OpsController } from './ops.controller.js';
import { OWN_ROUTES } from './own-routes.js';
import { RegistersController } from './registers.controller.js';
import { ReportsController } from './reports.controller.js';
import { SubjectsController } from './subjects.controller.js';

export interface AuditModuleOptions {
  audit: Audit;
}

/** HTTP in front of an open audit service. */
@Module({})
export class AuditModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(Audit) private readonly audit: Audit,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
    @Inject(DeniedAccess) private readonly denied: DeniedAccess,
    @Inject(Readiness) private readonly readiness: Readiness,
  ) {}

  static forRoot({ audit }: AuditModuleOptions): DynamicModule {
    return {
      module: AuditModule,
      controllers: [SubjectsController, RegistersController, ReportsController, EvidenceController, IntegrityController, OpsController],
      providers: [{ provide: Audit, useValue: audit }, { provide: AccessRecorder, useValue: recorderOf(audit) }, Answers],
    };
  }

  onModuleInit(): void {
    this.readiness.register('audit-database', databaseAnswers(this.audit.pool));
    this.denied.onDenied((denied) => this.access.denied(denied));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.audit.close();
  }
}

const recorderOf = (audit: Audit): AccessRecorder =>
  new AccessRecorder({
    routes: OWN_ROUTES,
    now: () => audit.now(),
    say: (event) => transaction(audit.pool, (tx) => audit.log.append(tx, 'access', 'any', [event])),
  });
