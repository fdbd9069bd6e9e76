import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useApi, type AsOf } from '../kit/answers.js';
import type { ProblemError } from '../kit/api.js';

const EVERY_MS = 3_000;

/** Where the registers stand, asked for every three seconds while the page is looked at. */
export function useStanding() {
  const api = useApi();
  return useQuery<{ asOf: AsOf }, ProblemError>({
    queryKey: ['/v1/standing'],
    queryFn: () => api.get('/v1/standing'),
    refetchInterval: EVERY_MS,
    refetchIntervalInBackground: false,
  });
}

/** Answers that were asked for with `live` are asked for again whenever the registers have moved on. */
export function useLiveUpdates(): void {
  const client = useQueryClient();
  const position = useStanding().data?.asOf.position;
  const seen = useRef(position);
  useEffect(() => {
    const moved = seen.current !== undefined && position !== undefined && position !== seen.current;
    seen.current = position;
    if (moved) void client.invalidateQueries({ predicate: ({ meta }) => meta?.['live'] === true });
  }, [client, position]);
}
