import { SUBJECT } from '@attesta/events';
import { AttestaServicesOnly, CurrentPrincipal, Roles, type Contacts, type Principal } from '@attesta/service-kit';
import { Body, Controller, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsInt, IsOptional, Matches, Max, Min, ValidateNested } from 'class-validator';
import { Ledger } from './ledger.js';

const MOST = 500;
const MOST_PEOPLE = 200;
const MOST_POSITIONS = 16;

export class DirectoryRefsBody {
  @ApiProperty({ type: [String], description: 'Subject refs (ref1.…), at most 500; never an identifier in clear' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST)
  @Matches(SUBJECT.ref, {
    each: true,
    message: 'each value in refs must be a subject ref (ref1.…)',
    context: { fix: 'Make refs of identifiers with the SDK; no identifier is taken here in clear.' },
  })
  refs!: string[];

  @ApiPropertyOptional({ default: false, description: 'An unknown ref becomes a new subject' })
  @IsOptional()
  @IsBoolean()
  enrol?: boolean;
}

export class DirectorySubjectsBody {
  @ApiProperty({ type: [String], description: 'Subject ids, at most 500' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST)
  @Matches(SUBJECT.id, {
    each: true,
    message: 'each value in subjects must be a subject id',
    context: { fix: 'Send subject ids as the ledger gives them: UUIDs in lower case.' },
  })
  subjects!: string[];
}

export class DirectoryErasuresBody {
  @ApiProperty({ description: 'The last number that is known; 0 = from the start' })
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  after!: number;

  @ApiPropertyOptional({ default: MOST, maximum: MOST })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MOST)
  limit?: number;
}

export class PersonContactsBody {
  @ApiProperty({ description: 'Subject id' })
  @Matches(SUBJECT.id, {
    message: '$property must be a subject id',
    context: { fix: 'Send subject ids as the ledger gives them: UUIDs in lower case.' },
  })
  subject!: string;

  @ApiProperty({ type: [Number], description: 'Entries whose sealed parts may hold an address of the person, at most 16' })
  @IsArray()
  @ArrayMaxSize(MOST_POSITIONS)
  @IsInt({ each: true })
  @Min(0, { each: true })
  @Max(Number.MAX_SAFE_INTEGER, { each: true })
  positions!: number[];
}

export class DirectoryContactsBody {
  @ApiProperty({ type: [PersonContactsBody], description: 'At most 200 people' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_PEOPLE)
  @ValidateNested({ each: true })
  @Type(() => PersonContactsBody)
  wanted!: PersonContactsBody[];
}

/**
 * It names pseudonyms by pseudonyms and shows no personal data, so that asking is not recorded as an access; a refusal is. Only where people are
 * reached is personal, and each such question is recorded.
 */
@ApiTags('directory')
@ApiBearerAuth()
@Controller('v1/directory')
@UseGuards(AttestaServicesOnly)
export class DirectoryController {
  constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

  @Post('subjects')
  @Roles('auditor', 'publisher')
  @HttpCode(200)
  @ApiOperation({
    summary: "The subjects behind refs, for Attesta's own services",
    description: 'Null where nobody is known or they were forgotten; with enrol an unknown ref becomes a new subject.',
  })
  async subjects(@Body() { refs, enrol }: DirectoryRefsBody): Promise<{ subjects: Record<string, string | null> }> {
    return { subjects: await this.ledger.directory.subjectsOf(refs, enrol) };
  }

  @Post('refs')
  @Roles('auditor', 'publisher')
  @HttpCode(200)
  @ApiOperation({
    summary: "The refs that lead to subjects, for Attesta's own services",
    description: 'Empty where the subject is unknown or was forgotten.',
  })
  async refs(@Body() { subjects }: DirectorySubjectsBody): Promise<{ refs: Record<string, string[]> }> {
    return { refs: await this.ledger.directory.refsOf(subjects) };
  }

  @Post('erasures')
  @Roles('auditor', 'publisher')
  @HttpCode(200)
  @ApiOperation({
    summary: "People forgotten as a whole, for Attesta's own services",
    description: 'In the order in which they were, numbered; a service whose database was restored from a backup forgets them again.',
  })
  erasures(@Body() { after, limit = MOST }: DirectoryErasuresBody): Promise<{ erasures: { n: number; subject: string }[]; last: number }> {
    return this.ledger.directory.erasures(after, limit);
  }

  @Post('contacts')
  @Roles('publisher')
  @HttpCode(200)
  @ApiOperation({
    summary: "Where people are reached, for Attesta's own services",
    description:
      'By subject id and channel, the newest address that can still be opened; none of who is unknown or forgotten. Recorded as an access.',
  })
  async contacts(@Body() { wanted }: DirectoryContactsBody, @CurrentPrincipal() principal: Principal): Promise<{ contacts: Contacts }> {
    return { contacts: await this.ledger.directory.contactsOf(wanted, principal) };
  }
}
