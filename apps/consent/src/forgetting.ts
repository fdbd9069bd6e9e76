import { Directory, noteForgotten, type Forgotten } from '@attesta/service-kit';
import type pg from 'pg';
import type { Consent } from './consent.js';
import { writeStates } from './state-store.js';

/**
 * Leaves nothing of people but that they are forgotten; whoever was tied to them is judged without them. What is told of them later is not taken.
 * @returns of how many there was something
 */
export async function forget(consent: Consent, tx: pg.PoolClient, people: readonly Forgotten[]): Promise<number> {
  const subjects = [...new Set(people.map(({ subject }) => subject))].sort();
  // Whoever settles something about them holds these rows meanwhile: what they add is seen here, or they see who is forgotten.
  await tx.query('insert into person (subject) select unnest($1::uuid[]) on conflict (subject) do update set minor = person.minor', [
    subjects,
  ]);
  await noteForgotten(tx, people);
  const others = (await consent.facts.tied(tx, subjects)).filter((one) => !subjects.includes(one));
  const found = new Set([...(await consent.facts.forget(tx, subjects)), ...(await Directory.forget(tx, subjects))]);
  const take = async (text: string) => {
    const { rows } = await tx.query<{ subject: string }>(text, [subjects]);
    for (const { subject } of rows) found.add(subject);
    return rows.map(({ subject }) => subject);
  };
  await tx.query('delete from propagation p using withdrawal w where p.source = w.source and p.id = w.id and w.subject = any($1::uuid[])', [
    subjects,
  ]);
  await take('delete from withdrawal where subject = any($1::uuid[]) returning subject');
  const states = await take('select key as subject from consent_state where key = any($1::text[]) and state is not null');
  await writeStates(
    tx,
    states.map((key) => ({ key, state: null })),
  );
  await tx.query('delete from person where subject = any($1::uuid[])', [subjects]);
  await consent.settle(tx, { again: others });
  return found.size;
}
