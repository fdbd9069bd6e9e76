import { Link } from 'react-router';
import { useAnswer } from '../../kit/answers.js';
import { date } from '../../kit/dates.js';
import { useLanguage } from '../../kit/words.js';
import { Loaded, Page, Time } from '../base/page.js';
import { usePerson } from '../base/person.js';
import { useAboutWords } from './about.words.js';
import { Known, OWN_REASON } from './known.js';
import { CategoryTitle, PurposeTitle, RecipientTitle } from './purpose-title.js';

/** A line of `GET /v1/subjects/:id/data-map`, as far as it is shown. */
interface HeldLine {
  category: string;
  sensitive: boolean;
  held: number;
  destroyed: number;
  since: string;
  origins: { origin: string; party: string | null; partyTitle: string | null }[];
  purposes: { purpose: string; keptBy: { law: string }[] }[];
  due: { first: string | null; last: string | null };
  holds: unknown[];
  disclosures: { recipient: string; title: string | null }[];
}

export function Held() {
  const say = useAboutWords();
  const { subject } = usePerson()!;
  const map = useAnswer<{ data: HeldLine[] }>(`/v1/subjects/${subject}/data-map`, { reason: OWN_REASON }, { enabled: subject !== null });
  return (
    <Page title={say('heldTitle')}>
      <p className="lead">{say('heldIntro')}</p>
      <p>
        <Link className="button" to="/rights/access">
          {say('access')}
        </Link>
      </p>
      <Known error={map.error}>
        <Loaded answer={map}>
          {({ data }) => (
            <ul className="cards">
              {data.map((line) => (
                <li key={line.category}>
                  <Line line={line} />
                </li>
              ))}
            </ul>
          )}
        </Loaded>
      </Known>
    </Page>
  );
}

const ORIGINS = ['subject', 'third-party', 'derived', 'another-person'] as const;

function Line({ line }: { line: HeldLine }) {
  const say = useAboutWords();
  const language = useLanguage();
  const { category, sensitive, held, destroyed, since, purposes, due, holds } = line;
  const laws = [...new Set(purposes.flatMap(({ keptBy }) => keptBy.map(({ law }) => law)))];
  return (
    <section className="card">
      <h2>
        <CategoryTitle id={category} />
        {sensitive && <span className="small"> ({say('sensitive')})</span>}
      </h2>
      <p>
        {held > 0 ? say('since', { day: date(since, language) }) : say('gone')}
        {held > 0 && destroyed > 0 && ` ${say('someGone', { count: destroyed })}`}
      </p>
      {holds.length > 0 && <p className="note">{say('onHold')}</p>}
      <dl>
        <Origins line={line} />
        {purposes.length > 0 && (
          <>
            <dt>{say('purposes')}</dt>
            {purposes.map(({ purpose }) => (
              <dd key={purpose}>
                <PurposeTitle id={purpose} />
              </dd>
            ))}
          </>
        )}
        {held > 0 && (
          <>
            <dt>{say('until')}</dt>
            <dd>{due.last === null ? say('untilOpen') : <Time at={due.last} day />}</dd>
          </>
        )}
        {laws.length > 0 && (
          <>
            <dt>{say('law')}</dt>
            {laws.map((law) => (
              <dd key={law} lang="en">
                {law}
              </dd>
            ))}
          </>
        )}
        <Received line={line} />
      </dl>
    </section>
  );
}

function Origins({ line: { origins } }: { line: HeldLine }) {
  const say = useAboutWords();
  const each = [...new Map(origins.map((one) => [`${one.origin} ${one.party}`, one])).entries()];
  if (each.length === 0) return null;
  return (
    <>
      <dt>{say('from')}</dt>
      {each.map(([key, { origin, party, partyTitle }]) => {
        const known = ORIGINS.find((one) => one === origin);
        return (
          <dd key={key}>{party === null ? known && say(`from-${known}`) : <RecipientTitle id={party} title={partyTitle ?? party} />}</dd>
        );
      })}
    </>
  );
}

function Received({ line: { disclosures } }: { line: HeldLine }) {
  const say = useAboutWords();
  const each = [...new Map(disclosures.map((one) => [one.recipient, one])).values()];
  return (
    <>
      <dt>{say('recipients')}</dt>
      {each.length === 0 && <dd>{say('nobody')}</dd>}
      {each.map(({ recipient, title }) => (
        <dd key={recipient}>
          <RecipientTitle id={recipient} title={title ?? recipient} />
        </dd>
      ))}
    </>
  );
}
