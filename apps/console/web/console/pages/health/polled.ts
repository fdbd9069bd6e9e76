import { useQuery, type UseQueryOptions, type UseQueryResult } from '@tanstack/react-query';
import { useApi } from '../../../kit/answers.js';
import type { Api, ProblemError } from '../../../kit/api.js';

export const EVERY_MS = 5_000;

/** Asked again every five seconds: what stands still does not say so by itself. */
export const polled = <T>(api: Api, path: string): UseQueryOptions<T, ProblemError> => ({
  queryKey: [path, {}],
  queryFn: () => api.get<T>(path),
  refetchInterval: EVERY_MS,
});

export const usePolled = <T>(path: string): UseQueryResult<T, ProblemError> => useQuery(polled<T>(useApi(), path));
