import type { Vault } from '@attesta/vault';

/** Which refs stand for which subjects, for Attesta's own services: pseudonyms to pseudonyms, and never an identifier. */
export class SubjectDirectory {
  constructor(private readonly vault: Vault) {}

  /**
   * The subject behind each ref (`ref1.…`); null where nobody is known or they were forgotten. With `enrol` an unknown ref becomes a new
   * subject, as it would by an event sealed for it.
   */
  async subjectsOf(refs: readonly string[], enrol = false): Promise<Record<string, string | null>> {
    if (enrol) await this.vault.ensure(refs.map((who) => ({ who, classes: [] })));
    const subjects = await this.vault.findAll(refs);
    return Object.fromEntries(refs.map((ref, i) => [ref, subjects[i] ?? null]));
  }

  /** All refs that lead to each subject; none where it is unknown or was forgotten. */
  async refsOf(subjects: readonly string[]): Promise<Record<string, string[]>> {
    const refs = await this.vault.refsOfAll(subjects);
    return Object.fromEntries(subjects.map((subject) => [subject, refs.get(subject) ?? []]));
  }

  /** People forgotten as a whole, in the order in which they were, after a number; and the newest number there is, 0 for none. */
  erasures(after: number, limit: number): Promise<{ erasures: { n: number; subject: string }[]; last: number }> {
    return this.vault.erasures(after, limit);
  }
}
