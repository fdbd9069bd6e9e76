import { forgottenIn, type Entry } from '@attesta/events';
import { amends } from '@attesta/policy';
import { forgottenAmong } from '@attesta/service-kit';
import { OnSealedBatch, SealedBatchContext, type SealedEvent } from '@attesta/transport';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import type pg from 'pg';
import { addressSources, learnCollected, learnPeople } from './people.js';
import { dueOf } from './due.js';
import { forget } from './forgetting.js';
import type { NewMessage } from './messages.js';
import { GROUP, Notification } from './notification.js';
import { NOTIFICATION_SOURCE } from './source.js';

/** Learns of people, of what is due to be told and of what may not be any more, in the transaction that moves the cursor. */
@Controller()
export class NotificationConsumer {
  constructor(@Inject(Notification) private readonly notification: Notification) {}

  @OnSealedBatch(GROUP)
  async keep(@Payload() events: SealedEvent[], @Ctx() context: SealedBatchContext): Promise<void> {
    const { notification } = this;
    const tx = context.getTx();
    await this.learnPolicy(tx, events);
    const living = await this.ofTheLiving(tx, events);
    await learnPeople(tx, notification.policy, living);
    await learnCollected(tx, living);
    await addressSources(tx, notification, living);
    await notification.sourceNotices.learn(tx, living);
    await this.plan(tx, events);
    await notification.withdrawals.take(tx, living);
    await notification.messages.takeBack(
      tx,
      events.filter(({ entry }) => entry.source === NOTIFICATION_SOURCE),
    );
    await notification.breaches.take(tx, events);
    const gone = events.flatMap(({ entry, position }) => forgottenIn(entry).map((subject) => ({ subject, position })));
    if (gone.length > 0) await forget(notification, tx, gone);
    notification.wake();
  }

  private async learnPolicy(tx: pg.PoolClient, events: SealedEvent[]): Promise<void> {
    const amendments = events.filter(({ entry }) => amends(entry.type));
    for (const { position, entry } of amendments) {
      await tx.query('insert into amendment (position, type, time, data) values ($1, $2, $3, $4) on conflict do nothing', [
        position,
        entry.type,
        entry.time,
        entry.data,
      ]);
    }
    if (amendments.length > 0) await this.notification.refreshPolicy(tx);
  }

  /** What has to be said, also to those who are forgotten by now: the last word of a request has its address. */
  private async plan(tx: pg.PoolClient, events: SealedEvent[]): Promise<void> {
    const { policy, messages, waves, alerts } = this.notification;
    const wanted: NewMessage[] = [];
    for (const { position, entry } of events) {
      const due = dueOf(entry, position, policy);
      const cause = { source: entry.source, id: entry.id };
      const since = new Date(entry.recordedAt);
      for (const message of due.messages) wanted.push({ ...message, cause, since });
      for (const alert of due.alerts) await alerts.raise(tx, alert, cause, since);
      for (const wave of due.waves) await waves.begin(tx, wave, { cause, position });
    }
    await messages.queue(tx, wanted);
  }

  /** Nothing more is learnt of whoever was forgotten before. */
  private async ofTheLiving(tx: pg.PoolClient, events: SealedEvent[]): Promise<SealedEvent[]> {
    const forgotten = await forgottenAmong(
      tx,
      events.flatMap(({ entry }) => entry.subject?.id ?? []),
    );
    if (forgotten.size === 0) return events;
    const since = (subject: Entry['subject']) => (subject && forgotten.has(subject.id) ? (forgotten.get(subject.id) ?? -1) : Infinity);
    return events.filter(({ position, entry }) => position < since(entry.subject));
  }
}
