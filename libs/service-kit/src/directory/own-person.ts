import type { Principal } from '../access/principal.js';
import { Problem } from '../problems/problem.js';
import type { Directory } from './directory.js';

/** Who may speak of whom: a data subject of themself alone. */
export class OwnPerson {
  constructor(private readonly directory: Directory) {}

  /** The subject id of whoever a caller names; a stranger becomes a subject. @throws Problem 403 for somebody else than a data subject's own person */
  async enrolled(subject: string, principal: Principal): Promise<string> {
    await this.requireNamed(subject, principal);
    return this.directory.enrolled(subject);
  }

  /** The same for a question: a stranger stays one. */
  async known(subject: string, principal: Principal): Promise<string | undefined> {
    await this.requireNamed(subject, principal);
    const named = this.directory.named(subject);
    return (await this.directory.idsOf([named])).get(named);
  }

  /** Whoever the token is of, where the ledger knows them. */
  async self({ subject }: Principal): Promise<string | undefined> {
    if (subject === undefined) return undefined;
    const named = this.directory.named(subject);
    return (await this.directory.idsOf([named])).get(named);
  }

  /** @throws Problem 403 */
  async require(subject: string, principal: Principal): Promise<void> {
    if (isOnlySubject(principal) && (await this.self(principal)) !== subject) throw notYourself();
  }

  private async requireNamed(subject: string, principal: Principal): Promise<void> {
    if (!isOnlySubject(principal)) return;
    const named = this.directory.named(subject);
    // Whoever is named as in the token is the caller, known to the ledger or not yet.
    if (principal.subject !== undefined && this.directory.named(principal.subject) === named) return;
    const own = await this.self(principal);
    const found = (await this.directory.idsOf([named])).get(named);
    if (own === undefined || found !== own) throw notYourself();
  }
}

/** A data subject, and nothing besides. */
export const isOnlySubject = ({ roles }: Principal): boolean => roles.every((role) => role === 'subject');

const notYourself = () =>
  Problem.forbidden('This is not about you.', 'With the role subject you can act for yourself alone.', 'not-your-record');
