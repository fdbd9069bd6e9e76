import { agesAt, type AgeFact, type PersonRecord } from '@attesta/decisions';
import { CurrentPrincipal, happenedAt, OwnPerson, type Principal, Problem, Roles } from '@attesta/service-kit';
import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AgeBody, GuardianBody, LiftBody, ObjectionBody, ObjectionDecisionBody, RestrictionBody } from './bodies.js';
import { Consent } from './consent.js';
import { Flags, type FlagAnswer } from './flags.js';

const plain = <T extends object>(evidence: T | undefined): T | undefined => evidence && { ...evidence };

/** What a person may ask that decisions respect besides their consents (notice clauses 6.5, 7.4, 7.5). */
@ApiTags('rights')
@ApiBearerAuth()
@Controller('v1')
export class RightsController {
  constructor(
    @Inject(Consent) private readonly consent: Consent,
    @Inject(Flags) private readonly flags: Flags,
    @Inject(OwnPerson) private readonly own: OwnPerson,
  ) {}

  @Post('objections')
  @Roles('publisher', 'dpo', 'subject')
  @ApiOperation({
    summary: 'Object to processing for purposes, or stop objecting',
    description: 'Counts at once: to marketing for good, to other purposes until the objection is decided.',
  })
  async object(@Body() body: ObjectionBody, @CurrentPrincipal() { sub, ...principal }: Principal): Promise<FlagAnswer> {
    const subject = await this.own.enrolled(body.subject, { sub, ...principal });
    const { purposes, status, method, evidence } = body;
    const untouchable = purposes.filter((purpose) => this.consent.policy.purposes.get(purpose)?.objection === 'none');
    if (status === 'raised' && untouchable.length > 0) throw notObjectable(purposes.indexOf(untouchable[0]!));
    const type = `attesta.objection.${status}.v1`;
    return this.flags.take(
      { type, subject, actor: sub, data: { purposes, method, ...(status === 'raised' && { evidence: plain(evidence) }) } },
      body,
    );
  }

  @Post('objections/decisions')
  @Roles('dpo')
  @ApiOperation({ summary: 'Uphold or reject an objection, with the reason (PDPA s.32, GDPR Art. 21)' })
  async decideObjection(@Body() body: ObjectionDecisionBody, @CurrentPrincipal() { sub }: Principal): Promise<FlagAnswer> {
    const subject = await this.consent.directory.enrolled(body.subject);
    const { purposes, outcome, reason, law } = body;
    const absolute = purposes.find((purpose) => this.consent.policy.purposes.get(purpose)?.objection === 'absolute');
    if (outcome === 'rejected' && absolute !== undefined) throw isAbsolute(purposes.indexOf(absolute));
    const refuse = ({ objections }: PersonRecord) => {
      const nothing = purposes.find((purpose) => !objections.some((one) => one.purpose === purpose && one.state === 'raised'));
      if (nothing !== undefined) throw nothingToDecide();
    };
    return this.flags.take(
      { type: 'attesta.objection.decided.v1', subject, actor: sub, data: { purposes, outcome, reason, law }, refuse },
      body,
    );
  }

  @Post('restrictions')
  @Roles('publisher', 'dpo', 'subject')
  @ApiOperation({ summary: 'Restrict the use of data: it may be kept, and nothing else (notice clause 7.5)' })
  async restrict(@Body() body: RestrictionBody, @CurrentPrincipal() principal: Principal): Promise<FlagAnswer> {
    const subject = await this.own.enrolled(body.subject, principal);
    const { purposes, categories, ground, method } = body;
    return this.flags.take(
      { type: 'attesta.restriction.placed.v1', subject, actor: principal.sub, data: { purposes, categories, ground, method } },
      body,
    );
  }

  @Post('restrictions/lift')
  @Roles('dpo')
  @HttpCode(200)
  @ApiOperation({ summary: 'Lift a restriction of the same scope, with the reason' })
  async lift(@Body() body: LiftBody, @CurrentPrincipal() { sub }: Principal): Promise<FlagAnswer> {
    const subject = await this.consent.directory.enrolled(body.subject);
    const { purposes, categories, reason } = body;
    return this.flags.take({ type: 'attesta.restriction.lifted.v1', subject, actor: sub, data: { purposes, categories, reason } }, body);
  }

  @Post('ages')
  @Roles('publisher', 'dpo')
  @ApiOperation({
    summary: 'How old a person is: the date of birth, or the age rules attested; a later one corrects an earlier',
    description: 'The log holds the age rules alone. Consents that the person could not give at that age are invalidated.',
  })
  async age(@Body() body: AgeBody, @CurrentPrincipal() { sub }: Principal): Promise<FlagAnswer & { rules: string[] }> {
    const subject = await this.consent.directory.enrolled(body.subject);
    const { birthDate, method, evidence } = body;
    const at = Date.parse(happenedAt(body.time, this.consent.now()));
    const rules = birthDate === undefined ? (body.rules ?? []) : this.rulesOf(birthDate, at);
    if (rules.length === 0) throw noAge();
    const data = { rules, method, evidence: plain(evidence) };
    const answer = await this.flags.take({ type: 'attesta.age.attested.v1', subject, actor: sub, data, birthDate }, body);
    return { ...answer, rules };
  }

  @Post('guardians')
  @Roles('publisher', 'dpo')
  @ApiOperation({ summary: 'Who holds parental responsibility for a minor, or no longer does (PDPA s.20, GDPR Art. 8)' })
  async guardian(@Body() body: GuardianBody, @CurrentPrincipal() { sub }: Principal): Promise<FlagAnswer> {
    const subject = await this.consent.directory.enrolled(body.subject);
    const guardian = await this.consent.directory.enrolled(body.guardian);
    if (guardian === subject) throw ownGuardian();
    const { method, evidence, status } = body;
    const data = { related: [{ subject: guardian, role: 'guardian' }], method, evidence: plain(evidence) };
    return this.flags.take({ type: `attesta.guardian.${status}.v1`, subject, actor: sub, data }, body);
  }

  /** @throws Problem for a day that is none, or has not come */
  private rulesOf(birthDate: string, at: number): string[] {
    const born = new Date(`${birthDate}T00:00:00Z`);
    if (Number.isNaN(born.getTime()) || born.toISOString().slice(0, 10) !== birthDate || born.getTime() > at) throw noBirthDate();
    const age: Omit<AgeFact, 'subject' | 'source' | 'id' | 'position'> = { kind: 'age', at, known: at, rules: [], birthDate };
    return agesAt(age as AgeFact, at, this.consent.policy);
  }
}

const problem = (field: string, code: string, message: string, fix: string) => Problem.invalid([{ field, code, message, fix }]);
const notObjectable = (i: number) =>
  problem(
    `/purposes/${i}`,
    'not-objectable',
    'the purpose does not rest on a basis that can be objected to (PDPA s.32, GDPR Art. 21)',
    'leave it out; what rests on consent can be withdrawn at POST /v1/consents',
  );
const isAbsolute = (i: number) =>
  problem(`/purposes/${i}`, 'objection-absolute', 'an objection to this purpose cannot be rejected', 'leave it out: it stands');
const noAge = () => problem('/birthDate', 'missing-field', 'either birthDate or rules says how old the person is', 'send one of them');
const noBirthDate = () => problem('/birthDate', 'bad-format', 'is no day of the calendar that has come', 'write it like 2016-02-29');
const ownGuardian = () =>
  problem('/guardian', 'own-guardian', 'nobody is their own guardian', 'name the holder of parental responsibility');
const nothingToDecide = () =>
  Problem.conflict(
    'The person has raised no objection to one of these purposes that waits for a decision.',
    'Look at their objections first.',
    'nothing-to-decide',
  );
