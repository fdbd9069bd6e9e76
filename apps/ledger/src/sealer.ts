import type { CloudEvent } from '@attesta/events';
import { MAX_ENTRY_BYTES, type Appended, type Appender, type SealedLogReader } from '@attesta/event-log';
import { amends } from '@attesta/policy';
import { counter, histogram } from '@attesta/service-kit';
import type { DecodedEvent, Intake, Receipt } from '@attesta/transport';
import type { Vault } from '@attesta/vault';
import type pg from 'pg';
import type { Fence, SealerDraft } from './fence.js';
import { instructionsIn, noteInstructions } from './instructions.js';
import type { AmendmentAppender, LivingPolicy } from './living-policy.js';
import { peopleNamed } from './people-named.js';
import { check, keyOf, prepare, unresolved, wantedBy, type Checked, type IntakeSecrets, type Sender } from './prepare.js';
import { isSettled, Outcomes, refused, type Outcome, type Settled } from './outcomes.js';
import type { NewRejection, Rejections } from './rejections.js';
import { isSameEvent } from './same-event.js';
import { LogBusy, LogUnavailable, unavailable } from './unavailable.js';

export interface SealerOptions extends IntakeSecrets {
  policy: LivingPolicy;
  appender: Appender;
  vault: Vault;
  fence: Fence;
  rejections: Rejections;
  reader: SealedLogReader;
  /** The log's database. */
  pool: pg.Pool;
  now: () => Date;
  /** Events under way beyond which more are turned away. */
  most?: number;
}

/** A decoded event, or what could not be decoded together with how it came. */
export type ReceivedEvent = DecodedEvent & { original?: unknown };

interface Stranger {
  index: number;
  checked: Checked;
}

/** Events that wait until somebody in them is in memory, and those of the same subjects that came after them: a person's events do not overtake one another. */
class Strangers {
  readonly all: Stranger[] = [];
  private readonly subjects = new Set<string | undefined>();

  include(checked: Checked): boolean {
    return this.subjects.size > 0 && this.subjects.has(subjectOf(checked));
  }

  add(stranger: Stranger): void {
    this.all.push(stranger);
    this.subjects.add(subjectOf(stranger.checked));
  }
}

const subjectOf = ({ event, abouts }: Checked): string | undefined => (event.subject === undefined ? undefined : abouts[0]!.who);

/** Everything that comes in passes here once: checked, resolved, encrypted, sealed or kept as a rejection, and answered. */
export class Sealer implements Intake {
  private readonly duration = histogram('attesta_log_seal_duration_seconds');
  private readonly answered = counter('attesta_intake_events_total');

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
    const started = performance.now();
    const receipts = await this.takeIn(items, sender);
    this.measure(receipts, sender, (performance.now() - started) / 1_000);
    return receipts;
  }

  private measure(receipts: readonly Receipt[], { channel }: Sender, seconds: number): void {
    this.duration.record(seconds, { transport: channel });
    const counts = new Map<string, number>();
    for (const { status } of receipts) counts.set(status, (counts.get(status) ?? 0) + 1);
    for (const [status, n] of counts) this.answered.add(n, { transport: channel, status });
  }

  private async takeIn(items: readonly ReceivedEvent[], sender: Sender): Promise<Receipt[]> {
    const { appender, now, policy, most = 50_000 } = this.options;
    if (appender.queued > most) throw new LogBusy('more events are under way than the ledger holds at once');
    const instructions = instructionsIn(items, sender);
    if (instructions.length > 0) await noteInstructions(this.options.pool, instructions);
    const outcomes = new Outcomes(items.length);
    const strangers = new Strangers();
    const at = now();
    let looked = false;
    for (const [index, item] of items.entries()) {
      if (!item.ok) {
        outcomes.set(index, refused(item));
        continue;
      }
      let verdict = check(item.event, sender, at, policy.current, this.options);
      if (!verdict.ok && !looked && policy.mayCure(verdict.problems)) {
        looked = true;
        if (!(await this.look(index, outcomes))) continue;
        verdict = check(item.event, sender, at, policy.current, this.options);
      }
      if (!verdict.ok) outcomes.set(index, refused(verdict));
      else if (this.isAmendment(verdict.value)) {
        await this.amend(index, item.event, sender, at, outcomes);
        looked = false;
      } else if (strangers.include(verdict.value) || !this.seal(index, verdict.value, sender, outcomes, appender)) {
        strangers.add({ index, checked: verdict.value });
      }
    }
    if (strangers.all.length > 0) await this.sealAfterLookup(strangers.all, sender, outcomes, appender);
    return this.answer(items, await this.judged(await outcomes.all()), sender);
  }

  /** Whether it is still to amend the policy; once sealed it is an event like any other, and a duplicate. */
  private isAmendment({ event: { type, source, id } }: Checked): boolean {
    return amends(type) && !this.options.policy.holds(keyOf(source, id));
  }

  /** Brings in amendments that other ledgers sealed: once a call, for whoever cites one knew of it before. False when it could not be done. */
  private async look(index: number, outcomes: Outcomes): Promise<boolean> {
    try {
      await this.options.policy.refresh();
      return true;
    } catch (error) {
      outcomes.fail(index, error);
      return false;
    }
  }

  /** Seals a change of the policy before anything after it is looked at, so that the rest of the call may cite it. */
  private async amend(index: number, event: unknown, sender: Sender, at: Date, outcomes: Outcomes): Promise<void> {
    const { policy } = this.options;
    try {
      await policy.amend(async (appender) => {
        const verdict = check(event, sender, at, policy.current, this.options);
        if (!verdict.ok) outcomes.set(index, refused(verdict));
        else await this.sealAfterLookup([{ index, checked: verdict.value }], sender, outcomes, appender);
      });
    } catch (error) {
      outcomes.fail(index, error);
    }
  }

  /** False while the people in the event are not in memory. Nothing is sealed of a call that is to be sent again: it would overtake what was not. */
  private seal(index: number, checked: Checked, sender: Sender, outcomes: Outcomes, appender: AmendmentAppender): boolean {
    if (outcomes.failed) {
      outcomes.fail(index, outcomes.failure);
      return true;
    }
    const prepared = prepare(checked, this.options.vault, sender, this.options.fence.current);
    if (prepared === undefined) return false;
    const { id, source, type } = checked.event;
    if (!prepared.ok) outcomes.set(index, refused({ problems: prepared.problems, id, source, type }));
    else {
      const draft = prepared.value as SealerDraft;
      draft.settle = (appended) => this.settle(index, draft, appended, outcomes);
      appender.submit(draft);
    }
    return true;
  }

  private async sealAfterLookup(
    strangers: readonly Stranger[],
    sender: Sender,
    outcomes: Outcomes,
    appender: AmendmentAppender,
  ): Promise<void> {
    const { vault } = this.options;
    try {
      await vault.ensure(strangers.flatMap(({ checked }) => wantedBy(checked)));
    } catch (error) {
      for (const { index } of strangers) outcomes.fail(index, error);
      return;
    }
    for (const { index, checked } of strangers) {
      const problems = unresolved(checked, vault);
      const { id, source, type } = checked.event;
      if (problems.length > 0) outcomes.set(index, refused({ problems, id, source, type }));
      else if (!this.seal(index, checked, sender, outcomes, appender))
        outcomes.fail(index, new LogBusy('a subject left memory again before its event was sealed'));
    }
  }

  private settle(index: number, draft: SealerDraft, appended: Appended, outcomes: Outcomes): void {
    const { id, source, type } = draft.checked.event;
    switch (appended.status) {
      case 'sealed':
        outcomes.set(index, { id, source, status: 'sealed', position: appended.position, leafHash: appended.leaf });
        return;
      case 'duplicate':
        outcomes.set(index, { id, source, status: 'duplicate', position: appended.position });
        return;
      case 'conflict':
        outcomes.set(index, { conflict: draft, position: appended.position });
        return;
      case 'too-long': {
        const problem = {
          field: '',
          code: 'entry-too-long',
          message: `The event makes an entry of ${appended.bytes} bytes; an entry holds at most ${MAX_ENTRY_BYTES}.`,
          fix: 'Send less data, or several events.',
        };
        outcomes.set(index, { refused: [problem], id, source, type });
        return;
      }
      case 'withdrawn':
        outcomes.set(index, { refused: draft.refusal ?? [], id, source, type });
        return;
      case 'unavailable':
        outcomes.fail(index, new LogUnavailable('the log cannot be reached', { cause: appended.error }));
    }
  }

  /** The same event, sealed under keys that were closed since, is a duplicate all the same. */
  private async judged(outcomes: readonly Outcome[]): Promise<readonly Settled[]> {
    const { reader, vault } = this.options;
    if (outcomes.every(isSettled)) return outcomes;
    try {
      return await Promise.all(
        outcomes.map(async (outcome): Promise<Settled> => {
          if (isSettled(outcome)) return outcome;
          const { conflict, position } = outcome;
          const { id, source, type } = conflict.checked.event;
          const sealed = await reader.entry(position);
          if (sealed && (await isSameEvent(sealed, conflict, vault))) return { id, source, status: 'duplicate', position };
          const problem = {
            field: '/id',
            code: 'id-conflict',
            message: `This source already published other content under this id; it is sealed at position ${position}.`,
            fix: 'Give a new event a new id; send the same event again unchanged if it is the same.',
          };
          return { refused: [problem], id, source, type };
        }),
      );
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  /** Rejections are durable before anybody hears of them. */
  private async answer(items: readonly ReceivedEvent[], outcomes: readonly Settled[], sender: Sender): Promise<Receipt[]> {
    const rejected: NewRejection[] = [];
    const receipts = outcomes.map((outcome, i): Receipt => {
      if (!('refused' in outcome)) return outcome;
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
    try {
      if (rejected.length > 0) await this.options.rejections.add(rejected);
      const positions = receipts.flatMap(({ status, position }) => (status === 'duplicate' ? [position!] : []));
      if (positions.length === 0) return receipts;
      const leaves = await this.options.reader.leafHashes(positions);
      return receipts.map((receipt) =>
        receipt.status === 'duplicate' ? { ...receipt, leafHash: leaves.get(receipt.position!)! } : receipt,
      );
    } catch (cause) {
      throw unavailable(cause);
    }
  }
}
