import { Id, OneOf, Optional, OptionalReason, Reason, Time, Whole } from '@attesta/service-kit';
import { ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator';
import { STATES } from './findings.projection.js';
import { OUTCOMES } from './messages.projection.js';

const LARGEST = Number.MAX_SAFE_INTEGER;
const AsOf = () => Whole({ description: 'The registers as they stood at this position of the log; the newest without it' });
const Limit = () => Whole({ default: 50, maximum: 500 }, 1, 500);
const Subject = () => Optional({ description: 'Subject id; the look is recorded' }, IsUUID());

/** Common to all lists. */
export class ListQuery {
  @AsOf() as_of?: number;
  @Whole({ description: 'next_cursor of the page before; ask with the asOf.position of the first page as as_of' }) cursor?: number;
  @Limit() limit = 50;
}

class PeriodQuery extends ListQuery {
  @Time('Happened at or after (RFC 3339)') from?: string;
  @Time('Happened before (RFC 3339)') to?: string;
}

export class CollectionsQuery extends PeriodQuery {
  @Id() category?: string;
  @Id() purpose?: string;
  @Id() channel?: string;
  @Id() method?: string;
  @Id() occasion?: string;
  @OneOf(['subject', 'third-party', 'derived']) origin?: string;
}

export class DisclosuresQuery extends PeriodQuery {
  @Id('Party of the policy') recipient?: string;
  @Id('Role of the recipient, such as processor') role?: string;
  @Id() category?: string;
  @Id() purpose?: string;
  @Optional({ description: 'ISO 3166-1 alpha-2' }, Matches(/^[A-Z]{2}$/, { message: '$property must be two upper-case letters' }))
  country?: string;
  @OneOf(['controller', 'subject', 'authority']) initiator?: string;
}

export class TimelineQuery extends PeriodQuery {
  @Optional(
    { description: 'Event type, such as attesta.collection.recorded.v1' },
    Matches(/^[a-z][a-z0-9.-]{0,127}$/, { message: '$property must be an event type' }),
  )
  type?: string;
  @Reason() reason!: string;
}

export class PersonCollectionsQuery extends CollectionsQuery {
  @Reason() reason!: string;
}

export class PersonDisclosuresQuery extends DisclosuresQuery {
  @Reason() reason!: string;
}

export class AllCollectionsQuery extends CollectionsQuery {
  @Subject() subject?: string;
  @OptionalReason() reason?: string;
}

export class AllDisclosuresQuery extends DisclosuresQuery {
  @Subject() subject?: string;
  @OptionalReason() reason?: string;
}

export class MessagesQuery extends PeriodQuery {
  @Subject() subject?: string;
  @Optional({ description: 'Id of a message' }, IsUUID()) message?: string;
  @Id() template?: string;
  @Id() channel?: string;
  @Id() purpose?: string;
  @OneOf(['legal', 'transactional', 'marketing']) kind?: string;
  @OneOf(OUTCOMES) outcome?: string;
  @OptionalReason() reason?: string;
}

export class BreachesQuery extends PeriodQuery {
  @Subject() subject?: string;
  @Optional({ description: 'Id of a breach' }, IsUUID()) breach?: string;
  @Id('What happened to it, such as recorded or overdue') event?: string;
  @Id() jurisdiction?: string;
  @OptionalReason() reason?: string;
}

export class RecipientsQuery {
  @AsOf() as_of?: number;
}

export class AccessLogQuery extends PeriodQuery {
  @Subject() subject?: string;
  @Optional({ description: 'Pseudonym of who looked' }, IsString(), Length(1, 300)) actor?: string;
  @Optional({}, Matches(/^[A-Za-z0-9/][A-Za-z0-9._:/#-]{0,199}$/)) action?: string;
  @OneOf(['allowed', 'denied']) outcome?: string;
  @OptionalReason() reason?: string;
}

export class FindingsQuery {
  @AsOf() as_of?: number;
  @Optional(
    { description: 'next_cursor of the page before' },
    Matches(/^\d{1,16}:[A-Za-z0-9/][A-Za-z0-9._:/#-]{0,199}$/, { message: '$property must be the next_cursor of a page before' }),
  )
  cursor?: string;
  @Limit() limit = 50;
  @Id() rule?: string;
  @OneOf(['info', 'warning', 'violation']) severity?: string;
  @OneOf(STATES, { description: '`open`: not resolved, assigned or not' }) state?: (typeof STATES)[number];
  @Optional({ description: 'Pseudonym of who is to deal with it' }, IsString(), Length(1, 200)) assigned_to?: string;
  @Subject() subject?: string;
  @OptionalReason() reason?: string;
}

export class ThirdPartySourcesQuery extends ListQuery {
  @Time('The instant the report is for (RFC 3339); now without it') at?: string;
  @OneOf(['informed', 'due', 'overdue']) state?: 'informed' | 'due' | 'overdue';
}

export const MOST_EVIDENCE = 10_000;

export class EvidenceBody {
  @Optional({ description: 'Everything about one person' }, IsUUID()) subject?: string;
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
  @Reason('What the evidence is for; recorded') reason!: string;
}

export class RebuildBody {
  @OneOf(['keep', 'swap'], { default: 'keep', description: 'What becomes of a second set that is not what the present one is' })
  onDifference: 'keep' | 'swap' = 'keep';
}

export class DigestQuery {
  @Whole({ description: 'Digests up to this position' }) position?: number;

  @Optional({ description: 'true: also what the digests must be, recomputed from the entries of the ledger' }, IsIn(['true', 'false']))
  recount?: string;
}
