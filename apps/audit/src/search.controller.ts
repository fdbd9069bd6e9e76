import { hash } from 'node:crypto';
import { AccessRecorder, CurrentPrincipal, type Principal, Problem, Roles } from '@attesta/service-kit';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, type Answer } from './answers.js';
import { Audit } from './audit.js';
import { printSearch, type SearchQuery } from './search-language.js';
import { peopleNamed } from './search-matching.js';
import { readQuery, shapeOf } from './search-personal.js';
import { SearchParameters } from './search-queries.js';
import { look } from './search.js';
import { entryRow, isKnown, type EntryRow } from './timeline.projection.js';

export interface SearchAnswer extends Answer<EntryRow> {
  /** The query as it was understood. */
  query: string;
  /** Every entry from here to the newest was looked at; null when all were. A page may end for time, with fewer rows than there is room for. */
  looked_to: number | null;
}

@ApiTags('search')
@ApiBearerAuth()
@Controller('v1/search')
@Roles('auditor', 'dpo')
export class SearchController {
  constructor(
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Answers) private readonly answers: Answers,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'All sealed entries that a query asks for, newest first',
    description:
      'Qualifiers: type, subject, recipient, purpose, category, basis, method, channel, actor, source, clause, rule, request, breach, finding, position, created (when sealed), occurred. ' +
      'The same qualifier twice, or a list with commas, means any of them; `-` before it leaves them out; `*` ends a type or source that only begins so; other words stand in the type or its title. ' +
      'A page that took long ends early: `has_more` with `looked_to`. Every search is recorded; one that names a person needs a reason.',
  })
  async search(
    @Query() { q, as_of, cursor, limit, reason }: SearchParameters,
    @CurrentPrincipal() principal: Principal,
  ): Promise<SearchAnswer> {
    const query = readQuery(q);
    requireReason(query, reason);
    const asOf = await this.answers.asOf(as_of);
    const from = cursor === undefined ? asOf.position : Math.min(asOf.position, positionOf(cursor, query) - 1);
    const { rows, down } = await look(this.audit.pool, query, { from, limit });
    const data = rows.map(({ position, bytes, leafHash }) => entryRow(position, bytes.toString(), leafHash));
    await this.record(principal, query, { reason, rows: data.length, asOf: asOf.position });
    return {
      data,
      next_cursor: down === undefined ? null : cursorOf(down, query),
      has_more: down !== undefined,
      asOf,
      query: printSearch(query),
      looked_to: down ?? null,
    };
  }

  /** Once for everybody who is named, or once. An id that nobody has cannot stand as the subject of an event. */
  private async record(
    principal: Principal,
    query: SearchQuery,
    said: { reason: string | undefined; rows: number; asOf: number },
  ): Promise<void> {
    const named = await Promise.all(peopleNamed(query).map(async (one) => ((await isKnown(this.audit.pool, one)) ? one : undefined)));
    const resource = `GET /v1/search ${shapeOf(query)}`.trim();
    for (const subject of named.length > 0 ? new Set(named) : [undefined]) {
      await this.access.allowed(principal, { action: 'search.run', resource, subject, ...said });
    }
  }
}

/** @throws Problem 400 for a query that names a person and no reason */
export function requireReason(query: SearchQuery, reason: string | undefined): void {
  if (reason !== undefined || peopleNamed(query).length === 0) return;
  throw Problem.badRequest(
    'The query names a person, so the look is recorded with a reason.',
    'Send reason=<why you look>.',
    [
      {
        field: '/reason',
        code: 'required',
        message: 'reason is required where the query names a person',
        fix: 'Say why you look, in 3 to 500 characters.',
      },
    ],
    'reason-required',
  );
}

/** A cursor belongs to its query: with another it would skip what that one asks for. */
const cursorOf = (position: number, query: SearchQuery): string => `${position}-${hash('sha256', printSearch(query), 'hex').slice(0, 8)}`;

function positionOf(cursor: string, query: SearchQuery): number {
  const position = Number(cursor.slice(0, cursor.indexOf('-')));
  if (cursorOf(position, query) === cursor) return position;
  throw Problem.badRequest(
    'The cursor is of another query.',
    'Ask for the first page of this query, without a cursor.',
    undefined,
    'cursor-of-another-query',
  );
}
