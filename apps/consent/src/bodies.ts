import {
  Id,
  Ids,
  IsImpersonal,
  IsPolicyId,
  IsTime,
  OneOf,
  Optional,
  OptionalIds,
  OptionalReason,
  Reason,
  Required,
  RequiredOneOf,
  Time,
  Whole,
} from '@attesta/service-kit';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator';

const SUBJECT = { description: 'scheme|value, a subject ref or a subject id', example: 'account|c-1001' };
const Subject = () => Required(SUBJECT, IsString(), Length(3, 300));
const Name = () =>
  Optional(
    { description: 'Your own id of this command: sent again under it, it changes nothing' },
    Matches(/^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,199}$/),
  );
const Happened = () => Time('When it happened (RFC 3339); now without it');
const Method = () => Required({ description: 'Method of the policy, such as preference-center' }, IsPolicyId());
const DURATION = /^P(?!$)(?:\d{1,5}Y)?(?:\d{1,5}M)?(?:\d{1,5}W)?(?:\d{1,5}D)?(?:T(?=\d)(?:\d{1,5}H)?(?:\d{1,5}M)?(?:\d{1,5}S)?)?$/;

export class EvidenceBody {
  @Required({ description: 'Kind of evidence, such as scan or screenshot' }, IsPolicyId()) kind!: string;
  @Optional({ description: 'SHA-256 of it, hexadecimal' }, Matches(/^[0-9a-f]{64}$/)) digest?: string;
}

/** Common to all commands about a person. */
class AboutPerson {
  @Name() id?: string;
  @Subject() subject!: string;
  @Happened() time?: string;
}

const Evidence = () =>
  Optional(
    { type: () => EvidenceBody },
    IsObject(),
    ValidateNested(),
    Type(() => EvidenceBody),
  );

export class ChoiceBody extends AboutPerson {
  @Ids('Purposes of the policy', 16) purposes!: string[];
  @RequiredOneOf(['given', 'refused', 'withdrawn', 'requested', 'deferred']) status!:
    'given' | 'refused' | 'withdrawn' | 'requested' | 'deferred';
  @Method() method!: string;
  @Optional(
    { description: 'Version of the notice that was shown; the one in effect when it happened, for everything but a consent given' },
    IsString(),
    Length(1, 64),
  )
  noticeVersion?: string;
  @Optional({ description: 'BCP 47; en without it', default: 'en' }, Matches(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/)) language?: string;
  @Optional({ description: 'SHA-256 of the wording shown, hexadecimal' }, Matches(/^[0-9a-f]{64}$/)) wordingDigest?: string;
  @Evidence() evidence?: EvidenceBody;
  @OptionalIds('Channels, where not all of the purpose', 16) channels?: string[];
  @OptionalIds('Data categories, where not all of the purpose', 32) categories?: string[];
  @Optional({ description: 'ISO 8601 duration' }, Matches(DURATION)) validFor?: string;
  @Optional({ description: 'An express statement, as sensitive data needs' }, IsBoolean()) explicit?: boolean;
  @OneOf(['subject', 'guardian', 'controller'], { default: 'subject' }) by?: 'subject' | 'guardian' | 'controller';
  @Optional({ description: 'Provision under which a minor chooses alone' }, IsString(), Length(3, 200), IsImpersonal()) capacity?: string;
  @OptionalReason('Why; sealed') reason?: string;
  @Id() jurisdiction?: string;
  @Id() controller?: string;
}

export class SignalBody {
  @Subject() subject!: string;
  @Optional({ description: 'BCP 47; en without it', default: 'en' }, Matches(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/)) language?: string;
}

export class PreviewBody {
  @Subject() subject!: string;
  @Ids('Purposes whose consent would be withdrawn', 16) purposes!: string[];
}

export class QueryBody {
  @Subject() subject!: string;
  @Time('As it stood then (happened; RFC 3339)') at?: string;
  @Time('As far as it was known then (RFC 3339)') known?: string;
}

export class AsOfQuery {
  @Time('As it stood then (happened; RFC 3339)') at?: string;
  @Time('As far as it was known then (RFC 3339)') known?: string;
  @OptionalReason('Why you look; recorded. Needed unless you look at yourself') reason?: string;
}

export class DecisionBody {
  @Subject() subject!: string;
  @RequiredOneOf(['collect', 'use', 'disclose', 'store']) operation!: 'collect' | 'use' | 'disclose' | 'store';
  @Ids('Data categories of the policy', 32) categories!: string[];
  @Required({ description: 'Purpose of the policy' }, IsPolicyId()) purpose!: string;
  @Id('Party of the policy that it is disclosed to') recipient?: string;
  @Id('Channel by which the person is reached') channel?: string;
  @Id('Basis relied on; the first that fits, without it') basis?: string;
  @Optional({ description: 'Provision relied on' }, IsString(), Length(1, 500)) basisCitation?: string;
  @Optional({ description: 'Order, warrant or provision that demands a disclosure' }, IsString(), Length(1, 500)) legalReference?: string;
  @Id('Method by which the data was collected, where it confines the recipients') method?: string;
  @Optional({ description: 'ISO 3166-1 alpha-2' }, Matches(/^[A-Z]{2}$/)) country?: string;
  @Id() transferGround?: string;
  @Id() jurisdiction?: string;
  @Id() controller?: string;
}

export const MOST_DECISIONS = 500;

export class DecisionsBody {
  @ApiPropertyOptional({ type: () => [DecisionBody] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_DECISIONS)
  @ValidateNested({ each: true })
  @Type(() => DecisionBody)
  requests!: DecisionBody[];
}

export class ObjectionBody extends AboutPerson {
  @Ids('Purposes objected to', 16) purposes!: string[];
  @RequiredOneOf(['raised', 'withdrawn']) status!: 'raised' | 'withdrawn';
  @Method() method!: string;
  @Evidence() evidence?: EvidenceBody;
}

export class ObjectionDecisionBody extends AboutPerson {
  @Ids('Purposes objected to', 16) purposes!: string[];
  @RequiredOneOf(['upheld', 'rejected']) outcome!: 'upheld' | 'rejected';
  @Reason('Why; sealed, and told to the person') reason!: string;
  @Optional({ description: 'Provision relied on' }, IsString(), Length(3, 200), IsImpersonal()) law?: string;
}

export class RestrictionBody extends AboutPerson {
  @OptionalIds('Purposes; all without them', 16) purposes?: string[];
  @OptionalIds('Data categories; all without them', 32) categories?: string[];
  @RequiredOneOf(['accuracy-contested', 'unlawful-processing', 'needed-for-claims', 'objection-pending']) ground!: string;
  @Method() method!: string;
}

export class LiftBody extends AboutPerson {
  @OptionalIds('Purposes, as they were restricted', 16) purposes?: string[];
  @OptionalIds('Data categories, as they were restricted', 32) categories?: string[];
  @Reason('Why; sealed') reason!: string;
}

export class AgeBody extends AboutPerson {
  @Optional(
    { description: 'Date of birth, YYYY-MM-DD: kept encrypted, never in the log' },
    Matches(/^(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/),
  )
  birthDate?: string;
  @OptionalIds('Age rules of the policy, one per jurisdiction, where the date is not known', 16) rules?: string[];
  @Method() method!: string;
  @Evidence() evidence?: EvidenceBody;
}

export class GuardianBody extends AboutPerson {
  @Required({ ...SUBJECT, description: 'The holder of parental responsibility' }, IsString(), Length(3, 300)) guardian!: string;
  @RequiredOneOf(['recorded', 'ended']) status!: 'recorded' | 'ended';
  @Method() method!: string;
  @Evidence() evidence?: EvidenceBody;
}

export class NoticeBody {
  @Name() id?: string;
  @Required({ description: 'Version, such as 2026-12-01' }, Matches(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)) version!: string;
  @Required({ description: 'BCP 47, such as en or th' }, Matches(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/)) language!: string;
  @Required({ description: 'SHA-256 of the exact text, hexadecimal' }, Matches(/^[0-9a-f]{64}$/)) digest!: string;
  @Required({ description: 'From when people may be asked under it (RFC 3339)' }, IsTime()) effectiveAt!: string;
  @Optional({ description: 'Where the text is' }, IsString(), Length(1, 500)) uri?: string;
  @Optional({ description: 'What changed' }, IsString(), Length(1, 4000)) changes?: string;
  @OptionalIds('Purposes it tells of; all of the policy file without them', 64) purposes?: string[];
}

export class PurposeBasesBody {
  @Required({ description: 'Jurisdiction of the policy' }, IsPolicyId()) jurisdiction!: string;
  @Ids('Lawful bases there, the first one being what it rests on where nobody says otherwise', 16) bases!: string[];
}

export class PurposeBody {
  @Name() id?: string;
  @Required({ description: 'Id of the purpose' }, IsPolicyId()) purpose!: string;
  @Required({ description: 'Title' }, IsString(), Length(3, 500)) title!: string;
  @Optional({ description: 'Title in Thai' }, IsString(), Length(1, 500)) titleTh?: string;
  @Required(
    { type: () => [PurposeBasesBody] },
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(16),
    ValidateNested({ each: true }),
    Type(() => PurposeBasesBody),
  )
  bases!: PurposeBasesBody[];
  @Required({ description: 'The provision it rests on' }, IsString(), Length(3, 500)) citation!: string;
  @IsOptional() @Optional({ default: true, description: 'The service goes on without it' }, IsBoolean()) separable?: boolean;
  @OneOf(['none', 'decision', 'absolute'], { default: 'decision' }) objection?: 'none' | 'decision' | 'absolute';
  @OptionalIds('Channels by which people are reached', 16) channels?: string[];
}

export class ChangesQuery {
  @Whole({ description: 'Changes after this number', default: 0 }) after = 0;
  @Whole({ default: 500, maximum: 1000 }, 1, 1000) limit = 500;
  @Whole({ default: 0, description: 'Milliseconds to wait for a change when there is none', maximum: 20_000 }, 0, 20_000) wait_ms = 0;
}

export class AcknowledgementBody {
  @Required({ description: 'Name of the consumer' }, Matches(/^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,99}$/)) consumer!: string;
  @Whole({ description: 'Everything up to this number is applied' }) changed!: number;
}

export class ReceiptQuery {
  @Optional({ description: 'CloudEvents source of the consent; this service without it' }, IsString(), Length(1, 300)) source?: string;
  @OneOf(['iso-27560', 'kantara'], { default: 'iso-27560' }) format: 'iso-27560' | 'kantara' = 'iso-27560';
  @OptionalReason('Why you look; recorded. Needed unless it is your own') reason?: string;
}
