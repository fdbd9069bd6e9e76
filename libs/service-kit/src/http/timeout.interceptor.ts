import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { throwError, timeout } from 'rxjs';
import type { Observable } from 'rxjs';
import { Problem } from '../problems/problem.js';

/** Answers 503 when a handler has not answered in time. The handler itself is not stopped: statement timeouts end its queries. */
@Injectable()
export class TimeoutInterceptor implements NestInterceptor {
  /** @param milliseconds 0 = no limit */
  constructor(private readonly milliseconds: number) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (this.milliseconds === 0 || context.getType() !== 'http') return next.handle();
    return next.handle().pipe(
      timeout({
        first: this.milliseconds,
        with: () =>
          throwError(() =>
            Problem.unavailable('The answer took longer than this service waits.', 'Ask for less at once, or try again later.', 'timeout'),
          ),
      }),
    );
  }
}
