import { Link, Outlet, ScrollRestoration, useLocation } from 'react-router';
import { LanguageSwitch } from '../kit/language-switch.js';
import { useBaseWords } from './base/base.words.js';
import { useCenter } from './base/center.js';
import { Contact } from './base/contact.js';
import { isSignalled } from './base/signal.js';

/** Around every page: whose center this is, the language, the browser's signal, and whom to ask. */
export function Shell() {
  const say = useBaseWords();
  const { data } = useCenter();
  const { pathname } = useLocation();
  const company = data?.company.name;
  return (
    <>
      <a className="skip" href="#content">
        {say('skip')}
      </a>
      <header className="head">
        <Link to="/" className="name">
          {company === undefined ? say('center') : say('of', { company })}
        </Link>
        <LanguageSwitch />
      </header>
      {isSignalled() && (
        <section className="signal" aria-label="Global Privacy Control">
          <p>
            <strong>{say('signal')}</strong> {pathname === '/' && say('signalHelp')}
          </p>
        </section>
      )}
      <main id="content" tabIndex={-1}>
        <Outlet key={pathname} />
      </main>
      <footer className="foot">
        <h2>{say('contact')}</h2>
        {data && <Contact company={data.company} />}
      </footer>
      <ScrollRestoration />
    </>
  );
}
