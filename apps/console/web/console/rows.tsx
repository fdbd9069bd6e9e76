import { Button } from 'antd';
import type { Key, ReactNode } from 'react';
import type { AsOf as Standing } from '../kit/answers.js';
import type { ProblemError } from '../kit/api.js';
import { useKitWords } from '../kit/kit.words.js';
import { AsOf, Nothing } from '../kit/parts.js';
import { ProblemAlert } from '../kit/problem.js';

export interface Column<T> {
  title: string;
  cell: (row: T) => ReactNode;
}

interface Props<T> {
  /** What the table shows, for those who do not see it. */
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => Key;
}

/** A table; on a phone each row is a card whose cells name their column. */
export function Rows<T>({ caption, columns, rows, keyOf }: Props<T>) {
  if (rows.length === 0) return <Nothing />;
  return (
    // Scrolls sideways where it must, which keyboards have to reach (WCAG 2.1.1).
    <div className="table-wrap" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title }) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ title, cell }) => (
                <td key={title} data-label={title}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What `useList` gives. */
interface Pages<T> {
  data: { rows: T[]; asOf?: Standing | undefined } | undefined;
  error: ProblemError | null;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
}

/** A list by pages, with how far it reaches. */
export function PagedRows<T>({ list, ...table }: Omit<Props<T>, 'rows'> & { list: Pages<T> }) {
  const say = useKitWords();
  if (list.error && !list.data) return <ProblemAlert error={list.error} retry={() => void list.refetch()} />;
  if (!list.data) {
    return (
      <div className="loading" role="status">
        {say('loading')}
      </div>
    );
  }
  return (
    <>
      <AsOf asOf={list.data.asOf} />
      <Rows {...table} rows={list.data.rows} />
      {list.error && <ProblemAlert error={list.error} />}
      {list.hasNextPage && (
        <p>
          <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {say('more')}
          </Button>
        </p>
      )}
    </>
  );
}
