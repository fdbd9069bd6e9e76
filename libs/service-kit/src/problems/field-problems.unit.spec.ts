import 'reflect-metadata';
import { Type } from 'class-transformer';
import { IsInt, ValidateNested } from 'class-validator';
import type { ArgumentMetadata } from '@nestjs/common';
import { validationPipe } from '../http/validation.js';
import { findHostileJson } from '../http/hostile-json.js';
import { Problem } from './problem.js';

class Line {
  @IsInt() amount!: number;
}
class Order {
  @ValidateNested({ each: true }) @Type(() => Line) lines!: Line[];
}

const metadata: ArgumentMetadata = { type: 'body', metatype: Order };
const fieldsOf = async (body: object) => {
  const refused: unknown = await validationPipe()
    .transform(body, metadata)
    .catch((error: unknown) => error);
  return (refused as Problem).errors?.map(({ field }) => field);
};

it('names the field, and the item of a list by its number', async () => {
  expect(await fieldsOf({ lines: [{ amount: 1 }, { amount: 'two' }] })).toEqual(['/lines/1/amount']);
});

it('does not repeat a name that may be somebody’s value', async () => {
  expect(await fieldsOf({ lines: [], 'somchai@mail.example': 1 })).toEqual(['/?']);
  expect(findHostileJson({ 'somchai@mail.example': { name: 'a\u0000b' }, fine: 1 })).toMatchObject([{ field: '/?/name' }]);
});
