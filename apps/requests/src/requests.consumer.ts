import { forgottenIn } from '@attesta/events';
import { amends } from '@attesta/policy';
import { forgottenAmong } from '@attesta/service-kit';
import { OnSealedBatch, SealedBatchContext, type SealedEvent } from '@attesta/transport';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { UNTOLD } from './dossier.js';
import { forget } from './forgetting.js';
import { Requests } from './requests.js';
import { SURVIVAL } from './survivors.js';

/** Name of the feed's consumer: its cursors are kept under it. */
export const GROUP = 'requests';

/** Keeps the dossiers and takes disposals up, in the transaction that moves the cursor. */
@Controller()
export class RequestsConsumer {
  constructor(@Inject(Requests) private readonly requests: Requests) {}

  @OnSealedBatch(GROUP)
  async keep(@Payload() events: SealedEvent[], @Ctx() context: SealedBatchContext): Promise<void> {
    const tx = context.getTx();
    const gone = events.flatMap(({ entry, position }) => forgottenIn(entry).map((subject) => ({ subject, position })));
    if (gone.length > 0) await forget(tx, gone);
    const about = events.filter(({ entry }) => entry.subject && !UNTOLD.test(entry.type));
    const forgotten = await forgottenAmong(
      tx,
      about.map(({ entry }) => entry.subject!.id),
    );
    const told = about.filter(({ entry }) => !forgotten.has(entry.subject!.id));
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
    const general = events.filter(({ entry }) => !entry.subject && SURVIVAL.includes(entry.type));
    if (general.length > 0) {
      await tx.query('insert into general (position, entry) select * from unnest($1::bigint[], $2::jsonb[]) on conflict do nothing', [
        general.map(({ position }) => position),
        general.map(({ entry }) => JSON.stringify(entry)),
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
    await this.requests.disposals.keep(tx, events);
  }
}
