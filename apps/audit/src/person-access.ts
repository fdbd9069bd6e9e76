import type { IdentitySpan } from '@attesta/decisions';
import { AccessRecorder, Problem, type Principal } from '@attesta/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from './audit.js';
import { recordOf } from './links.projection.js';
import { isKnown } from './timeline.projection.js';

export interface PersonLook {
  /** As the access log names it, such as `data-map.read`. */
  action: string;
  resource: string;
  reason: string | undefined;
  rows: number;
  asOf: number;
  /** What was read shows that something is sealed about the person: nobody need look. */
  found?: boolean;
}

export interface SubjectFilter {
  subject?: string | undefined;
  reason?: string | undefined;
}

/** Looks at one person: who may, and that each is an event before it is answered (notice clauses 5.1, 6.3). */
@Injectable()
export class PersonAccess {
  constructor(
    @Inject(Audit) private readonly audit: Audit,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {}

  /** @returns whether it is somebody who may see others in the person's record too @throws Problem where it is another's record */
  mayRead(principal: Principal, id: string): boolean {
    if (principal.roles.includes('auditor') || principal.roles.includes('dpo')) return true;
    if (principal.subject?.toLowerCase() === id) return false;
    throw Problem.forbidden('A data subject may read their own record only.', 'Use the subject id your token names.', 'not-your-record');
  }

  /** Records the look. @throws Problem where nothing is sealed about the person */
  async looked(principal: Principal, id: string, look: PersonLook): Promise<void> {
    const known = await this.record(principal, id, look);
    if (!known) {
      throw Problem.notFound('Nothing is sealed about this subject.', 'Subject ids come from POST /v1/subjects/lookup.', 'unknown-subject');
    }
  }

  /** The record that a list is asked for, if for one person's. @throws Problem without a reason */
  async spansFor({ subject, reason }: SubjectFilter, asOf: number): Promise<IdentitySpan[] | undefined> {
    if (subject === undefined) return undefined;
    if (reason === undefined) {
      throw Problem.invalid([
        { field: '/reason', code: 'reason-needed', message: 'is missing', fix: "say why you look at one person's data; it is recorded" },
      ]);
    }
    return recordOf(this.audit.pool, subject.toLowerCase(), asOf);
  }

  /** Records that a list was asked for one person, where it was. */
  async listed(principal: Principal, { subject, reason }: SubjectFilter, look: Omit<PersonLook, 'reason'>): Promise<void> {
    if (subject !== undefined) await this.record(principal, subject.toLowerCase(), { ...look, reason });
  }

  /** An id that nobody has cannot stand as the subject of an event. */
  private async record(
    principal: Principal,
    id: string,
    { action, resource, reason, rows, asOf, found = false }: PersonLook,
  ): Promise<boolean> {
    const known = found || (await isKnown(this.audit.pool, id));
    await this.access.allowed(principal, { action, resource, subject: known ? id : undefined, reason, rows, asOf });
    return known;
  }
}
