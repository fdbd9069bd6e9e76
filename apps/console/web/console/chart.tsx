import { lazy, Suspense } from 'react';
import { number } from '../kit/dates.js';
import { Nothing } from '../kit/parts.js';
import { useLanguage } from '../kit/words.js';
import { useDeskWords } from './desk/desk.words.js';
import { Rows } from './rows.js';

/** A number for each label of the chart, in their order. */
export interface ChartSeries {
  name: string;
  values: readonly number[];
}

export interface ChartProps {
  /** What is seen, for those who do not see it. */
  title: string;
  kind: 'bar' | 'line';
  /** Bars of one label on each other. */
  stacked?: boolean;
  labels: readonly string[];
  series: readonly ChartSeries[];
  /** What the labels are: the first column of the table. */
  heading?: string;
}

const Drawn = lazy(() => import('./chart-canvas.js'));

/** A chart, and the same as a table. */
export function Chart({ title, kind, stacked = false, labels, series, heading }: ChartProps) {
  const say = useDeskWords();
  const language = useLanguage();
  if (series.every(({ values }) => values.every((value) => value === 0))) return <Nothing>{say('nothingToDraw')}</Nothing>;
  return (
    <figure className="chart-figure">
      <Suspense fallback={<div className="chart" />}>
        <Drawn {...{ title, kind, stacked, labels, series, language }} />
      </Suspense>
      <details>
        <summary>{say('table')}</summary>
        <Rows
          caption={title}
          rows={labels.map((label, at) => ({ label, at }))}
          keyOf={({ label }) => label}
          columns={[
            { title: heading ?? say('period'), cell: ({ label }) => label },
            ...series.map(({ name, values }) => ({ title: name, cell: ({ at }: { at: number }) => number(values[at] ?? 0, language) })),
          ]}
        />
      </details>
    </figure>
  );
}
