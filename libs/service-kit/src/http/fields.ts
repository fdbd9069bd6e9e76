import { personalKind } from '@attesta/policy';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';
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
  Length,
  Matches,
  Max,
  Min,
  ValidateBy,
} from 'class-validator';

const LARGEST = Number.MAX_SAFE_INTEGER;
const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const ID_MESSAGE = '$property must be an id of the policy: lower-case letters, digits, dots and hyphens';

/** Stricter than what the ledger refuses: anything like an address, and numbers as long as the ids of persons. */
const IMPERSONAL = /^(?!.*@)(?!.*(?<![\w.])\d(?:[ -]?\d){12,}(?!\w|\.\d))[^\p{Cc}\p{Cs}]*$/su;

/** Text that is sealed unencrypted and for ever. */
export const IsImpersonal = (): PropertyDecorator =>
  ValidateBy(
    {
      name: 'matches',
      validator: { validate: (text) => typeof text === 'string' && IMPERSONAL.test(text) && personalKind(text) === undefined },
    },
    { message: '$property must not hold e-mail addresses, phone numbers, long numbers or control characters' },
  );

/** A field that must be there. */
export const Required = (options: ApiPropertyOptions, ...valid: PropertyDecorator[]): PropertyDecorator =>
  applyDecorators(ApiProperty(options), ...valid);

/** A field that may be left out. */
export const Optional = (options: ApiPropertyOptions, ...valid: PropertyDecorator[]): PropertyDecorator =>
  applyDecorators(ApiPropertyOptional(options), IsOptional(), ...valid);

/** A whole number; query strings hold text. */
export const Whole = (options: ApiPropertyOptions, least = 0, most = LARGEST): PropertyDecorator =>
  Optional(
    options,
    Type(() => Number),
    IsInt(),
    Min(least),
    Max(most),
  );

export const IsPolicyId = (): PropertyDecorator => Matches(ID, { message: ID_MESSAGE });
export const Id = (description?: string): PropertyDecorator => Optional({ description }, IsPolicyId());

const idList = (least: number, most: number): PropertyDecorator[] => [
  IsArray(),
  ArrayMinSize(least),
  ArrayMaxSize(most),
  ArrayUnique(),
  Matches(ID, { each: true, message: ID_MESSAGE.replace('must be an id', 'must be ids') }),
];
/** Ids of the policy, each once. */
export const Ids = (description: string, most: number, least = 1): PropertyDecorator =>
  Required({ description, type: [String] }, ...idList(least, most));
export const OptionalIds = (description: string, most: number, least = 1): PropertyDecorator =>
  Optional({ description, type: [String] }, ...idList(least, most));

export const IsTime = (): PropertyDecorator => IsISO8601({ strict: true, strictSeparator: true });
export const Time = (description: string): PropertyDecorator => Optional({ description }, IsTime());
export const OneOf = (values: readonly string[], options: ApiPropertyOptions = {}): PropertyDecorator =>
  Optional({ ...options, enum: [...values] } as ApiPropertyOptions, IsIn([...values]));
export const RequiredOneOf = (values: readonly string[], options: ApiPropertyOptions = {}): PropertyDecorator =>
  Required({ ...options, enum: [...values] } as ApiPropertyOptions, IsIn([...values]));

const IS_REASON = [IsString(), Length(3, 500), IsImpersonal()];
export const Reason = (description = 'Why you look; recorded'): PropertyDecorator => Required({ description }, ...IS_REASON);
export const OptionalReason = (description = 'Why you look; recorded'): PropertyDecorator => Optional({ description }, ...IS_REASON);
