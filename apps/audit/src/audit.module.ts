import { databaseAnswers, DeniedAccess, Readiness } from '@attesta/service-kit';
import { Inject, Module, type DynamicModule, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AccessRecorder } from './access-recorder.js';
import { Answers } from './answers.js';
import { Audit } from './audit.js';
import { EvidenceController } from './evidence.controller.js';
import { OpsController } from './ops.controller.js';
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
      controllers: [SubjectsController, RegistersController, ReportsController, EvidenceController, OpsController],
      providers: [{ provide: Audit, useValue: audit }, AccessRecorder, Answers],
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
