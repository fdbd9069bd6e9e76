import type { PersonRecord, PersonState } from '@attesta/decisions';

/** The newest state of everybody, in whatever order changes come; who was forgotten leaves a number behind, so that nothing older brings them back. */
export class KnownPeople {
  private readonly states = new Map<string, { changed: number; state: PersonState | null }>();
  /** Subject ids by ref; several only while a ref passes from one to another. */
  private readonly owners = new Map<string, string | readonly string[]>();

  /** Of those who are known by a ref, the one heard of last. */
  byRef(ref: string): PersonRecord | undefined {
    const owner = this.owners.get(ref);
    return owner === undefined || typeof owner === 'string'
      ? this.byId(owner ?? '')
      : this.byId(owner.reduce((a, b) => (this.changed(a) > this.changed(b) ? a : b)));
  }

  byId(id: string): PersonRecord | undefined {
    return this.states.get(id)?.state?.record;
  }

  put(id: string, changed: number, state: PersonState | null): void {
    if (changed <= this.changed(id)) return;
    for (const ref of this.states.get(id)?.state?.refs ?? []) this.disown(ref, id);
    this.states.set(id, { changed, state });
    for (const ref of state?.refs ?? []) this.own(ref, id);
  }

  private changed(id: string): number {
    return this.states.get(id)?.changed ?? -1;
  }

  private own(ref: string, id: string): void {
    const others = this.others(ref, id);
    this.owners.set(ref, others.length === 0 ? id : [...others, id]);
  }

  private disown(ref: string, id: string): void {
    const others = this.others(ref, id);
    if (others.length === 0) this.owners.delete(ref);
    else this.owners.set(ref, others.length === 1 ? others[0]! : others);
  }

  private others(ref: string, id: string): readonly string[] {
    const owner = this.owners.get(ref);
    return (owner === undefined ? [] : typeof owner === 'string' ? [owner] : owner).filter((one) => one !== id);
  }
}
