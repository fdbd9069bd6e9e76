import type { Entry } from '@attesta/events';

/** What an entry relates to: other entries, people, and things that other pages show. */
export interface Relations {
  positions: number[];
  people: { subject: string; role: string | undefined }[];
  /** Pages that show the same thing. */
  things: { kind: ThingKind; id: string; to: string }[];
  cause: { source: string; id: string } | undefined;
}

export type ThingKind = keyof typeof PAGES;

const PAGES = {
  request: (id: string) => `/search?q=${encodeURIComponent(`request:${id}`)}`,
  breach: (id: string) => `/search?q=${encodeURIComponent(`breach:${id}`)}`,
  finding: (id: string) => `/search?q=${encodeURIComponent(`finding:"${id}"`)}`,
  disposal: (id: string) => `/registers/disposals?disposal=${id}`,
  message: (id: string) => `/registers/messages?message=${id}`,
};

const POSITIONS = ['positions', 'covers', 'consent', 'destroyed'] as const;
const MOST = 200;

export function relationsOf({ data }: Pick<Entry, 'data'>): Relations {
  const positions = POSITIONS.flatMap((member) => data[member]).filter((one) => Number.isSafeInteger(one)) as number[];
  const parts = listOf(data['parts'])
    .map(({ position }) => position)
    .filter((one) => Number.isSafeInteger(one)) as number[];
  const things = (Object.keys(PAGES) as ThingKind[]).flatMap((kind) => {
    const id = data[kind];
    return typeof id === 'string' ? [{ kind, id, to: PAGES[kind](id) }] : [];
  });
  const cause = data['cause'] as Relations['cause'];
  return {
    positions: [...new Set([...positions, ...parts])].sort((a, b) => a - b).slice(0, MOST),
    people: listOf(data['related']).flatMap(({ subject, role }) =>
      typeof subject === 'string' ? [{ subject, role: typeof role === 'string' ? role : undefined }] : [],
    ),
    things,
    cause: typeof cause === 'object' && typeof cause.id === 'string' ? cause : undefined,
  };
}

const listOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter((one): one is Record<string, unknown> => typeof one === 'object' && one !== null) : [];
