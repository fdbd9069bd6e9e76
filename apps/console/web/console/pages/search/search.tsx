import './search.css';
import { Alert } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { Page } from '../../../kit/parts.js';
import { useAddress } from '../../address.js';
import { Desk } from '../../desk/desk.js';
import { Section } from '../../desk/facts.js';
import { ReasonForm } from '../../reason-form.js';
import { giveReason, useReason } from '../../reasons.js';
import { useShellWords } from '../../shell.words.js';
import { looksPersonal, peopleNamed } from './completion.js';
import { ExportThese } from './export-these.js';
import { Results } from './results.js';
import { SaveView, SavedViews } from './saved-views.js';
import { SearchBar } from './search-bar.js';
import { useSearchWords } from './search.words.js';

export default function Search() {
  const shell = useShellWords();
  const say = useSearchWords();
  const [{ q }, change] = useAddress('q');
  const [refused, setRefused] = useState(false);
  const search = (query: string) => {
    // Neither the address nor the log is to hold it.
    setRefused(looksPersonal(query));
    change({ q: looksPersonal(query) ? undefined : query });
  };
  return (
    <Page title={shell('search')}>
      <Desk>
        <SearchBar query={q ?? ''} onSearch={search} />
        {refused && q === undefined && (
          <Alert type="warning" role="alert" title={say('personal')} action={<Link to="/people">{say('lookUp')}</Link>} />
        )}
        {q === undefined ? <Examples /> : <Found query={q} />}
        <SavedViews />
      </Desk>
    </Page>
  );
}

/** Asks why first, where the query names a person. */
function Found({ query }: { query: string }) {
  const say = useSearchWords();
  const named = peopleNamed(query);
  const asked = named.length > 0 ? named.join(' ') : undefined;
  const reason = useReason(asked);
  if (asked !== undefined && reason === undefined) {
    return (
      <>
        <p>{say('named')}</p>
        <ReasonForm action={say('search')} onReason={(given) => giveReason(asked, given)} />
      </>
    );
  }
  return (
    <>
      <div className="filters">
        <ExportThese query={query} />
        {asked === undefined && <SaveView query={query} />}
      </div>
      <Results query={query} reason={reason} />
    </>
  );
}

const EXAMPLES = [
  ['tryConsents', () => `type:consent.*,objection.* created:>=${new Date().getUTCFullYear()}-01-01`],
  ['tryAbroad', () => 'type:disclosure.* -source://attesta/*'],
  ['tryFindings', () => 'type:finding.*'],
  ['tryAll', () => 'position:>=0'],
] as const;

function Examples() {
  const say = useSearchWords();
  return (
    <Section title={say('try')}>
      <ul>
        {EXAMPLES.map(([name, query]) => (
          <li key={name}>
            <Link to={`/search?q=${encodeURIComponent(query())}`}>{say(name)}</Link> <code>{query()}</code>
          </li>
        ))}
      </ul>
    </Section>
  );
}
