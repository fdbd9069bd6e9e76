import { subjectKind, type Entry, type FieldProblem } from '@attesta/events';
import { CurrentPrincipal, maySpeakFor, OptionalReason, Problem, Roles, type Principal, type PrincipalRequest } from '@attesta/service-kit';
import { decodeHttp, type DecodedEvent, type Receipt } from '@attesta/transport';
import { Controller, Get, HttpCode, Inject, Param, ParseIntPipe, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { AccessRecorder } from './access-recorder.js';
import { Ledger } from './ledger.js';
import type { Sender } from './prepare.js';
import type { ReceivedEvent } from './sealer.js';
import { LogBusy, LogUnavailable } from './unavailable.js';

export class EntryQuery {
  @OptionalReason() reason?: string;
}

@ApiTags('events')
@ApiBearerAuth()
@Controller('v1/events')
export class EventsController {
  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {}

  @Post()
  @Roles('publisher')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Publish events',
    description:
      'CloudEvents 1.0 over HTTP: structured, binary or batch. Idempotent by (source, id) for ever. A batch answers {receipts}, one per event in order.',
  })
  @ApiConsumes('application/cloudevents+json', 'application/cloudevents-batch+json', 'application/json')
  @ApiBody({ schema: { type: 'object' } })
  async publish(
    @Req() request: PrincipalRequest & { body: Buffer },
    @Res({ passthrough: true }) response: Response,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Receipt | { receipts: Receipt[] }> {
    const decoded = decodeHttp({ contentType: request.headers['content-type'], headers: request.headers, body: request.body });
    if (!decoded.ok) throw wholeRequest(decoded.status, decoded.problems);
    const events = decoded.mode === 'binary' ? decoded.events.map(refuseSubjectInHeader) : decoded.events;
    const items = events.some(({ ok }) => !ok) ? withOriginals(events, request.body, decoded.mode === 'batch') : events;
    const trace = request.headers.traceparent;
    const sender: Sender = {
      channel: 'http',
      principal: principal.sub,
      maySpeakFor: (source) => maySpeakFor(principal, source),
      trace: typeof trace === 'string' && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(trace) ? trace : undefined,
    };
    const receipts = await this.receive(items, sender);
    if (decoded.mode === 'batch') return { receipts };
    const receipt = receipts[0]!;
    if (receipt.status === 'rejected') throw rejected(receipt);
    response.status(receipt.status === 'sealed' ? 201 : 200);
    return receipt;
  }

  @Get(':position')
  @Roles('auditor', 'dpo')
  @ApiOperation({
    summary: 'One sealed entry, as it was sealed',
    description:
      '`bytes` (base64) is what the leaf hash is of; `entry` the same as JSON, null where that is none; `trace` the W3C traceparent of the request that brought it. A look at a person is recorded.',
  })
  async entry(
    @Param('position', ParseIntPipe) position: number,
    @Query() { reason }: EntryQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ position: number; leafHash: string; trace: string | null; bytes: string; entry: Entry | null }> {
    const stored = position < 0 || !Number.isSafeInteger(position) ? undefined : await this.ledger.reader.entry(position);
    if (!stored)
      throw Problem.notFound('There is no entry at this position.', 'Positions run from 0 to the size of the checkpoint less one.');
    const entry = entryIn(stored.bytes);
    if (entry?.subject) {
      const look = { action: 'entry.read', resource: 'GET /v1/events/:position', subject: entry.subject.id, positions: [position] };
      await this.access.allowed(principal, { ...look, reason });
    }
    return { position, leafHash: stored.leafHash.toString('base64'), trace: stored.trace, bytes: stored.bytes.toString('base64'), entry };
  }

  private async receive(items: ReceivedEvent[], sender: Sender): Promise<Receipt[]> {
    try {
      return await this.ledger.sealer.receive(items, sender);
    } catch (error) {
      if (error instanceof LogBusy)
        throw Problem.unavailable(
          'More events are under way than the ledger holds at once.',
          'Send them again in a moment, under the same ids.',
          'busy',
          1,
        );
      if (error instanceof LogUnavailable)
        throw Problem.unavailable(
          'The log cannot be reached; it is not known whether the events were sealed.',
          'Send them again under the same ids; none is sealed twice.',
        );
      throw error;
    }
  }
}

/** What could not be decoded is kept as it came. */
function withOriginals(items: DecodedEvent[], body: Buffer, batch: boolean): ReceivedEvent[] {
  const text = body.toString('utf8');
  const originals = batch ? (JSON.parse(text) as unknown[]) : [text];
  return items.map((item, i) => (item.ok ? item : { ...item, original: originals[i] }));
}

/** Headers end in access logs and proxies: a person may be named there by a ref alone. */
function refuseSubjectInHeader(item: DecodedEvent): DecodedEvent {
  const { subject, id, source, type } = (item.ok ? item.event : {}) as Record<string, unknown>;
  if (typeof subject !== 'string' || subjectKind(subject) !== 'clear') return item;
  const name = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    ok: false,
    problems: [
      {
        field: '/subject',
        code: 'subject-in-clear',
        message: 'The person is named in clear in a header.',
        fix: 'Send a subject ref, or use the structured mode, where the subject is in the body.',
      },
    ],
    ...definedOnly({ id: name(id), source: name(source), type: name(type) }),
  };
}

const definedOnly = (names: Record<string, string | undefined>) =>
  Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined));

/** What was edited in the database need not be an entry any more; whoever checks it gets the bytes all the same. */
function entryIn(bytes: Buffer): Entry | null {
  try {
    return JSON.parse(bytes.toString('utf8')) as Entry;
  } catch {
    return null;
  }
}

function wholeRequest(status: 400 | 413 | 415, problems: FieldProblem[]): Problem {
  const [first] = problems;
  const init = { slug: first?.code ?? 'bad-request', status, title: 'The request cannot be read as CloudEvents', errors: problems };
  return new Problem({ ...init, ...(first && { detail: first.message, fix: first.fix }) });
}

function rejected(receipt: Receipt): Problem {
  const problems = receipt.problems ?? [];
  const conflict = problems.some(({ code }) => code === 'id-conflict');
  return new Problem({
    slug: conflict ? 'id-conflict' : 'event-rejected',
    status: conflict ? 409 : 422,
    title: conflict ? 'This id was already used for another event' : 'The event was rejected',
    detail: `${problems.length} thing${problems.length === 1 ? ' is' : 's are'} wrong with it; the rejection is kept and can be found under /v1/rejections.`,
    fix: 'Mend what errors names and publish it again.',
    errors: problems,
    extensions: { receipt: { id: receipt.id, source: receipt.source, status: receipt.status } },
  });
}
