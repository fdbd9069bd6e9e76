import { Link, Navigate, useSearchParams } from 'react-router';
import { useCenter } from '../base/center.js';
import { Loaded, Page } from '../base/page.js';
import { useStartWords } from './start.words.js';

const WAYS = ['consents', 'rights', 'request', 'held', 'notice'] as const;
const RIGHT = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Whose center it is and what one can do here. `?right=erasure`, as the snippet links, leads on to that right. */
export function Start() {
  const say = useStartWords();
  const center = useCenter();
  const [query] = useSearchParams();
  const right = query.get('right');
  if (right !== null && RIGHT.test(right)) return <Navigate to={`/rights/${right}`} replace />;
  return (
    <Page title={say('title')} back={false}>
      <Loaded answer={center}>{({ company: { name } }) => <p className="lead">{say('intro', { company: name })}</p>}</Loaded>
      <nav aria-label={say('can')}>
        <ul className="ways">
          {WAYS.map((way) => (
            <li key={way}>
              <Link to={`/${way}`}>
                <strong>{say(way)}</strong>
                <span>{say(`${way}Help`)}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
    </Page>
  );
}
