import type { Entry, EventTypes } from '@attesta/events';
import type { History } from './retention-histories-rig.js';

type Data<Name extends string> = EventTypes[`attesta.${Name}.v1` & keyof EventTypes];
interface Sealed {
  position: number;
  type: string;
  subject: string;
  data: Entry['data'];
}

interface Disposal {
  id: string;
  subject: string;
  started: Data<'disposal.started'>;
  ended: { position: number; completed?: Data<'disposal.completed'> }[];
}

const nameOf = ({ position, part }: { position: number; part: number }) => `${position}/${part}`;

/** For specs only: compares what the service said, and holds, with what the model of a history says must be. */
export class Judge {
  private looked = 0;
  private readonly disposals = new Map<string, Disposal>();
  /** Parts by the disposal that has them destroyed. */
  private readonly instructed = new Map<string, string>();
  private readonly gone = new Map<string, number>();

  constructor(private readonly history: History) {}

  /** Looks at everything sealed since, at a quiet point. @returns faults */
  async look(): Promise<string[]> {
    const { ledger } = this.history.rig;
    const faults: string[] = [];
    const news = ledger.log.stored.slice(this.looked).map(({ position, bytes }): Sealed => {
      const { type, subject, data } = JSON.parse(bytes.toString('utf8')) as Entry;
      return { position, type, subject: subject?.id ?? '', data };
    });
    this.looked = ledger.log.stored.length;
    for (const one of news) faults.push(...this.judge(one));
    for (const { id, ended } of this.disposals.values()) {
      if (ended.length > 1) faults.push(`disposal ${id} ended ${ended.length} times`);
      if (ended.length === 0 && this.history.isAtRest) faults.push(`disposal ${id} never ended`);
    }
    if (this.history.isAtRest) faults.push(...this.leftBehind(), ...this.requests(), ...(await this.inventory()));
    return faults;
  }

  private judge({ position, type, subject, data }: Sealed): string[] {
    switch (type) {
      case 'attesta.disposal.started.v1': {
        const started = data as Data<'disposal.started'>;
        const known = this.disposals.get(started.disposal);
        this.disposals.set(started.disposal, { id: started.disposal, subject, started, ended: [] });
        return known ? [`disposal ${started.disposal} was started twice`] : [];
      }
      case 'attesta.disposal.instructed.v1':
        return this.instruction(position, subject, data as Data<'disposal.instructed'>);
      case 'attesta.key.destroyed.v1': {
        const { keys } = data as Data<'key.destroyed'>;
        for (const part of this.history.model.parts)
          if (keys.some((one) => one.subject === part.subject && one.key === part.key)) this.goes(part, position);
        return [];
      }
      case 'attesta.ciphertext.removed.v1':
        for (const part of (data as Data<'ciphertext.removed'>).parts) this.goes(part, position);
        return [];
      case 'attesta.disposal.abandoned.v1':
        this.disposals.get((data as Data<'disposal.abandoned'>).disposal)?.ended.push({ position });
        return [];
      case 'attesta.disposal.completed.v1':
        return this.completion(position, subject, data as Data<'disposal.completed'>);
      default:
        return [];
    }
  }

  private instruction(position: number, subject: string, { disposal, scope, keys, parts }: Data<'disposal.instructed'>): string[] {
    const { model, now } = this.history;
    const faults: string[] = [];
    for (const name of parts.map(nameOf)) {
      const part = model.parts.find((one) => nameOf(one) === name);
      if (!part || part.subject !== subject) faults.push(`position ${position} instructs a part that is not there: ${name}`);
      else if (!model.isFree(part, now))
        faults.push(`position ${position} instructs ${name}, which stays: ${JSON.stringify(model.verdict(part, now))}`);
      if (this.instructed.has(name)) faults.push(`${name} is instructed twice`);
      this.instructed.set(name, disposal);
    }
    const kept = model.parts.filter((part) => part.subject === subject && !this.instructed.has(nameOf(part)));
    for (const part of kept)
      if (part.key !== null && keys.includes(part.key))
        faults.push(`position ${position} destroys ${part.key}, which ${nameOf(part)} needs`);
    if (scope === 'subject') {
      this.history.forgotten.add(subject);
      if (kept.length > 0) faults.push(`position ${position} forgets somebody of whom ${kept.map(nameOf).join()} stays`);
      if ([...model.holds.values()].some((hold) => hold.subject === subject))
        faults.push(`position ${position} forgets somebody under a hold`);
    }
    return faults;
  }

  private completion(position: number, subject: string, completed: Data<'disposal.completed'>): string[] {
    const disposal = this.disposals.get(completed.disposal)!;
    disposal.ended.push({ position, completed });
    const { started } = disposal;
    for (const part of this.history.model.parts)
      if (part.part < 0 && this.instructed.get(nameOf(part)) === completed.disposal) this.goes(part, position);
    const asked = this.history.asked.get(completed.request ?? '');
    const isLast = asked?.subject === subject;
    const scope = new Set([...started.categories, ...completed.categories]);
    const until = Date.parse(started.collectedUntil);
    const survives = this.history.model.parts.some(
      (part) =>
        (part.subject === subject || (isLast && this.history.model.ownersOf(part).includes(subject))) &&
        part.position < position &&
        part.collectedAt <= until &&
        part.categories.some((one) => scope.has(one)) &&
        (this.gone.get(nameOf(part)) ?? Infinity) > position,
    );
    const isPartial = survives || (isLast && asked.spared) || completed.acknowledgements.some(({ kept = [] }) => kept.length > 0);
    return (completed.outcome === 'partial') === isPartial
      ? []
      : [`position ${position} says ${completed.outcome} with survivors ${JSON.stringify(completed.survivors)}, and should not`];
  }

  private goes(part: { position: number; part: number }, position: number): void {
    const name = nameOf(part);
    if (!this.gone.has(name)) this.gone.set(name, position);
  }

  private leftBehind(): string[] {
    const { model, now } = this.history;
    return model.parts
      .filter((part) => !this.gone.has(nameOf(part)) && model.isFree(part, now))
      .map((part) => `${nameOf(part)} is due and free, and stays: ${JSON.stringify([part, model.verdict(part, now)])}`);
  }

  private requests(): string[] {
    const faults: string[] = [];
    for (const [request, { subject }] of this.history.asked) {
      const all = [...this.disposals.values()].filter(({ started }) => started.request === request);
      const own = all.filter((one) => one.subject === subject);
      const last = own[0]?.ended[0];
      if (own.length !== 1 || !last?.completed)
        faults.push(`request ${request} has ${own.length} disposals of its own, ended ${JSON.stringify(last)}`);
      for (const { ended } of all)
        if ((ended[0]?.position ?? Infinity) > (last?.position ?? -1)) faults.push(`request ${request} ended before its ties`);
      if (new Set(all.map((one) => one.subject)).size < all.length) faults.push(`request ${request} has two disposals of somebody`);
    }
    return faults;
  }

  private async inventory(): Promise<string[]> {
    const { model, rig, now } = this.history;
    const { rows } = await rig.db.pool.query<{
      position: string;
      part: number;
      due_at: Date | null;
      held: boolean;
      disposal: string | null;
    }>('select position, part, due_at, held, disposal from part order by position, part');
    const theirs = rows.map((row) => [`${row.position}/${row.part}`, row.due_at?.toISOString() ?? null, row.held, row.disposal]);
    const ours = model.parts
      .filter((part) => !this.gone.has(nameOf(part)))
      .sort((a, b) => a.position - b.position || a.part - b.part)
      .map((part) => {
        const { due } = model.verdict(part, now);
        return [nameOf(part), due === Infinity ? null : new Date(due).toISOString(), model.isHeld(part), null];
      });
    const faults: string[] = [];
    const text = (all: unknown[]) => all.map((one) => JSON.stringify(one));
    const [a, b] = [text(theirs), text(ours)];
    for (const one of a.filter((row) => !b.includes(row))) faults.push(`the inventory has ${one}`);
    for (const one of b.filter((row) => !a.includes(row))) faults.push(`the inventory lacks ${one}`);
    const { rows: left } = await rig.db.pool.query<{ told: string }>(
      `select told from (select subject, 'part' as told from part union select subject, 'occurrence' from occurrence union select subject, 'activity' from activity
         union select person, 'tie' from tie) t where subject = any($1::uuid[]) and not exists (select 1 from tie join part on part.subject = tie.identity where tie.person = t.subject)`,
      [[...this.history.forgotten]],
    );
    return [...faults, ...left.map(({ told }) => `a ${told} of somebody forgotten is left`)];
  }
}
