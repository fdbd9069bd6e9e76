import { Empty, Spin, Typography } from 'antd';
import { useEffect, type ReactNode } from 'react';
import type { AsOf as Standing } from './answers.js';
import type { ProblemError } from './api.js';
import { dateTime, number } from './dates.js';
import { useKitWords } from './kit.words.js';
import { ProblemAlert } from './problem.js';
import { useLanguage } from './words.js';

export { LanguageSwitch } from './language-switch.js';

/** A page: its title is that of the window too. */
export function Page({ title, extra, children }: { title: string; extra?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Attesta`;
  }, [title]);
  return (
    <>
      <div className="page-head">
        <Typography.Title level={1}>{title}</Typography.Title>
        {extra}
      </div>
      {children}
    </>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: ProblemError | null;
  isPending: boolean;
  refetch: () => unknown;
}

/** Loading, failed, or what there is. */
export function Loaded<T>({ answer, children }: { answer: Asked<T>; children: (data: T) => ReactNode }) {
  const say = useKitWords();
  if (answer.error && answer.data === undefined) return <ProblemAlert error={answer.error} retry={() => void answer.refetch()} />;
  if (answer.data === undefined) {
    return (
      <div className="loading" role="status" aria-live="polite">
        <Spin /> {say('loading')}
      </div>
    );
  }
  return <>{children(answer.data)}</>;
}

export function Nothing({ children }: { children?: ReactNode }) {
  const say = useKitWords();
  return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={children ?? say('nothing')} />;
}

/** How far an answer reaches. */
export function AsOf({ asOf }: { asOf: Standing | undefined }) {
  const say = useKitWords();
  const language = useLanguage();
  if (!asOf) return null;
  const { position, size, lag } = asOf;
  return (
    <p className="as-of">
      {say('asOf', { position: number(position, language), size: number(size, language) })}
      {lag.events > 0 && ` · ${say('asOfLag', { count: lag.events })}`}
      {lag.parked > 0 && ` · ${say('asOfParked', { count: lag.parked })}`}
    </p>
  );
}

export function When({ time }: { time: string | number | null | undefined }) {
  const language = useLanguage();
  if (time === null || time === undefined) return <>—</>;
  return <time dateTime={new Date(time).toISOString()}>{dateTime(time, language)}</time>;
}
