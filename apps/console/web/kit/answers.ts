import {
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { createContext, use } from 'react';
import type { Api, Params, ProblemError } from './api.js';

/** How far an answer reaches and what vouches for it; `apps/audit` standing.ts. */
export interface AsOf {
  position: number;
  size: number;
  /** base64 */
  root: string;
  /** Signed note (C2SP tlog-checkpoint). */
  checkpoint: string;
  lag: { events: number; seconds: number; parked: number };
}

export interface Answer<T> {
  data: T[];
  next_cursor: string | null;
  has_more: boolean;
  /** Lists of services other than audit have none. */
  asOf?: AsOf;
}

export const ApiContext = createContext<Api | undefined>(undefined);

export function useApi(): Api {
  const api = use(ApiContext);
  if (!api) throw new Error('There is no api around this component');
  return api;
}

interface Asked {
  /** Ask again whenever the log has grown. Never for what is recorded as a look at a person. */
  live?: boolean;
  /** Ask once and never again by itself, not even when the page is shown anew: what is recorded as a look. */
  once?: boolean;
  enabled?: boolean;
}

const lasting = (once: boolean) => (once ? { staleTime: Infinity, gcTime: Infinity, retry: false } : {});

/** One answer. The path and parameters are its key. */
export function useAnswer<T>(
  path: string,
  params: Params = {},
  { live = false, once = false, enabled = true }: Asked = {},
): UseQueryResult<T, ProblemError> {
  const api = useApi();
  return useQuery<T, ProblemError>({
    queryKey: [path, params],
    queryFn: () => api.get<T>(path, params),
    meta: { live },
    enabled,
    ...lasting(once),
  });
}

/** A list by pages. All pages stand at the position of the first where the service can do that (`as_of`). */
export function useList<T>(path: string, params: Params = {}, { live = false, once = false, enabled = true }: Asked = {}) {
  const api = useApi();
  return useInfiniteQuery<Answer<T>, ProblemError, { rows: T[]; asOf?: AsOf | undefined }, unknown[], Cursor | undefined>({
    queryKey: [path, params, 'pages'],
    queryFn: ({ pageParam }) => api.get<Answer<T>>(path, { ...params, ...pageParam }),
    initialPageParam: undefined,
    getNextPageParam: (last, pages) => {
      if (!last.has_more || last.next_cursor === null) return undefined;
      const position = pages[0]?.asOf?.position;
      return { cursor: last.next_cursor, ...(position !== undefined && { as_of: position }) };
    },
    select: ({ pages }) => ({ rows: pages.flatMap(({ data }) => data), asOf: pages[0]?.asOf }),
    meta: { live },
    enabled,
    ...lasting(once),
  });
}

type Cursor = { cursor: string; as_of?: number };

/** Something that is done; what was asked before under the paths is asked again afterwards. */
export function useAct<B, T = unknown>(act: (api: Api, input: B) => Promise<T>, ...paths: string[]): UseMutationResult<T, ProblemError, B> {
  const api = useApi();
  const client = useQueryClient();
  return useMutation<T, ProblemError, B>({
    mutationFn: (input) => act(api, input),
    onSuccess: () =>
      client.invalidateQueries({
        predicate: ({ queryKey: [path] }) => typeof path === 'string' && paths.some((one) => path.startsWith(one)),
      }),
  });
}
