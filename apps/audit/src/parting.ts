import { forgottenIn } from '@attesta/events';
import type { SealedEvent } from '@attesta/transport';
import type { LinkFact } from './candidate.js';

/** People whose ties count for nothing that is sealed from here on. */
export interface Parting {
  kind: 'parting';
  position: number;
  people: string[];
}

/** Who is forgotten. */
export const partingsIn = (events: readonly SealedEvent[]): Parting[] =>
  events.map(({ entry, position }) => parting(position, forgottenIn(entry))).filter(isOne);

/** Who was forgotten before a tie named them. @param forgotten by person, the position of the entry that says so, where one did */
export const belatedIn = (ties: readonly LinkFact[], forgotten: ReadonlyMap<string, number | undefined>): Parting[] =>
  ties
    .map(({ position, person, identity }) =>
      parting(
        position,
        [person, identity].filter((one) => (forgotten.get(one) ?? Infinity) < position),
      ),
    )
    .filter(isOne);

const parting = (position: number, people: string[]): Parting => ({ kind: 'parting', position, people });
const isOne = ({ people }: Parting): boolean => people.length > 0;
