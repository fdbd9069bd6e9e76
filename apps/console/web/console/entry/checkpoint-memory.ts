import type { Memory, Seen } from './verification.js';

const nameOf = (origin: string) => `attesta.checkpoint.${origin}`;

/** The checkpoint of each log that this browser verified last. Whoever clears it begins anew. */
export const checkpointMemory: Memory = {
  last(origin) {
    const kept = localStorage.getItem(nameOf(origin));
    return kept === null ? undefined : (JSON.parse(kept) as Seen);
  },
  keep: (origin, seen) => localStorage.setItem(nameOf(origin), JSON.stringify(seen)),
};
