import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useApi } from '../../../kit/answers.js';
import type { Params, ProblemError } from '../../../kit/api.js';

const EVERY_MS = 5_000;

/** Asked again every five seconds: what stands still does not say so by itself. */
export function usePolled<T>(path: string, params: Params = {}): UseQueryResult<T, ProblemError> {
  const api = useApi();
  return useQuery<T, ProblemError>({
    queryKey: [path, params],
    queryFn: () => api.get<T>(path, params),
    refetchInterval: EVERY_MS,
  });
}
