import { rfc3339Millis } from '@attesta/events';
import { personalKind } from '@attesta/policy';
import {
  Id,
  Ids,
  IsImpersonal,
  IsPolicyId,
  IsTime,
  OneOf,
  Optional,
  OptionalIds,
  Required,
  RequiredOneOf,
  Time,
  Whole,
} from '@attesta/service-kit';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsObject,
  IsString,
  IsUUID,
  Length,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import type { Assessment, Closing, Facts, Words } from './breach.state.js';

/** People that one call may name: so many refs fit into the body that a route reads. */
export const MOST_PEOPLE = 4_000;
const MOST_COUNTED = 999_999_999_999;
const NATURES = ['confidentiality', 'integrity', 'availability'] as const;
/** Tabs and line breaks besides letters; nothing like an address, or like the number of a person. */
const IMPERSONAL_LINES = /^(?!.*@)(?!.*(?<![\w.])\d(?:[ -]?\d){12,}(?!\w|\.\d))(?:[\t\n]|[^\p{Cc}\p{Cs}])*$/su;

/** Text of several lines that is sealed unencrypted and for ever. */
const IsImpersonalText = (): PropertyDecorator =>
  ValidateBy(
    {
      name: 'matches',
      validator: { validate: (text) => typeof text === 'string' && IMPERSONAL_LINES.test(text) && personalKind(text) === undefined },
    },
    { message: '$property must not hold e-mail addresses, phone numbers, long numbers or control characters' },
  );
const ofText = (most: number) => [IsString(), Length(3, most), IsImpersonalText()];
const Text = (description: string, most: number) => Required({ description: `${description}; sealed` }, ...ofText(most));
const OptionalText = (description: string, most: number) => Optional({ description: `${description}; sealed` }, ...ofText(most));
const OptionalLine = (description: string, most: number) =>
  Optional({ description: `${description}; sealed` }, IsString(), Length(2, most), IsImpersonal());
const Nested = (of: () => new () => object, description: string) =>
  Required(
    { type: () => of(), description },
    IsObject(),
    ValidateNested(),
    Type(() => of()),
  );

class FactsBody {
  @Time('When it began (RFC 3339)') occurredFrom?: string;
  @Time('When it ended; not while it lasts') occurredUntil?: string;
  @Required(
    { description: 'What was breached', enum: [...NATURES], isArray: true },
    IsArray(),
    ArrayMinSize(1),
    ArrayUnique(),
    IsIn([...NATURES], { each: true }),
  )
  nature!: (typeof NATURES)[number][];
  @Ids('Data categories of the policy', 64) categories!: string[];
  @OptionalLine('Kinds of people concerned, such as customers or staff', 500) whom?: string;
  @Whole({ description: 'How many people, about' }, 0, MOST_COUNTED) people?: number;
  @Whole({ description: 'How many records, about' }, 0, MOST_COUNTED) records?: number;
  @Text('What happened', 4000) description!: string;
  @OptionalText('Why it could happen', 2000) cause?: string;
  @Id('Controller of the policy; the first one without it') controller?: string;
  @Ids('Jurisdictions whose authorities have to know', 8) jurisdictions!: string[];
}

export class BreachBody extends FactsBody {
  @Optional({ description: 'UUID of yours, so that recording twice records one breach' }, IsUUID()) id?: string;
  @Time('When the company became aware of it (RFC 3339), from which every clock runs; now without it') discoveredAt?: string;
}

/** All that is known now, and not only what is new. */
export class UpdateBreachBody extends FactsBody {
  @OptionalText('Why a jurisdiction that was named is none after all', 2000) reason?: string;
}

export class AssessBody {
  @RequiredOneOf(['none', 'risk', 'high'], { description: 'To the rights and freedoms of people' }) risk!: Assessment['risk'];
  @Text('Why (PDPC notification B.E. 2565, cl. 12, names what to weigh)', 4000) reasons!: string;
  @Text('Likely consequences', 4000) consequences!: string;
  @Text('Measures that were taken', 4000) measures!: string;
  @OptionalText('Measures that will be taken', 4000) planned?: string;
}

export class AuthorityNotifiedBody {
  @Required({ description: 'Jurisdiction of the policy' }, IsPolicyId()) jurisdiction!: string;
  @Required({ description: 'When it was told (RFC 3339)' }, IsTime()) at!: string;
  @RequiredOneOf(['initial', 'supplement'], { description: 'What is not known at first is told in supplements' }) phase!:
    'initial' | 'supplement';
  @OptionalLine('Reference that the authority gave', 200) reference?: string;
  @OptionalText('Why it comes late; needed when it does', 4000) explanation?: string;
}

export class NotNotifiedBody {
  @Text('Why no authority has to be told', 4000) reason!: string;
}

export class BreachPeopleBody {
  @Required(
    {
      description: `Whom it concerns: scheme|value, refs or subject ids; ${MOST_PEOPLE} a call`,
      type: [String],
      example: ['account|c-1001'],
    },
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(MOST_PEOPLE),
    IsString({ each: true }),
    Length(3, 300, { each: true }),
  )
  subjects!: string[];
}

class WordsBody {
  @Text('What happened', 2000) what!: string;
  @Text('Likely consequences', 2000) likely!: string;
  @Text('What was done and will be done', 2000) measures!: string;
  @Text('What the person can do', 2000) advice!: string;
}

class WordsInLanguagesBody {
  @Nested(() => WordsBody, 'In English') en!: WordsBody;
  @Nested(() => WordsBody, 'In Thai') th!: WordsBody;
}

export class PeopleNoticeBody {
  @Nested(() => WordsInLanguagesBody, 'What people are told; how to reach the officer is added') words!: Words;
  @OptionalIds('Everybody of whom data of these categories was collected; without it those who were named', 64) categories?: string[];
  @Time('Collected then or later; with categories') collectedFrom?: string;
  @Time('Collected then or before; with categories') collectedUntil?: string;
}

class ExemptionBody {
  @RequiredOneOf(['encrypted', 'averted', 'disproportionate'], { description: 'GDPR Art. 34(3)(a), (b), (c)' })
  ground!: NonNullable<Closing['exemption']>['ground'];
  @Text('Why it applies', 4000) explanation!: string;
  @OptionalLine('Where and when the public was told; with disproportionate', 500) publicCommunication?: string;
}

export class CloseBreachBody {
  @Text('Why', 4000) reason!: string;
  @Optional(
    { type: () => ExemptionBody, description: 'Why people at high risk, or some of them, were not told one by one' },
    IsObject(),
    ValidateNested(),
    Type(() => ExemptionBody),
  )
  exemption?: ExemptionBody;
}

export class ListBreachesQuery {
  @OneOf(['open', 'closed']) status?: 'open' | 'closed';
  @Optional({ description: 'next_cursor of the page before' }, IsUUID()) cursor?: string;
  @Whole({ default: 100, maximum: 500 }, 1, 500) limit = 100;
}

export const REPORT_FORMATS = ['json', 'html', 'pdf'] as const;
export class BreachReportQuery {
  @Id('Whose authority it is for; the first of the breach without it') jurisdiction?: string;
  @OneOf(REPORT_FORMATS, { default: 'json' }) format: (typeof REPORT_FORMATS)[number] = 'json';
}

export const factsOf = ({
  occurredFrom,
  occurredUntil,
  nature,
  categories,
  whom,
  people,
  records,
  description,
  cause,
  controller,
  jurisdictions,
}: FactsBody): Facts =>
  present<Facts>({
    occurredFrom: utc(occurredFrom),
    occurredUntil: utc(occurredUntil),
    nature,
    categories,
    whom,
    people,
    records,
    description,
    cause,
    controller,
    jurisdictions,
  });

/** Without what was left out. */
export const present = <T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

/** One way to write a time, so that the same time is the same; what is none is refused later. */
export function utc<T extends string | undefined>(time: T): T {
  const millis = time === undefined ? undefined : rfc3339Millis(time);
  return millis === undefined ? time : (new Date(millis).toISOString() as T);
}
