import { CurrentPrincipal, happenedAt, Problem, refuseUnsealable, Roles, type Principal } from '@attesta/service-kit';
import { uuidOf } from '@attesta/event-log';
import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ReviewBody, ReviewsQuery } from './bodies.js';
import { RETENTION_SOURCE } from './disposal-store.js';
import { Retention } from './retention.js';
import { noteReview, type DueReview } from './reviews.js';

/** Data about which a rule lets a person decide when its time has come. */
@ApiTags('retention')
@ApiBearerAuth()
@Controller('v1/reviews')
@Roles('dpo')
export class ReviewsController {
  constructor(@Inject(Retention) private readonly retention: Retention) {}

  @Get()
  @ApiOperation({ summary: 'What is due for review, the oldest first, by person and retention class' })
  async list(
    @Query() { class: retentionClass, limit = 100 }: ReviewsQuery,
  ): Promise<{ data: DueReview[]; next_cursor: null; has_more: boolean }> {
    const { rows } = await this.retention.pool.query<Omit<DueReview, 'since'> & { since: Date }>(
      `select subject, class, min(due_at) as since, count(*)::int as lines,
              (select array_agg(distinct c order by c) from part q, unnest(q.categories) c where q.subject = p.subject and q.class = p.class) as categories
         from part p where action = 'review' and not approved and disposal is null and due_at <= $1 and ($2::text is null or class = $2)
        group by subject, class order by min(due_at), subject limit $3`,
      [this.retention.now(), retentionClass ?? null, limit + 1],
    );
    const data = rows.slice(0, limit).map((row) => ({ ...row, since: row.since.toISOString() }));
    return { data, next_cursor: null, has_more: rows.length > limit };
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Decide: dispose now, or keep until a date, with the reason' })
  async decide(
    @Body() { subject, categories, outcome, until, reason }: ReviewBody,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ lines: number }> {
    const now = this.retention.now();
    if ((until !== undefined) !== (outcome === 'keep')) throw untilWithKeep(outcome);
    if (until !== undefined && Date.parse(until) <= now.getTime()) throw notInFuture();
    const id = subject.toLowerCase();
    const lines = await this.retention.transact(async (tx) => {
      const data = { categories, outcome, ...(until !== undefined && { until: new Date(until).toISOString() }), reason };
      const changed = await noteReview(tx, id, data, now);
      if (changed === 0) return 0;
      const time = happenedAt(undefined, now);
      const name = `review\n${id}\n${categories.join()}\n${time}`;
      const event = { id: uuidOf(name), type: 'attesta.retention.reviewed.v1', time, subject: id, actor: principal.sub, data };
      refuseUnsealable(RETENTION_SOURCE, event, this.retention.policy, now);
      await this.retention.log.append(tx, 'reviews', 'any', [event]);
      return changed;
    });
    if (lines === 0) throw nothingDue();
    this.retention.wake();
    return { lines };
  }
}

const untilWithKeep = (outcome: string) =>
  Problem.invalid([
    outcome === 'keep'
      ? { field: '/until', code: 'missing-field', message: 'says until when it is kept', fix: 'add it' }
      : { field: '/until', code: 'not-applicable', message: 'goes with keep', fix: 'leave it out' },
  ]);
const notInFuture = () =>
  Problem.invalid([{ field: '/until', code: 'not-in-future', message: 'is over already', fix: 'name a later time, or dispose' }]);
const nothingDue = () =>
  Problem.conflict('Nothing of this person and these categories is due for review.', 'See GET /v1/reviews.', 'nothing-to-review');
