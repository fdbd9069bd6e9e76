import { certificateText } from '@attesta/disposal';
import { AccessRecorder, CurrentPrincipal, Roles, type Principal } from '@attesta/service-kit';
import { Controller, Get, Header, Inject, Param, ParseUUIDPipe, Query, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { ListDisposalsQuery } from './bodies.js';
import { certificatePdf } from './certificate-pdf.js';
import { Certificates, noSuchDisposal } from './certificates.js';
import { findDisposal, listDisposals, type DisposalView } from './disposal-views.js';
import { pageOf } from './holds.controller.js';
import { Retention } from './retention.js';

/** Disposals and their certificates of destruction. */
@ApiTags('retention')
@ApiBearerAuth()
@Controller('v1/disposals')
@Roles('dpo', 'auditor')
export class DisposalsController {
  private readonly certificates: Certificates;

  constructor(
    @Inject(Retention) private readonly retention: Retention,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {
    this.certificates = new Certificates(retention);
  }

  @Get()
  @ApiOperation({ summary: 'Disposals, the newest first' })
  async list(@Query() { limit = 100, cursor, status, request, subject }: ListDisposalsQuery, @CurrentPrincipal() principal: Principal) {
    const rows = await listDisposals(this.retention, {
      status,
      request: request?.toLowerCase(),
      subject: subject?.toLowerCase(),
      after: cursor?.toLowerCase(),
      limit: limit + 1,
    });
    if (subject !== undefined) {
      await this.access.allowed(principal, {
        action: 'disposals.read',
        resource: 'GET /v1/disposals',
        subject: subject.toLowerCase(),
        rows: Math.min(rows.length, limit),
      });
    }
    return pageOf(rows, limit);
  }

  @Get(':id')
  @ApiOperation({ summary: 'A disposal: what is destroyed, on what rules, and what it waits for' })
  one(@Param('id', new ParseUUIDPipe()) id: string, @CurrentPrincipal() principal: Principal): Promise<DisposalView> {
    return this.read(id, principal, 'disposal.read', 'GET /v1/disposals/:id');
  }

  @Get(':id/certificate')
  @Header('content-type', 'application/json')
  @ApiProduces('application/json')
  @ApiOperation({
    summary: 'The certificate of destruction, with all that proves it offline',
    description: 'Check it with `attesta verify FILE`. The signature is that of the log’s checkpoint.',
  })
  async certificate(@Param('id', new ParseUUIDPipe()) id: string, @CurrentPrincipal() principal: Principal): Promise<StreamableFile> {
    await this.read(id, principal, 'certificate.read', 'GET /v1/disposals/:id/certificate');
    return new StreamableFile(Buffer.from(certificateText(await this.certificates.of(id.toLowerCase()))));
  }

  @Get(':id/certificate.pdf')
  @Header('content-type', 'application/pdf')
  @ApiProduces('application/pdf')
  @ApiOperation({ summary: 'The certificate for people, in English and Thai, with the JSON certificate attached' })
  async pdf(@Param('id', new ParseUUIDPipe()) id: string, @CurrentPrincipal() principal: Principal): Promise<StreamableFile> {
    await this.read(id, principal, 'certificate.read', 'GET /v1/disposals/:id/certificate.pdf');
    return new StreamableFile(Buffer.from(await certificatePdf(await this.certificates.of(id.toLowerCase()))));
  }

  private async read(id: string, principal: Principal, action: string, resource: string): Promise<DisposalView> {
    const found = await findDisposal(this.retention, id.toLowerCase());
    if (!found) throw noSuchDisposal();
    await this.access.allowed(principal, { action, resource, subject: found.subject });
    return found;
  }
}
