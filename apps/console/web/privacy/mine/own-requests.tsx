import { Link } from 'react-router';
import { useList } from '../../kit/answers.js';
import { date } from '../../kit/dates.js';
import { useLanguage } from '../../kit/words.js';
import { useCenter, useSaid } from '../base/center.js';
import { Pages } from '../base/pages.js';
import { Page } from '../base/page.js';
import { isOpen, standing, type OwnRequest } from '../request/own-request.js';
import { useRequestWords } from '../request/request.words.js';
import { useMineWords } from './mine.words.js';

/** The person's own requests: no receipt is needed to open them from here. */
export function OwnRequests() {
  const say = useMineWords();
  const sayOf = useRequestWords();
  const language = useLanguage();
  const saidOf = useSaid();
  const rights = useCenter().data?.rights;
  const list = useList<OwnRequest>('/v1/requests/own');
  const titleOf = (id: string) => {
    const known = rights?.find(({ right }) => right === id);
    return known ? saidOf(known) : id;
  };
  return (
    <Page title={say('requestsTitle')}>
      <Pages list={list} none={say('noRequests')}>
        {(requests) => (
          <ul className="ways">
            {requests.map((request) => (
              <li key={request.request}>
                <Link to={`/request/${request.request}`}>
                  <strong>{titleOf(request.right)}</strong>
                  <span>{sayOf(`status-${standing(request)}`)}</span>
                  <span className="small">
                    {say('requestMade', { day: date(request.receivedAt, language) })}
                    {request.lastDay !== null && isOpen(request) && `, ${say('requestDue', { day: date(request.lastDay, language) })}`}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Pages>
      <p>
        <Link className="button" to="/rights">
          {say('makeRequest')}
        </Link>
      </p>
    </Page>
  );
}
