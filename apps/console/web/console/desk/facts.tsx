import { ClockCircleFilled } from '@ant-design/icons';
import { useEffect, useState, type ReactNode } from 'react';
import { date, relative } from '../../kit/dates.js';
import { When } from '../../kit/parts.js';
import { useLanguage } from '../../kit/words.js';
import { useDeskWords } from './desk.words.js';
import './desk.css';

/** Names and what they are; what is undefined is left out. */
export function Facts({ of }: { of: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="facts">
      {of
        .filter(([, value]) => value !== undefined && value !== null)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** A word that says how something stands; the colour only helps. */
export function Tag({ tone = 'plain', children }: { tone?: 'plain' | 'good' | 'warn' | 'bad'; children: ReactNode }) {
  return <span className={`tag ${tone}`}>{children}</span>;
}

export function Section({ title, extra, children }: { title: string; extra?: ReactNode; children: ReactNode }) {
  return (
    <section className="part">
      <div className="part-head">
        <h2>{title}</h2>
        {extra}
      </div>
      {children}
    </section>
  );
}

const EVERY_MS = 15_000;

/** The time, told anew every quarter of a minute. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/**
 * By when something has to be done.
 * @param due the first instant at which it is too late
 * @param lastDay the last day on which it is not, where whole days count
 */
export function Deadline({ due, lastDay, over = false }: { due: string | null; lastDay?: string | null; over?: boolean }) {
  const say = useDeskWords();
  const language = useLanguage();
  const now = useNow();
  if (due === null) return <>{say('noDeadline')}</>;
  const late = !over && Date.parse(due) <= now;
  return (
    <span className={late ? 'late' : undefined}>
      {lastDay ? <time dateTime={lastDay}>{date(lastDay, language)}</time> : <When time={due} />}
      {!over && (
        <>
          {' '}
          ({relative(due, now, language)}){' '}
          {late && (
            <strong>
              <ClockCircleFilled /> {say('late')}
            </strong>
          )}
        </>
      )}
    </span>
  );
}
