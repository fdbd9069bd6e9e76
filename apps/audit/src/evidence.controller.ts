import { AccessRecorder, CurrentPrincipal, type Principal, Problem, Roles } from '@attesta/service-kit';
import { Body, Controller, HttpCode, Inject, Post, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { problemOf } from './answers.js';
import { Audit } from './audit.js';
import { collectEvidence, EvidenceRefused } from './evidence.js';
import { EvidenceBody } from './queries.js';

@ApiTags('evidence')
@ApiBearerAuth()
@Controller('v1/evidence')
@Roles('auditor', 'dpo', 'subject')
export class EvidenceController {
  constructor(
    @Inject(Audit) private readonly audit: Audit,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiProduces('application/zip')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  @ApiOperation({
    summary: 'Entries with their proofs, checkable offline',
    description:
      'Of a person: all their own entries, complete from the first, and those that relate to them (a data subject gets their own). Or of positions. A ZIP with verify.mjs inside. Recorded as an access.',
  })
  async evidence(@Body() { subject, positions, reason }: EvidenceBody, @CurrentPrincipal() principal: Principal): Promise<StreamableFile> {
    const id = subject?.toLowerCase();
    const everybody = principal.roles.includes('auditor') || principal.roles.includes('dpo');
    if (!everybody && (id === undefined || principal.subject?.toLowerCase() !== id)) {
      throw Problem.forbidden(
        'A data subject gets evidence of their own record only.',
        'Ask with the subject id your token names.',
        'not-your-record',
      );
    }
    if ((id === undefined) === (positions === undefined)) {
      throw Problem.badRequest(
        'The request names both a subject and positions, or neither.',
        'Name one of them.',
        undefined,
        'subject-or-positions',
      );
    }
    try {
      const wanted = id === undefined ? { positions: positions! } : { subject: id, ownOnly: !everybody };
      const { zip, listed, asOf } = await collectEvidence(this.audit, wanted);
      await this.access.allowed(principal, {
        action: 'evidence.created',
        resource: 'POST /v1/evidence',
        subject: id,
        reason,
        rows: listed.length,
        positions: listed,
        asOf,
      });
      return new StreamableFile(zip, { type: 'application/zip', disposition: 'attachment; filename="evidence.zip"', length: zip.length });
    } catch (error) {
      if (error instanceof EvidenceRefused) throw REFUSED[error.why](error.message);
      throw problemOf(error);
    }
  }
}

const REFUSED: Record<EvidenceRefused['why'], (detail: string) => Problem> = {
  unknown: (detail) =>
    Problem.notFound(detail, 'Subject ids come from POST /v1/subjects/lookup, positions from receipts and lists.', 'no-such-entries'),
  'too-many': (detail) => Problem.tooLarge(detail, 'Ask for positions, in parts of at most 10,000.', 'too-many-entries'),
  incomplete: (detail) =>
    Problem.conflict(detail, 'Operators: replay what GET /ops/audit/dlq lists; then ask again.', 'register-incomplete'),
  uncovered: (detail) => Problem.unavailable(detail, 'Try again in a moment.', 'not-covered-yet'),
};
