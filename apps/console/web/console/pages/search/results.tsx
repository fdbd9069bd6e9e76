import { useList } from '../../../kit/answers.js';
import { When } from '../../../kit/parts.js';
import { Person } from '../../cells.js';
import { Sealed } from '../../entry/sealed.js';
import { useSentence } from '../../entry/use-sentence.js';
import { PagedRows } from '../../rows.js';
import { QueryProblems, type QueryProblem } from './query-problems.js';
import { useSearchWords } from './search.words.js';

/** An entry as lists have it; `apps/audit` timeline.projection.ts. */
export interface EntryRow {
  position: number;
  subject: string | null;
  type: string;
  title: string;
  time: string;
  recordedAt: string;
  source: string;
  actor: string | null;
  data: Record<string, unknown>;
  leafHash: string;
  reduced: boolean;
}

/** What a query finds. Asked once: every search is recorded. */
export function Results({ query, reason }: { query: string; reason: string | undefined }) {
  const say = useSearchWords();
  const columns = useEntryColumns();
  const list = useList<EntryRow>('/v1/search', { q: query, reason }, { once: true });
  const problems = (list.error?.problem as { columns?: QueryProblem[] } | undefined)?.columns;
  if (problems) return <QueryProblems query={query} problems={problems} />;
  return <PagedRows list={list} caption={say('results')} columns={columns} keyOf={({ position }) => position} />;
}

/** How entries are listed, on every page that does. */
export function useEntryColumns() {
  const say = useSearchWords();
  const sentence = useSentence();
  return [
    { title: say('position'), cell: ({ position }: EntryRow) => <Sealed position={position} /> },
    { title: say('when'), cell: ({ time }: EntryRow) => <When time={time} /> },
    {
      title: say('what'),
      cell: (row: EntryRow) => (
        <>
          {sentence(row)} {row.reduced && <em>({say('reduced')})</em>}
        </>
      ),
    },
    { title: say('about'), cell: ({ subject }: EntryRow) => <Person id={subject} /> },
    { title: say('source'), cell: ({ source }: EntryRow) => <code>{source}</code> },
  ];
}
