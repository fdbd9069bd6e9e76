import { factIn, holdsFact, type Fact } from '@attesta/decisions';
import { forgottenIn } from '@attesta/events';
import { noticePeriod, type Amendment } from '@attesta/policy';
import type { Forgotten } from '@attesta/service-kit';
import { OnSealedBatch, SealedBatchContext, type SealedEvent } from '@attesta/transport';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import type pg from 'pg';
import { Consent } from './consent.js';
import { CONSENT_SOURCE } from './decision-events.js';
import { forget } from './forgetting.js';
import { knownAt } from './sealed-facts.js';

/** Name of the feed's consumer: its cursors are kept under it. */
export const GROUP = 'consent';

export const AMENDMENTS = ['attesta.notice.published.v1', 'attesta.purpose.registered.v1'];

/** What others report, and what of ours has been sealed: into the state, in the transaction that moves the cursor. */
@Controller()
export class ConsentConsumer {
  constructor(@Inject(Consent) private readonly consent: Consent) {}

  @OnSealedBatch(GROUP)
  async settle(@Payload() events: SealedEvent[], @Ctx() context: SealedBatchContext): Promise<void> {
    const tx = context.getTx();
    let facts: Fact[] = [];
    let gone: Forgotten[] = [];
    const flush = async () => {
      if (facts.length > 0) await this.consent.settle(tx, { facts });
      if (gone.length > 0) await forget(this.consent, tx, gone);
      [facts, gone] = [[], []];
    };
    for (const event of events) {
      const { type } = event.entry;
      if (holdsFact(type)) {
        if (gone.length > 0) await flush();
        const fact = sealedFact(event);
        if (fact) facts.push(fact);
      } else if (AMENDMENTS.includes(type)) {
        await flush();
        await this.amend(tx, event);
      } else {
        gone.push(...forgottenIn(event.entry).map((subject) => ({ subject, position: event.position })));
      }
    }
    await flush();
  }

  /** Whoever was asked under the notice before after this one took effect is judged again: what a notice means does not hang on when it arrives. */
  private async amend(tx: pg.PoolClient, { entry, position }: SealedEvent): Promise<void> {
    const { source, id, type, time, data } = entry;
    const amendment = { type, time, data } as unknown as Amendment;
    if (!(await this.consent.policies.add(tx, { source, id, position }, amendment))) return;
    if (amendment.type !== 'attesta.notice.published.v1') return;
    const { from } = noticePeriod(this.consent.policy, amendment.data.version)!;
    const { rows } = await tx.query<{ subject: string }>(
      `select distinct subject from fact where kind = 'choice' and at >= to_timestamp($1::float8 / 1000)`,
      [from],
    );
    await this.consent.settle(tx, { again: rows.map(({ subject }) => subject) });
  }
}

export function sealedFact({ entry, position }: SealedEvent): Fact | undefined {
  if (!entry.subject) return undefined;
  const { id, source, type, time, data } = entry;
  return factIn({ id, source, type, time, data, subject: entry.subject.id, position, known: knownAt(entry, source === CONSENT_SOURCE) });
}
