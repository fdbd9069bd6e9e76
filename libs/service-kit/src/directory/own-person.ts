import type { Principal } from '../access/principal.js';
import { Problem } from '../problems/problem.js';
import type { Directory } from './directory.js';

/** Who may speak of whom: a data subject of themself alone. */
export class OwnPerson {
  constructor(private readonly directory: Directory) {}

  /** The subject id of whoever a caller names; a stranger becomes a subject. @throws Problem 403 for somebody else than a data subject's own person */
  async enrolled(subject: string, principal: Principal): Promise<string> {
    const { directory } = this;
    if (!isOnlySubject(principal)) return directory.enrolled(subject);
    const named = directory.named(subject);
    // Whoever is named as in the token is the caller, known to the ledger or not yet.
    if (principal.subject !== undefined && directory.named(principal.subject) === named) return directory.enrolled(subject);
    const own = await this.of(principal);
    const found = (await directory.idsOf([named])).get(named);
    if (own === undefined || found !== own) throw notYourself();
    return own;
  }

  /** The same for a question: a stranger stays one. */
  async known(subject: string, principal: Principal): Promise<string | undefined> {
    if (isOnlySubject(principal)) return this.enrolled(subject, principal);
    const named = this.directory.named(subject);
    return (await this.directory.idsOf([named])).get(named);
  }

  /** @throws Problem 403 */
  async require(subject: string, principal: Principal): Promise<void> {
    if (isOnlySubject(principal) && (await this.of(principal)) !== subject) throw notYourself();
  }

  private async of({ subject }: Principal): Promise<string | undefined> {
    if (subject === undefined) return undefined;
    const named = this.directory.named(subject);
    return (await this.directory.idsOf([named])).get(named);
  }
}

/** A data subject, and nothing besides. */
export const isOnlySubject = ({ roles }: Principal): boolean => roles.every((role) => role === 'subject');

const notYourself = () =>
  Problem.forbidden('This is not about you.', 'With the role subject you can act for yourself alone.', 'not-your-record');
