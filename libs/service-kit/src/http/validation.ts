import { ValidationPipe } from '@nestjs/common';
import { Problem } from '../problems/problem.js';
import { fieldProblems } from '../problems/field-problems.js';

/** Bodies, queries and parameters declared as classes: unknown fields are refused, all problems are listed, no value is echoed. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => Problem.invalid(fieldProblems(errors)),
  });
}
