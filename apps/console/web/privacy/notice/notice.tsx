import { Link } from 'react-router';
import { date } from '../../kit/dates.js';
import { useLanguage } from '../../kit/words.js';
import { useBaseWords } from '../base/base.words.js';
import { useCenter, type Center } from '../base/center.js';
import { Contact } from '../base/contact.js';
import { Loaded, Page, Policy } from '../base/page.js';
import { useNoticeWords } from './notice.words.js';

/** The notice in short, and the way to its text. */
export function NoticePage() {
  const say = useNoticeWords();
  const center = useCenter();
  return (
    <Page title={say('title')}>
      <Loaded answer={center}>{(known) => <Short center={known} />}</Loaded>
    </Page>
  );
}

function Short({ center: { company, notice, purposes, rights, recipients, laws } }: { center: Center }) {
  const say = useNoticeWords();
  const base = useBaseWords();
  const language = useLanguage();
  return (
    <>
      <p>{notice ? say('version', { version: notice.version, day: date(notice.effectiveFrom, language) }) : say('none')}</p>
      {company.url !== null && (
        <p>
          <a className="button" href={company.url} target="_blank" rel="noopener noreferrer">
            {say('full')} <span className="small">{base('newTab')}</span>
          </a>
        </p>
      )}
      <h2>{say('who')}</h2>
      <Contact company={company} />
      <h2>{say('purposes')}</h2>
      <ul>
        {purposes.map((purpose) => (
          <li key={purpose.purpose}>
            <Policy of={purpose} />{' '}
            <span className="small">
              ({say('clause', { clauses: purpose.clauses.join(', ') })}
              {purpose.consent && `, ${say('onConsent')}`})
            </span>
          </li>
        ))}
      </ul>
      <h2>{say('recipients')}</h2>
      <ul>
        {recipients.map((recipient) => (
          <li key={recipient.party}>
            <Policy of={recipient} />
          </li>
        ))}
      </ul>
      <h2>{say('rights')}</h2>
      <ul>
        {rights.map((right) => (
          <li key={right.right}>
            <Link to={`/rights/${right.right}`}>
              <Policy of={right} />
            </Link>{' '}
            <span className="small">({say('clause', { clauses: right.clauses.join(', ') })})</span>
          </li>
        ))}
      </ul>
      <h2>{say('authority')}</h2>
      <ul>
        {laws.map(({ jurisdiction, authority }) => (
          <li key={jurisdiction}>
            <Policy of={authority} />
          </li>
        ))}
      </ul>
    </>
  );
}
