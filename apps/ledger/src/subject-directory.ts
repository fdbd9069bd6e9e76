import type { Contacts, ContactsWanted, LedgerDirectory, Principal } from '@attesta/service-kit';
import type { Vault } from '@attesta/vault';
import type { ContactBook } from './contacts.js';

/** Who asks where people are reached when everything runs in one process. */
const NOTIFICATION: Principal = { sub: 'attesta-notification', roles: ['publisher'], sources: ['//attesta/notification'] };

/** Which refs stand for which subjects, for Attesta's own services: pseudonyms to pseudonyms. Only `contactsOf` shows personal data. */
export class SubjectDirectory implements LedgerDirectory {
  constructor(
    private readonly vault: Vault,
    private readonly contacts: ContactBook,
  ) {}

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

  /** Where people are reached, by subject id and channel; recorded as an access of whoever asks. */
  contactsOf(wanted: readonly ContactsWanted[], by = NOTIFICATION): Promise<Contacts> {
    return this.contacts.of(wanted, by);
  }
}
