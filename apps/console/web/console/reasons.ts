import { useSyncExternalStore } from 'react';

const KEPT = 'attesta.reasons';

/**
 * Why whoever is logged in looks at people, by pseudonym: kept for this tab, so that it is said once for each person and sent with every look. Neither
 * in addresses nor beyond the tab.
 */
let reasons = read();
const listeners = new Set<() => void>();

function read(): Readonly<Record<string, string>> {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? '{}') as Record<string, string>;
  } catch {
    return {};
  }
}

export function giveReason(person: string, reason: string | undefined): void {
  const { [person]: _before, ...others } = reasons;
  reasons = reason === undefined ? others : { ...others, [person]: reason };
  sessionStorage.setItem(KEPT, JSON.stringify(reasons));
  for (const tell of listeners) tell();
}

const subscribe = (tell: () => void) => {
  listeners.add(tell);
  return () => listeners.delete(tell);
};

/** @param person pseudonym, in lower case; undefined gives no reason */
export const useReason = (person: string | undefined): string | undefined =>
  useSyncExternalStore(subscribe, () => (person === undefined ? undefined : reasons[person]));
