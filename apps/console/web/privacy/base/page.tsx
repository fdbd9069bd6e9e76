import { useEffect, useRef, type ReactNode } from 'react';
import { Link } from 'react-router';
import type { ProblemError } from '../../kit/api.js';
import { date, dateTime } from '../../kit/dates.js';
import { useLanguage } from '../../kit/words.js';
import { useBaseWords } from './base.words.js';
import { said, useCenter, type Titled } from './center.js';
import { kindOf, triesLeft } from './problems.js';

interface PageProps {
  title: ReactNode;
  /** For the window, where the title is no text. */
  name?: string;
  /** Where one came from; the start page itself has none. */
  back?: string | false;
  children: ReactNode;
}

/** Whether a page was shown already, since this one was opened in the browser. */
let isAnotherPage = false;

/** One thing. Its heading is read out when one gets there from another page, or from proving who one is. */
export function Page({ title, name = String(title), back = '/', children }: PageProps) {
  const say = useBaseWords();
  const company = useCenter().data?.company.name;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = [name, company].filter(Boolean).join(' · ');
  }, [name, company]);
  useEffect(() => {
    if (isAnotherPage) heading.current?.focus();
    isAnotherPage = true;
  }, []);
  return (
    <>
      {back !== false && (
        <nav aria-label={say('back')} className="back">
          <Link to={back}>
            <span aria-hidden="true">‹ </span>
            {back === '/' ? say('start') : say('back')}
          </Link>
        </nav>
      )}
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: ProblemError | null;
  refetch: () => unknown;
}

/** Loading, failed, or what there is. */
export function Loaded<T>({ answer, children }: { answer: Asked<T>; children: (data: T) => ReactNode }) {
  const say = useBaseWords();
  if (answer.data !== undefined) return <>{children(answer.data)}</>;
  if (answer.error) {
    return (
      <>
        <Trouble error={answer.error} />
        <p>
          <button type="button" onClick={() => void answer.refetch()}>
            {say('again')}
          </button>
        </p>
      </>
    );
  }
  return (
    <p role="status" className="loading">
      {say('loading')}
    </p>
  );
}

/** What went wrong, kindly; the service's own words, which are English, only where we have none. */
export function Trouble({ error }: { error: unknown }) {
  const say = useBaseWords();
  const kind = kindOf(error);
  const left = triesLeft(error);
  const detail = kind === 'other' && error instanceof Error ? error.message : undefined;
  return (
    <div role="alert" className="note bad">
      <p>
        {say(kind)}
        {left !== undefined && ` ${say('tries', { count: left })}`}
      </p>
      {detail !== undefined && (
        <p className="small">
          {say('details')}: <span lang="en">{detail}</span>
        </p>
      )}
    </div>
  );
}

/** A title of the policy. */
export function Policy({ of }: { of: Titled }) {
  const { text, lang } = said(of, useLanguage());
  return lang ? <span lang={lang}>{text}</span> : <>{text}</>;
}

/** @param day the day alone, as for a deadline */
export function Time({ at, day = false }: { at: string; day?: boolean }) {
  const language = useLanguage();
  return <time dateTime={at}>{day ? date(at, language) : dateTime(at, language)}</time>;
}
