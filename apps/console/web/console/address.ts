import { useSearchParams } from 'react-router';

/** What the page shows is in its address: a filter, a tab, a text. Empty means that it is not there. */
export function useAddress<K extends string>(
  ...names: K[]
): [Partial<Record<K, string>>, (change: Partial<Record<K, string | undefined>>) => void] {
  const [query, setQuery] = useSearchParams();
  const values = Object.fromEntries(names.flatMap((name) => (query.get(name) ? [[name, query.get(name)!]] : []))) as Partial<
    Record<K, string>
  >;
  const change = (changes: Partial<Record<K, string | undefined>>) =>
    setQuery(
      (before) => {
        for (const [name, value] of Object.entries(changes) as [string, string | undefined][])
          if (value === undefined || value === '') before.delete(name);
          else before.set(name, value);
        return before;
      },
      { replace: true },
    );
  return [values, change];
}
