import { subjectKind, type FieldProblem } from '@attesta/events';
import { subjectRef } from '@attesta/vault/client';
import { LRUCache } from 'lru-cache';

/** How a person is looked up. */
export type SubjectName = { kind: 'id' | 'ref'; name: string } | { kind: 'unusable'; problem: FieldProblem };

const MEMORY = 100_000;

/** Refs of identifiers, the latest of them remembered. */
export class SubjectNames {
  private readonly refs = new LRUCache<string, string>({ max: MEMORY });

  constructor(private readonly pepper: Uint8Array | undefined) {}

  read(subject: string): SubjectName {
    const known = this.refs.get(subject);
    if (known !== undefined) return { kind: 'ref', name: known };
    const kind = subjectKind(subject);
    if (kind === 'id' || kind === 'ref') return { kind, name: subject };
    if (kind === undefined) {
      return unusable('bad-subject', 'is neither scheme|value, nor a subject ref, nor a subject id', 'write it like account|c-1001');
    }
    if (!this.pepper)
      return unusable('pepper-missing', 'is an identifier in clear', 'give the cache the pepper, or name the subject by ref or id');
    const bar = subject.indexOf('|');
    try {
      const ref = subjectRef(this.pepper, subject.slice(0, bar), subject.slice(bar + 1));
      this.refs.set(subject, ref);
      return { kind: 'ref', name: ref };
    } catch (error) {
      const why = error instanceof Error ? error.message : 'it cannot be normalised';
      return unusable('bad-identifier', `cannot be looked up: ${why}`, 'write the identifier as its scheme has it');
    }
  }
}

const unusable = (code: string, message: string, fix: string): SubjectName => ({
  kind: 'unusable',
  problem: { field: '/subject', code, message, fix },
});
