import { identitySpans, type IdentitySpan } from '@attesta/decisions';
import type pg from 'pg';
import { defineRegister } from './register.js';

/** Ties between a person and other identities of theirs, made and undone (notice clauses 1.5, 2.8, 3.2, 3.3). */
export const links = defineRegister({
  name: 'links',
  table: 'link',
  columns: {
    position: 'int8',
    person: 'uuid',
    identity: 'uuid',
    linked: 'flag',
    kind: 'text',
    provider: 'text?',
    rule: 'text',
    occurredAt: 'time',
  },
  order: [],
  rows({ position, entry, name, data, occurredAt }) {
    const linked = name === 'attesta.identifier.linked';
    if (!linked && name !== 'attesta.identifier.unlinked') return [];
    const { kind, provider, rule, related } = data as { kind: string; provider?: string; rule: string; related?: [{ subject: string }] };
    // Who is forgotten is tied to nobody.
    if (!related) return [];
    return [{ position, person: entry.subject!.id, identity: related[0].subject, linked, kind, provider, rule, occurredAt }];
  },
});

/**
 * Whose entries make up a person's record as of a position: their own, and those of each identity linked to them. A link brings in what the
 * identity did before it, back to where somebody else's tie ended (a shared device does not show one person the other's days), and what it
 * did since, up to the unlink. A person who links again gets nothing of the time in between. Ties of whoever is forgotten do not count, though some
 * may still be there for a finding.
 */
export async function recordOf(pool: Pick<pg.Pool, 'query'>, person: string, asOf: number): Promise<IdentitySpan[]> {
  const { rows } = await pool.query<{ position: string; person: string; identity: string; linked: boolean }>(
    `select l.position, l.person, l.identity, l.linked from link l
      where l.position <= $2 and l.identity in (select identity from link where person = $1 and position <= $2)
        and not exists (select 1 from forgotten f where f.subject in (l.person, l.identity)) order by l.position`,
    [person, asOf],
  );
  return [
    { subject: person, after: -1, upto: asOf },
    ...identitySpans(
      person,
      asOf,
      rows.map((row) => ({ ...row, position: Number(row.position) })),
    ),
  ];
}
