import { CurrentPrincipal, type Principal, Roles } from '@attesta/service-kit';
import { Controller, Get, Inject, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers } from './answers.js';
import { Audit } from './audit.js';
import { consentStates, factsAbout, type ConsentStates } from './consent-states.js';
import type { DataMapLine } from './data-map-form.js';
import { readDataMap } from './data-map-source.js';
import { recordOf } from './links.projection.js';
import { PersonAccess } from './person-access.js';
import { ConsentStatesQuery, PersonQuery } from './register-queries.js';
import type { AsOf } from './standing.js';

export interface DataMap {
  subject: string;
  /** The instant that retention is told for. */
  at: string;
  data: DataMapLine[];
  asOf: AsOf;
}

export interface ConsentAnswer extends ConsentStates {
  subject: string;
  happenedAt: string;
  knownAt: string;
  asOf: AsOf;
}

/** What is known of a person, put together. Every look is an event before it is answered. */
@ApiTags('subjects')
@ApiBearerAuth()
@Controller('v1/subjects/:id')
@Roles('auditor', 'dpo', 'subject')
export class PersonAnswersController {
  constructor(
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Answers) private readonly answers: Answers,
    @Inject(PersonAccess) private readonly people: PersonAccess,
  ) {}

  @Get('data-map')
  @ApiOperation({
    summary: 'What is held of a person: from where, why, until when, who got it, and what was destroyed',
    description: 'A line for each category, with the positions that prove it. Notice clauses 5.1 and 7.1, PDPA s.30, GDPR Art. 15.',
  })
  async dataMap(
    @Param('id', new ParseUUIDPipe()) givenId: string,
    @Query() { as_of, reason }: PersonQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<DataMap> {
    const id = givenId.toLowerCase();
    const everything = this.people.mayRead(principal, id);
    const asOf = await this.answers.asOf(as_of);
    const now = this.audit.now();
    const spans = await recordOf(this.audit.pool, id, asOf.position);
    const found = await readDataMap(this.audit.pool, this.audit.policy, spans, { asOf: asOf.position, now: now.getTime() });
    const look = { action: 'data-map.read', resource: 'GET /v1/subjects/:id/data-map', reason, rows: found.length };
    await this.people.looked(principal, id, { ...look, asOf: asOf.position, found: found.length > 0 });
    return { subject: id, at: now.toISOString(), data: everything ? found : found.map(withoutMatters), asOf };
  }

  @Get('consent-states')
  @ApiOperation({
    summary: 'Consent of a person by purpose, as of two times',
    description: 'What had happened by `happened_at`, as far as it was sealed by `known_at`; each with the position it rests on.',
  })
  async consentStates(
    @Param('id', new ParseUUIDPipe()) givenId: string,
    @Query() { as_of, reason, happened_at, known_at }: ConsentStatesQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<ConsentAnswer> {
    const id = givenId.toLowerCase();
    this.people.mayRead(principal, id);
    const asOf = await this.answers.asOf(as_of);
    const now = this.audit.now();
    const [happened, known] = [happened_at ?? now, known_at ?? now].map((time) => new Date(time)) as [Date, Date];
    const facts = await factsAbout(this.audit.pool, id, asOf.position);
    const states = consentStates(id, facts, this.audit.policy, { happenedAt: happened.getTime(), knownAt: known.getTime() });
    const look = { action: 'consent-states.read', resource: 'GET /v1/subjects/:id/consent-states', reason, rows: states.states.length };
    await this.people.looked(principal, id, { ...look, asOf: asOf.position, found: facts.length > 0 });
    return { subject: id, happenedAt: happened.toISOString(), knownAt: known.toISOString(), ...states, asOf };
  }
}

/** That something is held is told to the person; the case it is held for is not. */
const withoutMatters = (line: DataMapLine): DataMapLine => ({ ...line, holds: line.holds.map((hold) => ({ ...hold, matter: null })) });
