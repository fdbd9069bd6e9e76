import { Link } from 'react-router';
import { useCenter } from '../base/center.js';
import { Loaded, Page, Policy } from '../base/page.js';
import { isExplained, useRightsWords } from './rights.words.js';

export function Rights() {
  const say = useRightsWords();
  const center = useCenter();
  return (
    <Page title={say('title')}>
      <p className="lead">{say('intro')}</p>
      <Loaded answer={center}>
        {({ rights }) => (
          <ul className="ways">
            {rights.map((right) => (
              <li key={right.right}>
                <Link to={`/rights/${right.right}`}>
                  <strong>
                    <Policy of={right} />
                  </strong>
                  {isExplained(right.right) && <span>{say(right.right)}</span>}
                  <span className="small">{say('clause', { clauses: right.clauses.join(', ') })}</span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Page>
  );
}
