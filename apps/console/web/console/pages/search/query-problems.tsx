import type { ReactNode } from 'react';
import { Alert } from 'antd';
import { useSearchWords } from './search.words.js';

/** A part of a query that is wrong; columns count from 1. `apps/audit` search-language.ts. */
export interface QueryProblem {
  column: number;
  length: number;
  message: string;
  allowed: string;
}

/** Where a query cannot be understood, and what would be right there. */
export function QueryProblems({ query, problems }: { query: string; problems: readonly QueryProblem[] }) {
  const say = useSearchWords();
  return (
    <Alert
      type="error"
      role="alert"
      title={
        <pre className="query-marks" aria-label={say('written')}>
          {marked(query, problems)}
        </pre>
      }
      description={
        <ul>
          {problems.map(({ column, message, allowed }) => (
            <li key={`${column} ${message}`}>
              {say('wrongAt', { column, message })} {say('allowed', { allowed })}
            </li>
          ))}
        </ul>
      }
    />
  );
}

function marked(query: string, problems: readonly QueryProblem[]): ReactNode[] {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const { column, length } of problems.toSorted((a, b) => a.column - b.column)) {
    const from = Math.max(at, column - 1);
    const to = Math.min(query.length, column - 1 + length);
    if (to <= from) continue;
    parts.push(query.slice(at, from), <mark key={from}>{query.slice(from, to)}</mark>);
    at = to;
  }
  return [...parts, query.slice(at)];
}
