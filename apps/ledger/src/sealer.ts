import type { CloudEvent, FieldProblem } from '@attesta/events';
import { MAX_ENTRY_BYTES, type Appended, type Appender, type Draft, type SealedLogReader } from '@attesta/event-log';
import type { DecodedEvent, Intake, Receipt } from '@attesta/transport';
import type { Vault } from '@attesta/vault';
import { peopleNamed } from './people-named.js';
import { check, prepare, unresolved, wantedBy, type Checked, type PrepareOptions, type Sender } from './prepare.js';
import type { NewRejection, Rejections } from './rejections.js';

/** The log cannot take events now; nothing was decided about those not answered, and the same ids may be sent again. */
export class LogUnavailable extends Error {}
export class LogBusy extends Error {
  readonly code = 'EAGAIN';
}

export interface SealerOptions extends PrepareOptions {
  appender: Appender;
  vault: Vault;
  rejections: Rejections;
  reader: SealedLogReader;
  now: () => Date;
  /** Events under way beyond which more are turned away. */
  most?: number;
}

/** A decoded event, or what could not be decoded together with how it came. */
export type ReceivedEvent = DecodedEvent & { original?: unknown };

type Outcome =
  { receipt: Receipt } | { refused: FieldProblem[]; id?: string | undefined; source?: string | undefined; type?: string | undefined };

/** Everything that comes in passes here once: checked, resolved, encrypted, sealed or kept as a rejection, and answered. */
export class Sealer implements Intake {
  constructor(private readonly options: SealerOptions) {}

  /** Our own services' events, already in memory. */
  submit(
    events: CloudEvent[],
    { principal, transport }: { principal?: string; transport: 'http' | 'kafka' | 'internal' },
  ): Promise<Receipt[]> {
    return this.receive(
      events.map((event) => ({ ok: true, event })),
      { channel: transport, principal },
    );
  }

  /**
   * One receipt per item, in the same order.
   * @throws LogBusy, LogUnavailable
   */
  async receive(items: readonly ReceivedEvent[], sender: Sender): Promise<Receipt[]> {
    const { appender, now, most = 50_000 } = this.options;
    if (appender.queued > most) throw new LogBusy('more events are under way than the ledger holds at once');
    const outcomes = new Array<Promise<Outcome>>(items.length);
    const waiting: { index: number; checked: Checked }[] = [];
    const at = now();
    for (const [index, item] of items.entries()) {
      const verdict = item.ok ? check(item.event, sender, at, this.options) : item;
      if (!('value' in verdict)) {
        outcomes[index] = refused(verdict);
        continue;
      }
      const outcome = this.seal(verdict.value, sender);
      if (outcome) outcomes[index] = outcome;
      else waiting.push({ index, checked: verdict.value });
    }
    try {
      if (waiting.length > 0) await this.sealAfterLookup(waiting, outcomes, sender);
      return await this.answer(items, await Promise.all(outcomes), sender);
    } catch (error) {
      await Promise.allSettled(outcomes); // nobody else waits for those still on their way
      if (error instanceof LogBusy || error instanceof LogUnavailable) throw error;
      throw new LogUnavailable('a database of the ledger cannot be reached', { cause: error });
    }
  }

  /** Undefined while the people in the event are not in memory. */
  private seal(checked: Checked, sender: Sender): Promise<Outcome> | undefined {
    const prepared = prepare(checked, this.options.vault, sender);
    if (prepared === undefined) return undefined;
    const { id, source, type } = checked.event;
    if (!prepared.ok) return refused({ problems: prepared.problems, id, source, type });
    return new Promise((resolve, reject) => {
      const settle = (appended: Appended): void => void this.settle(checked.event, appended).then(resolve, reject);
      const draft: Draft = { ...prepared.value, settle };
      this.options.appender.submit(draft);
    });
  }

  private async sealAfterLookup(
    waiting: { index: number; checked: Checked }[],
    outcomes: Promise<Outcome>[],
    sender: Sender,
  ): Promise<void> {
    const { vault } = this.options;
    await vault.ensure(waiting.flatMap(({ checked }) => wantedBy(checked)));
    for (const { index, checked } of waiting) {
      const problems = unresolved(checked, vault);
      const { id, source, type } = checked.event;
      outcomes[index] =
        problems.length > 0
          ? refused({ problems, id, source, type })
          : (this.seal(checked, sender) ?? Promise.reject(new LogBusy('a subject left memory again before its event was sealed')));
    }
  }

  private async settle({ id, source, type }: CloudEvent, appended: Appended): Promise<Outcome> {
    switch (appended.status) {
      case 'sealed':
        return { receipt: { id, source, status: 'sealed', position: appended.position, leafHash: appended.leaf } };
      case 'duplicate': {
        const entry = await this.options.reader.entry(appended.position);
        return {
          receipt: {
            id,
            source,
            status: 'duplicate',
            position: appended.position,
            ...(entry && { leafHash: entry.leafHash.toString('base64') }),
          },
        };
      }
      case 'conflict':
        return {
          refused: [
            {
              field: '/id',
              code: 'id-conflict',
              message: `This source already published other content under this id; it is sealed at position ${appended.position}.`,
              fix: 'Give a new event a new id; send the same event again unchanged if it is the same.',
            },
          ],
          id,
          source,
          type,
        };
      case 'too-long':
        return {
          refused: [
            {
              field: '',
              code: 'entry-too-long',
              message: `The event makes an entry of ${appended.bytes} bytes; an entry holds at most ${MAX_ENTRY_BYTES}.`,
              fix: 'Send less data, or several events.',
            },
          ],
          id,
          source,
          type,
        };
      case 'unavailable':
        throw new LogUnavailable('the log cannot be reached', { cause: appended.error });
    }
  }

  /** Rejections are durable before anybody hears of them. */
  private async answer(items: readonly ReceivedEvent[], outcomes: Outcome[], sender: Sender): Promise<Receipt[]> {
    const rejected: NewRejection[] = [];
    const receipts = outcomes.map((outcome, i): Receipt => {
      if ('receipt' in outcome) return outcome.receipt;
      const item = items[i]!;
      const original = item.ok ? item.event : item.original;
      rejected.push({
        eventId: outcome.id,
        source: outcome.source,
        type: outcome.type,
        transport: sender.channel,
        publisher: sender.principal,
        problems: outcome.refused,
        people: peopleNamed(original, this.options.pepper),
        original,
      });
      return { id: outcome.id ?? '', source: outcome.source ?? '', status: 'rejected', problems: outcome.refused };
    });
    if (rejected.length > 0) await this.options.rejections.add(rejected);
    return receipts;
  }
}

const refused = ({ problems, ...names }: { problems: FieldProblem[]; id?: string; source?: string; type?: string }): Promise<Outcome> =>
  Promise.resolve({ refused: problems, ...names });
