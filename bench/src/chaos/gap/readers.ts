import type { EntrySource } from '@attesta/event-log';

/** What a reader was given, in order. */
export class Seen {
  private next = 0;
  private doubled = 0;
  private readonly holes: string[] = [];
  private lost = 0;

  constructor(private readonly who: string) {}

  add(entries: readonly { position: number }[]): void {
    for (const { position } of entries) {
      if (position < this.next) this.doubled++;
      else {
        if (position > this.next) this.miss(this.next, position);
        this.next = position + 1;
      }
    }
  }

  verdict(size: number): { lost: number; doubled: number; problems: string[] } {
    if (this.next < size) this.miss(this.next, size);
    this.next = size;
    const problems = this.holes.slice(0, 3).map((hole) => `${this.who} never saw ${hole}`);
    if (this.doubled > 0) problems.push(`${this.who} saw ${this.doubled} entries again`);
    return { lost: this.lost, doubled: this.doubled, problems };
  }

  private miss(from: number, below: number): void {
    this.lost += below - from;
    this.holes.push(below - from === 1 ? `position ${from}` : `positions ${from} to ${below - 1}`);
  }
}

/** Polls without a pause, from the position it has reached, until all is over and nothing more comes. */
export async function tightReader(source: EntrySource, seen: Seen, limit: number, ended: () => boolean): Promise<void> {
  for (let after = -1; ;) {
    const over = ended();
    const entries = await source.read(after, limit);
    seen.add(entries);
    const last = entries.at(-1);
    if (last) after = last.position;
    else if (over) return;
  }
}
