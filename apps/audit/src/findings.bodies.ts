import { IsImpersonal, Optional, OptionalReason, Reason, Required, RequiredOneOf, Whole } from '@attesta/service-kit';
import { ArrayMaxSize, ArrayUnique, IsArray, IsInt, IsString, Length, Matches, Max, Min } from 'class-validator';
import { OUTCOMES, type Outcome } from './finding-desk.decider.js';

const NAME = /^[A-Za-z0-9/][A-Za-z0-9._:/#-]{0,199}$/;

const Version = () => Whole({ description: 'version of the finding as you saw it: the command is refused where it has changed since' });

export class FindingParam {
  @Required(
    { description: 'Name of the finding, such as use-after-withdrawal:17' },
    Matches(NAME, { message: '$property must be the name of a finding' }),
  )
  finding!: string;
}

export class FindingQuery {
  @OptionalReason() reason?: string;
}

export class AssignBody {
  @Required(
    { description: 'Who is to deal with it: the pseudonym that events have as their actor' },
    IsString(),
    Length(1, 200),
    IsImpersonal(),
  )
  to!: string;
  @Optional({ description: 'What there is to do; sealed' }, IsString(), Length(3, 500), IsImpersonal()) note?: string;
  @Version() version?: number;
}

export class ResolveBody {
  @RequiredOneOf(OUTCOMES) outcome!: Outcome;
  @Reason('Why; sealed') reason!: string;
  @Optional(
    { type: [Number], description: 'Positions of the entries that show it' },
    IsArray(),
    ArrayMaxSize(1_000),
    ArrayUnique(),
    IsInt({ each: true }),
    Min(0, { each: true }),
    Max(Number.MAX_SAFE_INTEGER, { each: true }),
  )
  positions?: number[];
  @Version() version?: number;
}

export class ReopenBody {
  @Reason('Why; sealed') reason!: string;
  @Version() version?: number;
}
