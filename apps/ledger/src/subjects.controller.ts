import type { Entry } from '@attesta/events';
import { personalKind } from '@attesta/policy';
import { CurrentPrincipal, Limited, Problem, Roles, type Principal } from '@attesta/service-kit';
import type { Opened } from '@attesta/vault';
import { Body, Controller, Get, Header, HttpCode, Inject, Param, ParseIntPipe, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, IsString, Length, Matches } from 'class-validator';
import { AccessRecorder } from './access-recorder.js';
import { Ledger } from './ledger.js';
import { resolveWho } from './prepare.js';

export class LookupBody {
  @ApiProperty({ example: 'account|c-1001', description: 'scheme|value, or a subject ref' }) @IsString() @Length(3, 300) subject!: string;
  @ApiProperty({ description: 'Why you look; recorded' }) @IsString() @Length(3, 500) reason!: string;
}

export class ReasonBody {
  @ApiProperty({ description: 'Why; recorded' }) @IsString() @Length(3, 500) reason!: string;
}

export class ShredBody extends ReasonBody {
  @ApiPropertyOptional({ description: 'Retention classes; without them the whole person is forgotten' })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @Matches(/^[a-z][a-z0-9-]{0,63}$/, { each: true })
  classes?: string[];
}

@ApiTags('subjects')
@ApiBearerAuth()
@Controller('v1')
export class SubjectsController {
  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {}

  @Get('intake-key')
  @Roles('publisher', 'operator', 'auditor')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary:
      'What a publisher over Kafka needs: the public key personal parts are encrypted to (JWK, X25519), and its own keys to sign with',
    description: '`mac` has a secret key for each source prefix in the token, and is absent where the token names none.',
  })
  intakeKey(@CurrentPrincipal() { sources }: Principal): unknown {
    const { intakeKey, intakeMac } = this.ledger.secrets;
    return { ...intakeKey.publicKey, ...(sources.length > 0 && { mac: intakeMac.keysFor(sources) }) };
  }

  /** The identifier comes in the body, for URLs are logged everywhere. */
  @Post('subjects/lookup')
  @Limited('strict')
  @Roles('auditor', 'dpo')
  @HttpCode(200)
  @ApiOperation({ summary: 'The pseudonym of a person', description: 'Recorded as an access, whether found or not.' })
  async lookup(@Body() { subject, reason }: LookupBody, @CurrentPrincipal() principal: Principal): Promise<{ subject: string }> {
    const ref = resolveWho(subject, 'http', this.ledger.secrets.pepper);
    if (typeof ref !== 'string') throw Problem.invalid([{ field: '/subject', ...ref }]);
    if (!ref.startsWith('ref1.')) {
      throw Problem.invalid([
        {
          field: '/subject',
          code: 'bad-subject',
          message: 'This is neither scheme|value nor a subject ref.',
          fix: 'Send it like account|c-1001.',
        },
      ]);
    }
    const found = await this.ledger.vault.find(ref);
    await this.access.allowed(principal, { action: 'subject.lookup', resource: 'POST /v1/subjects/lookup', reason, subject: found });
    if (!found)
      throw Problem.notFound(
        'Nobody is known under this identifier, or they were forgotten.',
        'Check scheme and value.',
        'unknown-subject',
      );
    return { subject: found };
  }

  @Post('entries/:position/open')
  @Roles('dpo')
  @HttpCode(200)
  @ApiOperation({
    summary: 'The personal values sealed with one entry',
    description: 'Each part answers open, destroyed, removed, missing or altered. Recorded as an access.',
  })
  async open(
    @Param('position', ParseIntPipe) position: number,
    @Body() { reason }: ReasonBody,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ position: number; parts: (Opened & { subject: string; key: string })[] }> {
    const stored = position < 0 || !Number.isSafeInteger(position) ? undefined : await this.ledger.reader.entry(position);
    if (!stored)
      throw Problem.notFound('There is no entry at this position.', 'Positions run from 0 to the size of the checkpoint less one.');
    const entry = JSON.parse(stored.bytes.toString('utf8')) as Entry;
    await this.access.allowed(principal, {
      action: 'values.opened',
      resource: `/v1/entries/${position}`,
      reason,
      subject: entry.subject?.id,
      positions: [position],
    });
    const parts = await Promise.all(
      (entry.sealed ?? []).map(async (part, i) => ({
        subject: part.subject,
        key: part.key,
        ...(await this.ledger.vault.open(part, stored.cipher[i], entry)),
      })),
    );
    return { position, parts };
  }

  @Post('subjects/:id/shred')
  @Roles('dpo')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Destroy the keys of a person, or of some retention classes of theirs',
    description:
      'Crypto-shredding: every proof stays valid, nobody can open the values again, and refused events that name the person are no longer kept as they came. Sealed as key.destroyed.',
  })
  async shred(
    @Param('id', new ParseUUIDPipe()) id: string,
    @Body() { reason, classes }: ShredBody,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ subject: string; destroyed: string[]; position: number | null }> {
    refusePersonalReason(reason); // before what cannot be undone, for it will be told to the log
    const subject = id.toLowerCase();
    const shredded = await this.ledger.destroyer.shred(subject, { reason, actor: principal.sub, classes });
    if (!shredded)
      throw Problem.notFound('There is no such subject.', 'Subject ids come from POST /v1/subjects/lookup.', 'unknown-subject');
    return { subject, destroyed: shredded.keys, position: shredded.position ?? null };
  }
}

function refusePersonalReason(reason: string): void {
  const kind = personalKind(reason);
  if (kind === undefined) return;
  const message = `The reason holds what looks like ${kind}, and it is sealed in clear and for ever.`;
  throw Problem.invalid([
    { field: '/reason', code: 'personal-value-in-clear', message, fix: 'Refer to a case or request number instead.' },
  ]);
}
