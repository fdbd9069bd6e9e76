/** What was done to a log, or what a check says was. */
export interface Named {
  kind: string;
  position?: number;
  lastPosition?: number;
  positions?: readonly number[];
}

const text = ({ kind, position, lastPosition, positions }: Named): string =>
  `${kind} at ${positions?.join(' and ') ?? position}${lastPosition === undefined ? '' : ` to ${lastPosition}`}`;

/** Two lists are the same text when they name the same things in the same places. */
export const listed = (all: readonly Named[]): string =>
  [...all]
    .sort((a, b) => (a.position ?? -1) - (b.position ?? -1) || a.kind.localeCompare(b.kind))
    .map(text)
    .join(', ');

/** Different positions below `size`, ascending, at least `apart` from one another. Fewer when there is no room. */
export function spread(count: number, size: number, random: () => number, apart = 1): number[] {
  const chosen = new Set<number>();
  for (let tries = 0; chosen.size < count && tries < 100 * count; tries++) {
    const position = Math.floor(random() * size);
    if (![...chosen].some((one) => Math.abs(one - position) < apart)) chosen.add(position);
  }
  return [...chosen].sort((a, b) => a - b);
}
