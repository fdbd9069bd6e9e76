import { forgottenIn } from '@attesta/events';
import { amends } from '@attesta/policy';
import { OnSealedBatch, SealedBatchContext, type SealedEvent } from '@attesta/transport';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import type pg from 'pg';
import { UNTOLD } from './dossier.js';
import { Requests } from './requests.js';

/** Name of the feed's consumer: its cursors are kept under it. */
export const GROUP = 'requests';

/** Keeps the dossiers, in the transaction that moves the cursor. */
@Controller()
export class RequestsConsumer {
  constructor(@Inject(Requests) private readonly requests: Requests) {}

  @OnSealedBatch(GROUP)
  async keep(@Payload() events: SealedEvent[], @Ctx() context: SealedBatchContext): Promise<void> {
    const tx = context.getTx();
    const told = events.filter(({ entry }) => entry.subject && !UNTOLD.test(entry.type));
    if (told.length > 0) {
      await tx.query(
        `insert into dossier (position, subject, entry) select * from unnest($1::bigint[], $2::uuid[], $3::jsonb[]) on conflict do nothing`,
        [
          told.map(({ position }) => position),
          told.map(({ entry }) => entry.subject!.id),
          told.map(({ entry }) => JSON.stringify({ ...entry, sealed: undefined })),
        ],
      );
    }
    const minors = told.filter(({ entry }) => entry.type === 'attesta.age.attested.v1' && this.isTooYoung(entry.data['rules']));
    if (minors.length > 0) {
      await tx.query('insert into minor select distinct unnest($1::uuid[]) on conflict do nothing', [
        minors.map(({ entry }) => entry.subject!.id),
      ]);
    }
    for (const { position, entry } of events) {
      if (!amends(entry.type)) continue;
      await tx.query('insert into amendment (position, type, time, data) values ($1, $2, $3, $4) on conflict do nothing', [
        position,
        entry.type,
        entry.time,
        entry.data,
      ]);
    }
    for (const event of events) for (const subject of forgottenIn(event.entry)) await forget(tx, subject);
  }

  /** Whether nothing may be collected at the age attested (notice clause 6.5). */
  private isTooYoung(rules: unknown): boolean {
    return Array.isArray(rules) && this.requests.policy.ages.some(({ id, collection }) => collection === 'refused' && rules.includes(id));
  }
}

/** Nothing that could be opened stays of whoever is forgotten; that there were requests, and how they ended, does. */
async function forget(tx: pg.PoolClient, subject: string): Promise<void> {
  await tx.query('delete from known_ref where subject = $1', [subject]);
  await tx.query('delete from dossier where subject = $1', [subject]);
  const own = 'in (select id from request where subject = $1)';
  await tx.query(`delete from outgoing where request ${own}`, [subject]);
  await tx.query('delete from code_sent where subject = $1', [subject]);
  await tx.query(`delete from code where request ${own}`, [subject]);
  await tx.query(`delete from package where request ${own}`, [subject]);
  await tx.query(`update mail set kek = null, box = null where request ${own}`, [subject]);
  await tx.query('update task set kek = null, box = null, answer_kek = null, answer = null where subject = $1', [subject]);
  await tx.query('update request set kek = null, box = null, receipt = null where subject = $1', [subject]);
}
