import type { Candidate, LinkFact } from './candidate.js';

/** The subject with what is tied to it, whichever side it is: a choice on the device is the person's choice. */
export function identitiesOf({ subject }: Candidate, links: readonly LinkFact[]): Set<string> {
  const people = new Set([subject!]);
  for (const { person, identity, linked } of latestTies(links)) {
    if (!linked) continue;
    if (person === subject) people.add(identity);
    if (identity === subject) people.add(person);
  }
  return people;
}

/** The last word on each pair of person and identity, in order of position. */
export function latestTies(links: readonly LinkFact[]): LinkFact[] {
  const last = new Map<string, LinkFact>();
  for (const link of links) {
    const pair = `${link.person} ${link.identity}`;
    const known = last.get(pair);
    if (!known || known.position < link.position) last.set(pair, link);
  }
  return [...last.values()].sort((a, b) => a.position - b.position);
}
