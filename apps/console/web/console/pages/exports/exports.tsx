import { useEffect } from 'react';
import { useList } from '../../../kit/answers.js';
import { Page, When } from '../../../kit/parts.js';
import { number } from '../../../kit/dates.js';
import { useLanguage } from '../../../kit/words.js';
import { Code } from '../../cells.js';
import { Desk } from '../../desk/desk.js';
import { PagedRows } from '../../rows.js';
import { useShellWords } from '../../shell.words.js';
import { ExportActs } from './export-acts.js';
import { isUnfinished, type ExportView } from './export-view.js';
import { useExportWords } from './exports.words.js';
import { StartExport } from './start-export.js';

const EVERY_MS = 1_500;

export default function Exports() {
  const shell = useShellWords();
  const say = useExportWords();
  const list = useList<ExportView>('/v1/exports');
  const waiting = list.data?.rows.some(isUnfinished) ?? false;
  const { refetch } = list;
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setInterval(() => void refetch(), EVERY_MS);
    return () => clearInterval(timer);
  }, [waiting, refetch]);
  return (
    <Page title={shell('exports')}>
      <Desk>
        <p>{say('about')}</p>
        <div className="filters">
          <StartExport />
        </div>
        <PagedRows
          list={list}
          caption={say('list')}
          keyOf={({ id }) => id}
          columns={[
            { title: say('what'), cell: (one) => <What of={one} /> },
            { title: say('format'), cell: ({ format }) => format },
            { title: say('state'), cell: (one) => <State of={one} /> },
            { title: say('reason'), cell: ({ reason }) => reason },
            { title: say('whose'), cell: ({ mine }) => say(mine ? 'mine' : 'others') },
            { title: say('created'), cell: ({ created_at }) => <When time={created_at} /> },
            { title: say('expires'), cell: ({ expires_at }) => <When time={expires_at} /> },
            { title: say('acts'), cell: (one) => <ExportActs of={one} /> },
          ]}
        />
      </Desk>
    </Page>
  );
}

function What({ of: { query, register } }: { of: ExportView }) {
  const say = useExportWords();
  if (register !== null) return <>{say('register', { name: register })}</>;
  return query ? <code>{query}</code> : <>{say('everything')}</>;
}

function State({ of: { state, progress, bytes, failure } }: { of: ExportView }) {
  const say = useExportWords();
  const language = useLanguage();
  const rows = number(progress.rows, language);
  return (
    <>
      <Code code={state} />
      {state === 'running' && (
        <div>
          <progress max={100} value={progress.percent} aria-label={say('state')} /> {say('progress', { rows, percent: progress.percent })}
        </div>
      )}
      {state === 'done' && (
        <div>
          {say('rows', { count: progress.rows, shown: rows })}, {say('size', { size: number(Math.ceil(bytes / 1000), language) })}
        </div>
      )}
      {failure !== null && <div>{failure}</div>}
    </>
  );
}
