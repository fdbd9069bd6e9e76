import { Problem } from '@attesta/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from './audit.js';
import { LedgerUnavailable, LogInconsistent } from './checkpoints.js';
import type { Page } from './page.js';
import { NotReached, type AsOf } from './standing.js';

/** A page of a list, and what vouches for it. */
export interface Answer<T> {
  data: T[];
  next_cursor: string | null;
  has_more: boolean;
  asOf: AsOf;
}

interface Wanted {
  as_of?: number | undefined;
  cursor?: number | undefined;
  limit: number;
}

/** Puts lists and where the registers stand together. */
@Injectable()
export class Answers {
  constructor(@Inject(Audit) private readonly audit: Audit) {}

  /** Where the registers stand, or stood. @throws Problem 409 for a position not reached, 503 when the ledger cannot vouch */
  async asOf(wanted?: number): Promise<AsOf> {
    try {
      return await this.audit.standing.at(wanted);
    } catch (error) {
      throw problemOf(error);
    }
  }

  /** Where the registers stood a moment ago. @throws Problem 503 when the ledger cannot vouch */
  async recent(): Promise<AsOf> {
    try {
      return await this.audit.standing.recent();
    } catch (error) {
      throw problemOf(error);
    }
  }

  async page<T extends { position: number }>({ as_of, cursor, limit }: Wanted, read: (page: Page) => Promise<T[]>): Promise<Answer<T>> {
    const asOf = await this.asOf(as_of);
    return cut(await read({ asOf: asOf.position, cursor, limit: limit + 1 }), limit, asOf, ({ position }) => String(position));
  }
}

/** @param rows one more than `limit` when there are more */
export function cut<T>(rows: T[], limit: number, asOf: AsOf, cursorOf: (last: T) => string): Answer<T> {
  const more = rows.length > limit;
  const data = more ? rows.slice(0, limit) : rows;
  return { data, next_cursor: more ? cursorOf(data.at(-1)!) : null, has_more: more, asOf };
}

export function problemOf(error: unknown): unknown {
  if (error instanceof NotReached) {
    return Problem.conflict(
      `The registers have not reached that position; they stand at ${error.position}.`,
      'Ask for a position up to there, or again in a moment if an entry was sealed there.',
      'not-reached',
    );
  }
  if (error instanceof LedgerUnavailable) {
    return Problem.unavailable(
      'The ledger does not answer, so nothing would vouch for the answer.',
      'Try again in a moment.',
      'ledger-unavailable',
    );
  }
  if (error instanceof LogInconsistent || (error instanceof Error && error.name === 'NoteError')) {
    return Problem.unavailable(
      'The newest checkpoint of the ledger does not hold: wrong key, or another tree than before.',
      'Operators: run `attesta log verify` and compare ATTESTA_LOG_KEY before anything else.',
      'log-inconsistent',
    );
  }
  return error;
}
