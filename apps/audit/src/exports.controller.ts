import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { accessEvent, AccessRecorder, CurrentPrincipal, type Principal, Problem, Roles } from '@attesta/service-kit';
import { retriedTransaction } from '@attesta/transport';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Answers } from './answers.js';
import { Audit } from './audit.js';
import { fileOf } from './exports-file.js';
import { FILES } from './exports-format.js';
import { exportable } from './exports-rows.js';
import { addExport, endExport, exportView, findExport, listExports, unfinishedOf, type ExportView, type Job } from './exports.js';
import { printSearch } from './search-language.js';
import { peopleNamed } from './search-matching.js';
import { readQuery, shapeOf } from './search-personal.js';
import { ExportBody, ExportsParameters } from './search-queries.js';
import { isKnown } from './timeline.projection.js';

const MOST_UNFINISHED = 10;

@ApiTags('exports')
@ApiBearerAuth()
@Controller('v1/exports')
@Roles('auditor', 'dpo')
export class ExportsController {
  constructor(
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Answers) private readonly answers: Answers,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Export what a query finds, or a register, as a file',
    description:
      'Of the log as it stands now, newest first. jsonl: exact entries; csv: flat columns; evidence: a ZIP with proofs, or of several where it would hold more than 10,000 entries. ' +
      'Worked in the background; the file is kept for 7 days, or until somebody in it is forgotten. The same id with the same wishes twice is one export. Recorded.',
  })
  async create(@Body() body: ExportBody, @CurrentPrincipal() principal: Principal): Promise<ExportView> {
    const { q, register, format, reason } = body;
    const query = this.wanted(body);
    const { position } = await this.answers.asOf();
    const id = (body.id ?? randomUUID()).toLowerCase();
    const named = query ? await this.known(peopleNamed(query)) : [undefined];
    const resource = `POST /v1/exports ${format} ${query ? shapeOf(query) : register}`.trim();
    const job = await retriedTransaction(this.audit.pool, async (tx) => {
      const wanted = { id, query: query ? printSearch(query) : null, register: q === undefined ? register! : null, format, reason };
      const now = this.audit.now();
      const found = await addExport(tx, { ...wanted, owner: principal.sub, role: principal.roles[0]!, asOf: position, createdAt: now });
      if (!found) throw Problem.conflict('Another export has this id.', 'Leave the id out, or choose another.', 'export-exists');
      if (!found.fresh) return found.job;
      if ((await unfinishedOf(tx, principal.sub)) > MOST_UNFINISHED) {
        throw Problem.conflict(
          `You have ${MOST_UNFINISHED} exports that are not finished.`,
          'Wait for one, or cancel one.',
          'too-many-exports',
        );
      }
      const said = { action: 'export.created', resource, reason, asOf: position };
      await this.audit.log.append(
        tx,
        'access',
        'any',
        named.map((subject) => accessEvent(principal, { ...said, subject }, 'allowed', now)),
      );
      return found.job;
    });
    return exportView(job, principal.sub);
  }

  @Get()
  @ApiOperation({ summary: 'Exports, newest first: your own; a dpo sees everybody’s' })
  async list(
    @Query() { cursor, limit }: ExportsParameters,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ data: ExportView[]; next_cursor: string | null; has_more: boolean }> {
    const dash = cursor?.indexOf('-') ?? 0;
    const before = cursor === undefined ? undefined : { time: new Date(Number(cursor.slice(0, dash))), id: cursor.slice(dash + 1) };
    const found = await listExports(this.audit.pool, whose(principal), before, limit + 1);
    const more = found.length > limit;
    const jobs = found.slice(0, limit);
    const last = jobs.at(-1);
    return {
      data: jobs.map((job) => exportView(job, principal.sub)),
      next_cursor: more && last ? `${last.createdAt.getTime()}-${last.id}` : null,
      has_more: more,
    };
  }

  @Get(':id')
  @ApiOperation({ summary: 'How far an export has come' })
  async one(@Param('id', new ParseUUIDPipe()) id: string, @CurrentPrincipal() principal: Principal): Promise<ExportView> {
    return exportView(await this.find(id, principal), principal.sub);
  }

  @Get(':id/file')
  @ApiOperation({ summary: 'The file of a finished export', description: 'With its SHA-256 (RFC 9530). Every download is recorded.' })
  async file(
    @Param('id', new ParseUUIDPipe()) id: string,
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const job = await this.find(id, principal);
    if (job.state !== 'done') throw NOT_DONE[job.state === 'queued' || job.state === 'running' ? 'unfinished' : 'gone']();
    const { format, bytes, rows, reason, asOf } = job;
    const named = job.query === null ? [undefined] : await this.known(peopleNamed(readQuery(job.query)));
    for (const subject of named) {
      await this.access.allowed(principal, {
        action: 'export.downloaded',
        resource: 'GET /v1/exports/:id/file',
        subject,
        reason,
        rows,
        asOf,
      });
    }
    const { type, extension } = FILES[format];
    response.setHeader('Repr-Digest', `sha-256=:${Buffer.from(job.sha256!, 'hex').toString('base64')}:`);
    return new StreamableFile(Readable.from(fileOf(this.audit.pool, job.id, bytes)), {
      type,
      length: bytes,
      disposition: `attachment; filename="export-${job.id.slice(0, 8)}.${extension}"`,
    });
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Cancel an export, or remove one that has ended', description: 'Your own; a dpo anybody’s. Recorded.' })
  async remove(@Param('id', new ParseUUIDPipe()) id: string, @CurrentPrincipal() principal: Principal): Promise<void> {
    await retriedTransaction(this.audit.pool, async (tx) => {
      const now = this.audit.now();
      const done = await endExport(tx, id.toLowerCase(), whose(principal), now);
      if (!done) throw UNKNOWN();
      await this.audit.log.append(tx, 'access', 'any', [
        accessEvent(principal, { action: `export.${done}`, resource: 'DELETE /v1/exports/:id' }, 'allowed', now),
      ]);
    });
  }

  /** The query, or nothing for a register. @throws Problem 400 */
  private wanted({ q, register, format }: ExportBody) {
    if ((q === undefined) === (register === undefined)) {
      throw Problem.badRequest(
        'The request names both a query and a register, or neither.',
        'Send q or register.',
        undefined,
        'query-or-register',
      );
    }
    if (q !== undefined) return readQuery(q);
    const names = exportable(this.audit.policy).map(({ name }) => name);
    if (!names.includes(register!)) {
      throw Problem.badRequest('There is no such register.', `Name one of: ${names.join(', ')}.`, undefined, 'no-such-register');
    }
    if (format === 'evidence') {
      throw Problem.badRequest(
        'Evidence is of entries, not of rows of a register.',
        'Send q, or another format.',
        undefined,
        'evidence-of-register',
      );
    }
    return undefined;
  }

  private async find(id: string, principal: Principal): Promise<Job> {
    const job = await findExport(this.audit.pool, id.toLowerCase(), whose(principal));
    if (!job) throw UNKNOWN();
    return job;
  }

  /** Those an event may be about; nobody in particular where there are none. */
  private async known(people: readonly string[]): Promise<(string | undefined)[]> {
    const found = await Promise.all(people.map(async (one) => ((await isKnown(this.audit.pool, one)) ? one : undefined)));
    return found.length === 0 ? [undefined] : [...new Set(found)];
  }
}

const whose = ({ roles, sub }: Principal): string | undefined => (roles.includes('dpo') ? undefined : sub);

const UNKNOWN = () => Problem.notFound('You have no export with this id.', 'GET /v1/exports lists what there is.', 'unknown-export');
const NOT_DONE = {
  unfinished: () =>
    Problem.conflict('The export is not finished.', 'Ask GET /v1/exports/:id until its state is done.', 'export-not-finished'),
  gone: () =>
    Problem.notFound('The export has no file: it failed, was cancelled or has expired.', 'Export it again.', 'export-without-file'),
};
