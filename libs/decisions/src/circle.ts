import type { Fact, LinkFact } from './fact.js';

/** Whether a choice made under another identity at a time counts for the subject. */
export type Counts = (identity: string, at: number) => boolean;

/** A time during which an identity was somebody's. */
interface Tie {
  subject: string;
  identity: string;
  /** Choices made under the identity count for the subject from here, in milliseconds. */
  from: number;
  upto: number;
}

/**
 * Whose choices count for a subject, given every tie of the identities concerned that counts at the moment, in time. An identity is one
 * person's at a time: who is tied to it last.
 * For a person: what a tied device or visitor chose, back to where somebody else's tie ended (a shared device does not bring one person the
 * other's choices) and up to when it was untied or tied to another; who ties again gets nothing of the time in between. For a tied identity:
 * what the person it is tied to now chose.
 */
export function circleOf(subject: string, links: readonly LinkFact[]): Counts {
  const { ties, holders } = tiesOf(links);
  const counting = ties.filter((tie) => tie.subject === subject);
  const holder = holders.get(subject)?.subject;
  return (identity, at) => identity === holder || counting.some((tie) => tie.identity === identity && at >= tie.from && at < tie.upto);
}

function tiesOf(links: readonly LinkFact[]): { ties: Tie[]; holders: ReadonlyMap<string, Tie> } {
  const ties: Tie[] = [];
  const holders = new Map<string, Tie>();
  const untied = new Map<string, { by: string; at: number }>();
  for (const { subject, identity, linked, at } of links) {
    const holder = holders.get(identity);
    if (holder && (linked ? holder.subject === subject : holder.subject !== subject)) continue;
    if (holder) holder.upto = at;
    if (linked) {
      const before = untied.get(identity);
      const from = holder || before?.by === subject ? at : (before?.at ?? -Infinity);
      const tie = { subject, identity, from, upto: Infinity };
      ties.push(tie);
      holders.set(identity, tie);
    } else {
      holders.delete(identity);
      untied.set(identity, { by: subject, at });
    }
  }
  return { ties, holders };
}

export const isLink = (fact: Fact): fact is LinkFact => fact.kind === 'link';
