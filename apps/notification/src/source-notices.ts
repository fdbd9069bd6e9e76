import type { EventTypes } from '@attesta/events';
import { endOfDuration, noticeAt } from '@attesta/policy';
import type { SealedEvent } from '@attesta/transport';
import type pg from 'pg';
import type { Notification } from './notification.js';
import { NOTIFICATION_SOURCE } from './source.js';

const MOST = 200;

interface Supplied {
  position: string;
  party: string | null;
  categories: string[];
  purposes: string[];
  at: Date;
}

/** People whose data came from somebody else are told so, within the time of the law: what comes in within a day or so in one message (clause 1.6). */
export class SourceNotices {
  constructor(private readonly notification: Notification) {}

  async learn(tx: pg.PoolClient, events: readonly SealedEvent[]): Promise<void> {
    const { rules } = this.notification;
    for (const { position, entry } of events) {
      const { type, subject, time, recordedAt } = entry;
      if (!subject) continue;
      if (type === 'attesta.collection.recorded.v1') {
        const { origin, originParty, categories, purposes } = entry.data as EventTypes[typeof type];
        if (origin !== 'third-party') continue;
        const due = new Date(endOfDuration(Date.parse(recordedAt), rules.sourceNotice.after));
        await tx.query(
          `insert into supplied (position, subject, party, categories, purposes, at, due) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
          [position, subject.id, originParty ?? null, categories, purposes, time, due],
        );
      } else if (type === 'attesta.notice.communicated.v1') {
        // Told by others, or by us before this database was restored.
        const { about, covers } = entry.data as EventTypes[typeof type];
        if (about === 'third-party-source')
          await tx.query('delete from supplied where subject = $1 and position = any($2::bigint[])', [subject.id, covers ?? []]);
      }
    }
  }

  async tick(): Promise<void> {
    for (let found = MOST; found === MOST;) found = await this.notification.transact((tx) => this.tell(tx));
  }

  private async tell(tx: pg.PoolClient): Promise<number> {
    const { notification } = this;
    const { rows: due } = await tx.query<{ subject: string }>(
      'select distinct subject from supplied where message is null and due <= $1 order by subject limit $2',
      [notification.now(), MOST],
    );
    for (const { subject } of due) {
      const { rows } = await tx.query<Supplied>(
        'select position, party, categories, purposes, at from supplied where subject = $1 and message is null order by position limit 100 for update skip locked',
        [subject],
      );
      if (rows.length === 0) continue;
      const positions = rows.map(({ position }) => Number(position));
      const items = rows.map(({ party, categories, at }) => ({ party, categories, date: at.toISOString() }));
      const purposes = [...new Set(rows.flatMap((row) => row.purposes))];
      const version = this.versionFor(purposes);
      const cause = { source: `${NOTIFICATION_SOURCE}/supplied`, id: `${subject}/${positions[0]}` };
      const [message] = await notification.messages.queue(tx, [
        { template: 'third-party-source', recipient: 'subject', subject, cause, body: { items, purposes, positions, version } },
      ]);
      await tx.query('update supplied set message = $3 where subject = $1 and position = any($2::bigint[])', [
        subject,
        positions,
        message ?? '00000000-0000-0000-0000-000000000000',
      ]);
    }
    return due.length;
  }

  /** The notice in force that tells of what the data is for. */
  private versionFor(purposes: readonly string[]): string {
    const { policy } = this.notification;
    const now = this.notification.now().getTime();
    const versions = purposes.flatMap((purpose) => noticeAt(policy, purpose, now) ?? []);
    return versions[0] ?? [...policy.notices.keys()].at(-1)!;
  }
}
