import type { ReactNode } from 'react';
import { Act } from './act.js';
import type { ProblemError } from '../../kit/api.js';
import { useBaseWords } from './base.words.js';
import { Loaded, Trouble } from './page.js';

/** What `useList` gives. */
interface List<T> {
  data: { rows: T[] } | undefined;
  error: ProblemError | null;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
}

/** A list as far as it was asked for. */
export function Pages<T>({ list, none, children }: { list: List<T>; none: string; children: (rows: T[]) => ReactNode }) {
  const say = useBaseWords();
  return (
    <Loaded answer={list}>
      {({ rows }) => (
        <>
          {rows.length === 0 ? <p>{none}</p> : children(rows)}
          {list.data && list.error && <Trouble error={list.error} />}
          {list.hasNextPage && (
            <p>
              <Act busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                {say('more')}
              </Act>
            </p>
          )}
        </>
      )}
    </Loaded>
  );
}
