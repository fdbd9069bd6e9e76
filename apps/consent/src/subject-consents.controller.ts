import { settled, type Fact } from '@attesta/decisions';
import { AccessRecorder, CurrentPrincipal, isOnlySubject, OwnPerson, type Principal, Problem, Roles } from '@attesta/service-kit';
import { Controller, Get, Inject, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AsOfQuery } from './bodies.js';
import { Consent } from './consent.js';
import { momentOf } from './moment.js';
import { factsAround, recordAt, standingsOf, type PurposeStanding } from './standings.js';

export interface PersonConsents {
  subject: string;
  /** The two times it is asked of: as it stood at `at`, as far as it was known at `known`. */
  at: string;
  known: string;
  purposes: PurposeStanding[];
  objections: { purpose: string; state: string; since: string; event: EventName }[];
  restrictions: { ground: string; purposes: string[] | null; categories: string[] | null; since: string; event: EventName }[];
  ages: string[];
}

interface EventName {
  source: string;
  id: string;
  position: number | null;
}

/** A fact as it was reported. */
export type HistoryRow = Omit<Fact, 'at' | 'known' | 'birthDate'> & { happenedAt: string; knownAt: string };

/** A person's consents, now or at any moment of both times. Every look is an event before it is answered. */
@ApiTags('subjects')
@ApiBearerAuth()
@Controller('v1/subjects/:id')
@Roles('auditor', 'dpo', 'subject')
export class SubjectConsentsController {
  constructor(
    @Inject(Consent) private readonly consent: Consent,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
    @Inject(OwnPerson) private readonly own: OwnPerson,
  ) {}

  @Get('consents')
  @ApiOperation({ summary: 'Where every purpose stands with a person, as of a moment in both times: happened at, known at' })
  async consents(
    @Param('id', new ParseUUIDPipe()) id: string,
    @Query() query: AsOfQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<PersonConsents> {
    const subject = await this.look(id, query, principal, 'consents');
    const moment = momentOf(query, this.consent.now());
    const record = await recordAt(this.consent, subject, moment);
    const iso = (millis: number) => new Date(millis).toISOString();
    const event = ({ source, id: name, position }: EventName): EventName => ({ source, id: name, position });
    return {
      subject,
      at: iso(moment.at),
      known: iso(moment.known),
      purposes: standingsOf(record, this.consent.policy, moment.at),
      objections: record.objections.map(({ purpose, state, at, ...named }) => ({ purpose, state, since: iso(at), event: event(named) })),
      restrictions: record.restrictions.map(({ ground, purposes, categories, at, ...named }) => ({
        ground,
        purposes: purposes ? [...purposes] : null,
        categories: categories ? [...categories] : null,
        since: iso(at),
        event: event(named),
      })),
      ages: record.ages,
    };
  }

  @Get('consent-history')
  @ApiOperation({ summary: 'Everything that was reported about a person that consents rest on, in the order in which it happened' })
  async history(
    @Param('id', new ParseUUIDPipe()) id: string,
    @Query() query: AsOfQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ subject: string; data: HistoryRow[] }> {
    const subject = await this.look(id, query, principal, 'consent-history');
    const facts = settled(await factsAround(this.consent, subject), momentOf(query, this.consent.now()));
    const mine = isOnlySubject(principal) ? facts.filter((fact) => fact.subject === subject) : facts;
    return { subject, data: mine.map(rowOf) };
  }

  /** @throws Problem 400 without a reason, 403 for somebody else */
  private async look(id: string, { reason }: AsOfQuery, principal: Principal, what: string): Promise<string> {
    const subject = id.toLowerCase();
    await this.own.require(subject, principal);
    if (reason === undefined && !isOnlySubject(principal)) {
      throw Problem.invalid([{ field: '/reason', code: 'missing-field', message: 'says why you look; it is recorded', fix: 'add it' }]);
    }
    const { rowCount } = await this.consent.pool.query('select 1 from person where subject = $1', [subject]);
    await this.access.allowed(principal, {
      action: `${what}.read`,
      resource: `GET /v1/subjects/:id/${what}`,
      subject: rowCount === 0 ? undefined : subject,
      reason,
    });
    return subject;
  }
}

function rowOf(fact: Fact): HistoryRow {
  const { at, known, ...rest } = fact;
  const { birthDate: _birthDate, ...said } = rest as typeof rest & { birthDate?: string };
  return { ...said, happenedAt: new Date(at).toISOString(), knownAt: new Date(known).toISOString() };
}
