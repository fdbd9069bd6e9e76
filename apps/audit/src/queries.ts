import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator';

const LARGEST = Number.MAX_SAFE_INTEGER;
const ID = {
  pattern: /^[a-z0-9][a-z0-9._-]{0,63}$/,
  message: '$property must be an id of the policy: lower-case letters, digits, dots and hyphens',
};
const IsId = () => Matches(ID.pattern, { message: ID.message });
const IsTime = () => IsISO8601({ strict: true, strictSeparator: true });

/** What a reason may not hold, for it is sealed unencrypted and for ever: e-mail addresses, phone numbers, ids of persons. */
const IMPERSONAL =
  /^(?!.*@)(?!.*(?<![\w.+-])(?:\+\d{1,3}[ -]?\d(?:[ -]?\d){6,11}|0[689]\d[ -]?\d{3}[ -]?\d{4})(?![\w.-]))(?!.*(?<![\w.])\d(?:[ -]?\d){12,}(?![\w.]))[^\p{Cc}\p{Cs}]*$/su;

export const IsReason = () =>
  Matches(IMPERSONAL, { message: '$property must not hold e-mail addresses, phone numbers, long numbers or control characters' });

/** Common to all lists. */
export class ListQuery {
  @ApiPropertyOptional({ description: 'The registers as they stood at this position of the log; the newest without it' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(LARGEST)
  as_of?: number;

  @ApiPropertyOptional({ description: 'next_cursor of the page before; ask with the asOf.position of the first page as as_of' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(LARGEST)
  cursor?: number;

  @ApiPropertyOptional({ default: 50, maximum: 500 }) @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit = 50;
}

class PeriodQuery extends ListQuery {
  @ApiPropertyOptional({ description: 'Happened at or after (RFC 3339)' }) @IsOptional() @IsTime() from?: string;
  @ApiPropertyOptional({ description: 'Happened before (RFC 3339)' }) @IsOptional() @IsTime() to?: string;
}

export class CollectionsQuery extends PeriodQuery {
  @ApiPropertyOptional() @IsOptional() @IsId() category?: string;
  @ApiPropertyOptional() @IsOptional() @IsId() purpose?: string;
  @ApiPropertyOptional() @IsOptional() @IsId() channel?: string;
  @ApiPropertyOptional() @IsOptional() @IsId() method?: string;
  @ApiPropertyOptional() @IsOptional() @IsId() occasion?: string;
  @ApiPropertyOptional({ enum: ['subject', 'third-party', 'derived'] })
  @IsOptional()
  @IsIn(['subject', 'third-party', 'derived'])
  origin?: string;
}

export class DisclosuresQuery extends PeriodQuery {
  @ApiPropertyOptional({ description: 'Party of the policy' }) @IsOptional() @IsId() recipient?: string;
  @ApiPropertyOptional({ description: 'Role of the recipient, such as processor' }) @IsOptional() @IsId() role?: string;
  @ApiPropertyOptional() @IsOptional() @IsId() category?: string;
  @ApiPropertyOptional() @IsOptional() @IsId() purpose?: string;
  @ApiPropertyOptional({ description: 'ISO 3166-1 alpha-2' })
  @IsOptional()
  @Matches(/^[A-Z]{2}$/, { message: '$property must be two upper-case letters' })
  country?: string;
  @ApiPropertyOptional({ enum: ['controller', 'subject', 'authority'] })
  @IsOptional()
  @IsIn(['controller', 'subject', 'authority'])
  initiator?: string;
}

export class TimelineQuery extends PeriodQuery {
  @ApiPropertyOptional({ description: 'Event type, such as attesta.collection.recorded.v1' })
  @IsOptional()
  @Matches(/^[a-z][a-z0-9.-]{0,127}$/, { message: '$property must be an event type' })
  type?: string;
  @ApiProperty({ description: 'Why you look; recorded' }) @IsString() @Length(3, 500) @IsReason() reason!: string;
}

export class PersonCollectionsQuery extends CollectionsQuery {
  @ApiProperty({ description: 'Why you look; recorded' }) @IsString() @Length(3, 500) @IsReason() reason!: string;
}

export class PersonDisclosuresQuery extends DisclosuresQuery {
  @ApiProperty({ description: 'Why you look; recorded' }) @IsString() @Length(3, 500) @IsReason() reason!: string;
}

export class AllCollectionsQuery extends CollectionsQuery {
  @ApiPropertyOptional({ description: 'Subject id; the look is recorded' }) @IsOptional() @IsUUID() subject?: string;
  @ApiPropertyOptional({ description: 'Why you look; recorded' }) @IsOptional() @IsString() @Length(3, 500) @IsReason() reason?: string;
}

export class AllDisclosuresQuery extends DisclosuresQuery {
  @ApiPropertyOptional({ description: 'Subject id; the look is recorded' }) @IsOptional() @IsUUID() subject?: string;
  @ApiPropertyOptional({ description: 'Why you look; recorded' }) @IsOptional() @IsString() @Length(3, 500) @IsReason() reason?: string;
}

export class RecipientsQuery {
  @ApiPropertyOptional({ description: 'The registers as they stood at this position of the log' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(LARGEST)
  as_of?: number;
}

export class AccessLogQuery extends PeriodQuery {
  @ApiPropertyOptional() @IsOptional() @IsUUID() subject?: string;
  @ApiPropertyOptional({ description: 'Pseudonym of who looked' }) @IsOptional() @IsString() @Length(1, 300) actor?: string;
  @ApiPropertyOptional() @IsOptional() @Matches(/^[A-Za-z0-9/][A-Za-z0-9._:/#-]{0,199}$/) action?: string;
  @ApiPropertyOptional({ enum: ['allowed', 'denied'] }) @IsOptional() @IsIn(['allowed', 'denied']) outcome?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() @Length(3, 500) @IsReason() reason?: string;
}

export class FindingsQuery {
  @ApiPropertyOptional() @IsOptional() @Type(() => Number) @IsInt() @Min(0) @Max(LARGEST) as_of?: number;
  @ApiPropertyOptional({ description: 'next_cursor of the page before' })
  @IsOptional()
  @Matches(/^\d{1,16}:[A-Za-z0-9/][A-Za-z0-9._:/#-]{0,199}$/, { message: '$property must be the next_cursor of a page before' })
  cursor?: string;
  @ApiPropertyOptional({ default: 50, maximum: 500 }) @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit = 50;
  @ApiPropertyOptional() @IsOptional() @IsId() rule?: string;
  @ApiPropertyOptional({ enum: ['info', 'warning', 'violation'] }) @IsOptional() @IsIn(['info', 'warning', 'violation']) severity?: string;
  @ApiPropertyOptional({ enum: ['open', 'resolved'] }) @IsOptional() @IsIn(['open', 'resolved']) state?: 'open' | 'resolved';
  @ApiPropertyOptional() @IsOptional() @IsUUID() subject?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() @Length(3, 500) @IsReason() reason?: string;
}

export class ThirdPartySourcesQuery extends ListQuery {
  @ApiPropertyOptional({ description: 'The instant the report is for (RFC 3339); now without it' }) @IsOptional() @IsTime() at?: string;
  @ApiPropertyOptional({ enum: ['informed', 'due', 'overdue'] })
  @IsOptional()
  @IsIn(['informed', 'due', 'overdue'])
  state?: 'informed' | 'due' | 'overdue';
}

export const MOST_EVIDENCE = 10_000;

export class EvidenceBody {
  @ApiPropertyOptional({ description: 'Everything about one person' }) @IsOptional() @IsUUID() subject?: string;
  @ApiPropertyOptional({ type: [Number], description: 'These entries' })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_EVIDENCE)
  @ArrayUnique()
  @IsInt({ each: true })
  @Min(0, { each: true })
  @Max(LARGEST, { each: true })
  positions?: number[];
  @ApiProperty({ description: 'What the evidence is for; recorded' }) @IsString() @Length(3, 500) @IsReason() reason!: string;
}

export class ParkedQuery {
  @ApiPropertyOptional({ description: 'Subject id or source whose order is kept' }) @IsOptional() @IsString() @Length(1, 300) key?: string;
  @ApiPropertyOptional({ enum: ['parked', 'discarded'], default: 'parked' }) @IsOptional() @IsIn(['parked', 'discarded']) state:
    'parked' | 'discarded' = 'parked';
  @ApiPropertyOptional() @IsOptional() @Type(() => Number) @IsInt() @Min(0) @Max(LARGEST) cursor?: number;
  @ApiPropertyOptional({ default: 50, maximum: 500 }) @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit = 50;
}

export class ReplayBody {
  @ApiProperty({ description: 'Key of the parked events' }) @IsString() @Length(1, 300) key!: string;
}

export class DiscardBody {
  @ApiProperty({ description: 'Why the event is given up; kept' }) @IsString() @Length(3, 500) @IsReason() reason!: string;
}

export class DigestQuery {
  @ApiPropertyOptional({ description: 'Digests up to this position' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(LARGEST)
  position?: number;

  @ApiPropertyOptional({ description: 'true: also what the digests must be, recomputed from the entries of the ledger' })
  @IsOptional()
  @IsIn(['true', 'false'])
  recount?: string;
}
