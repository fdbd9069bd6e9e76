import { QueryClient } from '@tanstack/react-query';
import { ProblemError } from './api.js';

const ONCE_MORE = 1;

/** Asks for what pages show. A refusal stays one; what is away for a moment is asked for once more. */
export const newClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failures, error) =>
          failures < ONCE_MORE && !(error instanceof ProblemError && error.problem.status >= 400 && error.problem.status < 500),
        refetchOnWindowFocus: false,
        staleTime: 5_000,
      },
    },
  });
