import type { Fact } from '@attesta/decisions';
import { uuidOf, type NewEvent } from '@attesta/event-log';
import { Problem } from '@attesta/service-kit';

export interface CommandNames {
  /** The caller's own id of the command. */
  id?: string | undefined;
  /** RFC 3339. */
  time?: string | undefined;
}

/** A command as an event of ours, about to be appended. */
export interface CommandEvent extends NewEvent {
  subject: string;
  actor: string;
}

/** The id of the event that a command makes: the same for the same caller's id, so that a command sent twice is one. */
export const commandId = (actor: string, kind: string, { id }: CommandNames, random: () => string): string =>
  id === undefined ? random() : uuidOf(`${kind}\n${actor}\n${id}`);

/**
 * Whether a command that was carried out before under this id said something else. The time counts only where the caller gave it: without one, the
 * same command is sent again at another time.
 */
export const contradicts = (before: Fact, after: Fact, time: string | undefined): boolean =>
  contentOf(before) !== contentOf(after) || (time !== undefined && before.at !== after.at);

function contentOf(fact: Fact): string {
  const { position: _position, known: _known, at: _at, ...said } = fact;
  return JSON.stringify(Object.entries(said).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The id of a command was used for another. */
export const usedBefore = (): Problem =>
  Problem.conflict(
    'This id was used before for something else.',
    'Give a new command a new id; send the same one again unchanged.',
    'id-conflict',
  );
