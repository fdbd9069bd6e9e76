import {
  Id,
  Ids,
  IsImpersonal,
  IsPolicyId,
  IsTime,
  OneOf,
  Optional,
  OptionalIds,
  Reason,
  Required,
  RequiredOneOf,
  Time,
  Whole,
} from '@attesta/service-kit';
import { TASK_KINDS } from '@attesta/sdk';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsEmail,
  IsIn,
  IsObject,
  IsString,
  IsUUID,
  Length,
  Matches,
  MaxLength,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { STATUSES } from './request.state.js';

const LANGUAGE = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/;
const Name = () =>
  Optional(
    { description: 'Your own id of this command: sent again under it, it changes nothing' },
    Matches(/^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,199}$/),
  );
/** What `URL` can read: whoever uses it later must not be the first to find out. */
const IsWebAddress = () =>
  ValidateBy(
    {
      name: 'isUrl',
      validator: { validate: (text) => typeof text === 'string' && /^https?:\/\//.test(text) && URL.canParse(text) },
    },
    { message: '$property must be a whole URL, such as https://shop.example/hook' },
  );
/** What a person writes to people: kept encrypted, never sealed. */
const Text = (description: string) => Optional({ description }, IsString(), Length(1, 20_000));
const Receipt = () =>
  Optional({ description: 'The receipt that came with the request; without a token it opens it' }, Matches(/^[A-Za-z0-9_-]{32}$/));

export class EvidenceBody {
  @Required({ description: 'Kind of evidence, such as passport or letter' }, IsPolicyId()) kind!: string;
  @Optional({ description: 'SHA-256 of it, hexadecimal' }, Matches(/^[0-9a-f]{64}$/)) digest?: string;
}
const Evidence = () =>
  Optional(
    { type: () => EvidenceBody },
    IsObject(),
    ValidateNested(),
    Type(() => EvidenceBody),
  );

export class IdentifierBody {
  @Required({ description: 'account, email, phone and so on' }, Matches(/^[a-z][a-z0-9-]{0,31}$/)) scheme!: string;
  @Required({ description: 'The identifier; kept encrypted, and given to the systems that are asked' }, IsString(), Length(1, 256))
  value!: string;
}

export class ChangeBody {
  @Required({ description: 'Data category of the policy' }, IsPolicyId()) category!: string;
  @Required({ description: 'Field, as the systems name it' }, IsPolicyId()) field!: string;
  @Required({ description: 'What is right; kept encrypted' }, IsString(), MaxLength(4_000)) value!: string;
}

export class IdentityBody {
  @Evidence() evidence?: EvidenceBody;
}

export class RequestBody {
  @Name() id?: string;
  @Required({ description: 'Right of the policy, such as access or erasure' }, IsPolicyId()) right!: string;
  @Optional(
    { description: 'scheme|value, a subject ref or a subject id; the e-mail address without it', example: 'account|c-1001' },
    IsString(),
    Length(3, 300),
  )
  subject?: string;
  @Optional({ description: 'Where a one-time code goes, and what is for the person alone' }, IsEmail(), MaxLength(254)) email?: string;
  @Optional(
    { type: () => [IdentifierBody], description: 'What else the person is known by' },
    IsArray(),
    ArrayMaxSize(16),
    ValidateNested({ each: true }),
    Type(() => IdentifierBody),
  )
  identifiers?: IdentifierBody[];
  @Optional({ description: 'BCP 47; en without it', default: 'en' }, Matches(LANGUAGE)) language?: string;
  @Id() jurisdiction?: string;
  @OptionalIds('Purposes it is about (objection, consent-withdrawal, restriction)', 16) purposes?: string[];
  @OptionalIds('Channels it is about (consent-withdrawal)', 16) channels?: string[];
  @OptionalIds('Data categories it is about', 32) categories?: string[];
  @OneOf(['accuracy-contested', 'unlawful-processing', 'needed-for-claims', 'objection-pending'], { description: 'Of a restriction' })
  ground?: 'accuracy-contested' | 'unlawful-processing' | 'needed-for-claims' | 'objection-pending';
  @Optional(
    { type: () => [ChangeBody], description: 'Of a rectification' },
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(32),
    ValidateNested({ each: true }),
    Type(() => ChangeBody),
  )
  changes?: ChangeBody[];
  @Text('What the person writes') text?: string;
  @OneOf(['form', 'email', 'letter', 'phone', 'in-person'], { description: 'How it came; the data protection officer may say' })
  channel?: 'form' | 'email' | 'letter' | 'phone' | 'in-person';
  @Time('When it came (RFC 3339); the data protection officer may say') receivedAt?: string;
  @Evidence() evidence?: EvidenceBody;
  @Optional(
    { type: () => IdentityBody, description: 'The data protection officer has seen who it is' },
    IsObject(),
    ValidateNested(),
    Type(() => IdentityBody),
  )
  identity?: IdentityBody;
}

export class ReceiptBody {
  @Receipt() receipt?: string;
}
export class CodeBody extends ReceiptBody {
  @Required({ description: 'Six digits' }, Matches(/^\d{6}$/)) code!: string;
}
export class AttestBody {
  @RequiredOneOf(['verified', 'insufficient']) outcome!: 'verified' | 'insufficient';
  @Evidence() evidence?: EvidenceBody;
}
export class ClarificationBody {
  @Required({ description: 'What is asked; sealed' }, IsString(), Length(3, 1000), IsImpersonal()) question!: string;
}
export class AnswerBody extends ReceiptBody {
  @Text('What the person answers') text?: string;
}
export class RefusedBody {
  @Required({ description: 'Data category' }, IsPolicyId()) category!: string;
  @Required({ description: 'Refusal ground of the policy' }, IsPolicyId()) ground!: string;
}
export class AcceptBody {
  @Optional(
    { type: () => [RefusedBody], description: 'Categories that are refused, each on its ground' },
    IsArray(),
    ArrayMaxSize(32),
    ValidateNested({ each: true }),
    Type(() => RefusedBody),
  )
  refused?: RefusedBody[];
}
export class RejectBody {
  @Optional({ description: 'Refusal ground of the policy: there is no refusal without one' }, IsPolicyId()) ground?: string;
  @Reason('Why; sealed, and told to the person') reason!: string;
}
export class ExtendBody {
  @Required({ description: 'The day by which it will be done (RFC 3339)' }, IsTime()) until!: string;
  @Reason('Why; sealed, and told to the person') reason!: string;
}
export class ReopenBody {
  @Reason('Why; sealed') reason!: string;
  @Optional({ description: 'The complaint that led to it' }, IsUUID()) complaint?: string;
}
export class SettleBody {
  @Reason('Why, or how the recipient was told; sealed') reason!: string;
  @Optional({ description: 'The recipient was told and has acknowledged' }, IsBoolean()) acknowledged?: boolean;
}
export class LookBody {
  @Reason() reason!: string;
}
export class SettleMailBody {
  @Reason('What it was, or what was made of it; recorded, so nothing personal') reason!: string;
  @Optional({ description: 'The request that was made of it; without one the message is destroyed' }, IsUUID()) request?: string;
}

export class ListQuery {
  @OneOf(STATUSES) status?: (typeof STATUSES)[number];
  @Id('Right of the policy') right?: string;
  @Optional(
    { description: 'Only those past their deadline', type: Boolean },
    Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : value)),
    IsBoolean(),
  )
  overdue?: boolean;
  @Optional({ description: 'Subject id' }, IsUUID()) subject?: string;
  @Optional({ description: 'As the page before gave it' }, IsString(), Length(1, 200)) cursor?: string;
  @Whole({ default: 100, maximum: 500 }, 1, 500) limit = 100;
}

export class OwnListQuery {
  @Optional({ description: 'As the page before gave it' }, IsString(), Length(1, 200)) cursor?: string;
  @Whole({ default: 100, maximum: 500 }, 1, 500) limit = 100;
}

export class DisposalTasksQuery {
  @Optional({ description: 'All tasks of one disposal; without it the open ones of all' }, IsUUID()) disposal?: string;
  @Optional({ description: 'As the page before gave it' }, IsString(), Length(1, 200)) cursor?: string;
  @Whole({ default: 100, maximum: 500 }, 1, 500) limit = 100;
}

export class SystemBody {
  @Required({ description: 'Id, such as storefront' }, IsPolicyId()) id!: string;
  @Required({ description: 'Title' }, IsString(), Length(1, 200)) title!: string;
  @Required(
    { description: 'CloudEvents source that its tokens speak for', example: '//storefront.m-med.example' },
    IsString(),
    Length(3, 300),
  )
  source!: string;
  @Ids('Data categories it holds', 64) categories!: string[];
  @Required(
    { description: 'What it can be asked for', enum: [...TASK_KINDS], isArray: true },
    IsArray(),
    ArrayMinSize(1),
    IsIn([...TASK_KINDS], { each: true }),
  )
  kinds!: (typeof TASK_KINDS)[number][];
  @Id('Party of the policy that it belongs to') party?: string;
  @Optional({ description: 'Where tasks are sent (Standard Webhooks); without it the system fetches them' }, IsWebAddress())
  url?: string;
}

export class TasksQuery {
  @Required({ description: 'Id of the system' }, IsPolicyId()) system!: string;
  @Whole({ default: 0, description: 'Milliseconds to wait for a task when there is none', maximum: 20_000 }, 0, 20_000) wait_ms = 0;
  @Whole({ default: 50, maximum: 200 }, 1, 200) limit = 50;
}
