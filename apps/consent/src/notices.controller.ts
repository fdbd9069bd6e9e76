import { randomUUID } from 'node:crypto';
import { noticeAt, noticePeriod, supersededAt, tellsOf, type Notice } from '@attesta/policy';
import { CurrentPrincipal, type Principal, refuseUnsealable, Roles } from '@attesta/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { NoticeBody, PurposeBody } from './bodies.js';
import { commandId } from './command.js';
import { Consent } from './consent.js';
import { CONSENT_SOURCE } from './decision-events.js';

interface NoticeRow {
  version: string;
  languages: { language: string; sha256: string | null }[];
  effectiveFrom: string;
  /** When the last of its purposes was told of anew; null while one is not. */
  effectiveUntil: string | null;
  current: boolean;
  /** Null: every purpose of the policy file. */
  purposes: string[] | null;
}

interface PurposeRow {
  purpose: string;
  title: string;
  titleTh: string | null;
  bases: Record<string, string[]>;
  separable: boolean;
  objection: string;
  channels: string[] | null;
  /** The provision, for a purpose registered while the system runs. */
  registered: string | null;
  state: 'active' | 'not-communicated' | 'quarantined';
}

/** The registers of notices and purposes (notice introduction, clause 4.11). */
@ApiTags('notices')
@ApiBearerAuth()
@Controller('v1')
export class NoticesController {
  constructor(@Inject(Consent) private readonly consent: Consent) {}

  @Get('notices')
  @Roles('publisher', 'subject', 'dpo', 'auditor', 'operator')
  @ApiOperation({ summary: 'All versions of the notice, and from when to when people could be asked under each' })
  async notices(): Promise<{ data: NoticeRow[] }> {
    const policy = await this.consent.policies.refresh(this.consent.pool);
    const now = this.consent.now().getTime();
    const current = new Set([...policy.purposes.keys()].map((purpose) => noticeAt(policy, purpose, now)));
    const data = [...policy.notices].map(([version, texts]) => {
      const { from, purposes } = noticePeriod(policy, version)!;
      const told = [...policy.purposes.keys()].filter((purpose) => tellsOf(policy, version, purpose));
      const until = Math.max(...told.map((purpose) => supersededAt(policy, version, purpose)));
      return {
        version,
        languages: texts.map(({ language, sha256 }: Notice) => ({ language, sha256: sha256 ?? null })),
        effectiveFrom: new Date(from).toISOString(),
        effectiveUntil: Number.isFinite(until) ? new Date(until).toISOString() : null,
        current: current.has(version),
        purposes: purposes === undefined ? null : [...purposes],
      };
    });
    return { data: data.sort((a, b) => (a.effectiveFrom < b.effectiveFrom ? 1 : -1)) };
  }

  @Post('notices')
  @Roles('dpo')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Publish a version of the notice',
    description: 'Takes effect with its sealing, at the earliest. Consents given before stay with the version they were given under.',
  })
  publish(@Body() body: NoticeBody, @CurrentPrincipal() principal: Principal): Promise<{ id: string; source: string; status: 'accepted' }> {
    const { id: _id, ...data } = body;
    return this.say('attesta.notice.published.v1', body, data, principal);
  }

  @Get('purposes')
  @Roles('publisher', 'subject', 'dpo', 'auditor', 'operator')
  @ApiOperation({ summary: 'The register of purposes: active, registered but not told yet, or asked about and quarantined' })
  async purposes(): Promise<{ data: PurposeRow[] }> {
    const policy = await this.consent.policies.refresh(this.consent.pool);
    const { rows } = await this.consent.pool.query<{ purpose: string }>('select purpose from quarantined_purpose order by purpose');
    const now = this.consent.now().getTime();
    const known = [...policy.purposes.values()].map(({ id, title, title_th, bases, separable, objection, channels, registered }) => ({
      purpose: id,
      title,
      titleTh: title_th ?? null,
      bases,
      separable,
      objection,
      channels: channels ?? null,
      registered: registered ?? null,
      state: registered !== undefined && noticeAt(policy, id, now) === undefined ? ('not-communicated' as const) : ('active' as const),
    }));
    const quarantined = rows.filter(({ purpose }) => !policy.purposes.has(purpose)).map(({ purpose }) => asked(purpose));
    return { data: [...known, ...quarantined] };
  }

  @Post('purposes')
  @Roles('dpo')
  @HttpCode(202)
  @ApiOperation({ summary: 'Register a purpose with its bases and citation; it comes to life with a notice that names it (clause 4.11)' })
  register(
    @Body() body: PurposeBody,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ id: string; source: string; status: 'accepted' }> {
    const { id: _id, bases, separable = true, objection = 'decision', ...rest } = body;
    const data = { ...rest, separable, objection, bases: bases.map((one) => ({ ...one })) };
    return this.say('attesta.purpose.registered.v1', body, data, principal);
  }

  /** Said here, in force once it is sealed: the ledger has the last word on what is registered. */
  private async say(
    type: string,
    names: { id?: string },
    data: object,
    { sub }: Principal,
  ): Promise<{ id: string; source: string; status: 'accepted' }> {
    const now = this.consent.now();
    const defined = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
    const event = { id: commandId(sub, type, names, randomUUID), type, time: now.toISOString(), actor: sub, data: defined };
    refuseUnsealable(CONSENT_SOURCE, event, await this.consent.policies.refresh(this.consent.pool), now);
    await this.consent.transact((tx) => this.consent.say(tx, [event]));
    return { id: event.id, source: CONSENT_SOURCE, status: 'accepted' };
  }
}

const asked = (purpose: string): PurposeRow => ({
  purpose,
  title: purpose,
  titleTh: null,
  bases: {},
  separable: true,
  objection: 'decision',
  channels: null,
  registered: null,
  state: 'quarantined',
});
