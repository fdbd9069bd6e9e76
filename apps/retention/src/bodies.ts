import {
  Id,
  IsImpersonal,
  IsTime,
  Ids,
  OneOf,
  Optional,
  OptionalIds,
  OptionalReason,
  Reason,
  Required,
  RequiredOneOf,
  Whole,
} from '@attesta/service-kit';
import { Transform } from 'class-transformer';
import { IsBoolean, IsString, IsUUID, Length, Matches } from 'class-validator';

const MATTER = /^[A-Za-z0-9/][A-Za-z0-9._:/#-]{0,199}$/;
const isTrue = ({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value);

export class HoldBody {
  @Optional({ description: 'UUID of yours, so that asking twice places one hold' }, IsUUID())
  id?: string;

  @Optional(
    { description: 'Whose data: scheme|value, a subject ref or a subject id; without it everybody’s', example: 'account|c-1001' },
    IsString(),
    Length(3, 300),
  )
  subject?: string;

  @Required(
    { description: 'The case or matter it is for: a reference, never a name', example: 'case-7/2569' },
    IsString(),
    Matches(MATTER, { message: 'matter must be a reference: letters, digits and . _ : / # -' }),
    IsImpersonal(),
  )
  matter!: string;

  @Reason('Why the data has to stay; recorded')
  reason!: string;

  @Optional({ description: 'The provision it rests on' }, IsString(), Length(3, 200), IsImpersonal())
  law?: string;

  @OptionalIds('Data categories of the policy; without them all', 64)
  categories?: string[];

  @OptionalIds('Purposes of the policy; without them all', 32)
  purposes?: string[];
}

export class ReleaseBody {
  @Reason('Why it is no longer needed; recorded')
  reason!: string;
}

export class ListHoldsQuery {
  @Optional({ type: Boolean, description: 'Only those that stand, or only those released' }, Transform(isTrue), IsBoolean())
  active?: boolean;

  @Optional({}, IsString(), Length(1, 200))
  matter?: string;

  @Optional({ description: 'next_cursor of the page before' }, IsUUID())
  cursor?: string;

  @Whole({ default: 100 }, 1, 500)
  limit?: number;
}

export class HoldingsQuery {
  @OptionalReason()
  reason?: string;
}

export class ListDisposalsQuery {
  @OneOf(['started', 'instructed', 'completed', 'abandoned'])
  status?: string;

  @Optional({}, IsUUID())
  request?: string;

  @Optional({ description: 'Subject id' }, IsUUID())
  subject?: string;

  @Optional({ description: 'next_cursor of the page before' }, IsUUID())
  cursor?: string;

  @Whole({ default: 100 }, 1, 500)
  limit?: number;
}

export class ReviewBody {
  @Required({ description: 'Whose data: a subject id' }, IsUUID())
  subject!: string;

  @Ids('Data categories that are due for review', 64)
  categories!: string[];

  @RequiredOneOf(['dispose', 'keep'])
  outcome!: 'dispose' | 'keep';

  @Optional({ description: 'Until when it is kept (RFC 3339); with keep' }, IsTime())
  until?: string;

  @Reason('Why; recorded')
  reason!: string;
}

export class ForecastQuery {
  @Whole({ default: 12, description: 'How many months ahead' }, 1, 120)
  months?: number;
}

export class ReviewsQuery {
  @Id('Retention class of the policy')
  class?: string;

  @Whole({ default: 100 }, 1, 500)
  limit?: number;
}
