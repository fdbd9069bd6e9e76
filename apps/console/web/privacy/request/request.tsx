import { useEffect } from 'react';
import { useLocation, useNavigate, useParams } from 'react-router';
import { useLanguage } from '../../kit/words.js';
import { said, useCenter, type Center } from '../base/center.js';
import { Loaded, Page } from '../base/page.js';
import { usePerson } from '../base/person.js';
import { kindOf } from '../base/problems.js';
import { FindRequest } from './find.js';
import { HistoryOf } from './history-of.js';
import { useRequest, type OpenedRequest } from './own-request.js';
import { PackageOf } from './package-of.js';
import { ProveIdentity, Question } from './needs.js';
import { ReceiptOf } from './receipt-of.js';
import { readReceipt } from './receipt.js';
import { useRequestWords } from './request.words.js';
import { NextOf, RefusalOf, SparedOf, StandingOf } from './standing-of.js';
import { Withdraw } from './withdraw.js';

/** What came along with the address: kept for this tab, so that the page can be loaded again. */
interface Carried {
  secret?: string;
  email?: string;
}

const ID = /^[0-9a-f-]{36}$/i;

/** One request: how it stands, what is needed, what has happened. Opened by its receipt, or by whoever has proved their address. */
export function RequestPage() {
  const { id = '' } = useParams();
  const { secret, email } = useCarried(id);
  const person = usePerson();
  const isAsked = ID.test(id) && (secret !== undefined || person !== undefined);
  const center = useCenter();
  const request = useRequest(id, secret, isAsked);
  if (!isAsked) return <FindRequest {...(ID.test(id) && { request: id })} />;
  if (request.error && kindOf(request.error) === 'no-such-request') {
    return <FindRequest request={id} error={request.error} />;
  }
  return (
    <Loaded answer={center}>
      {(known) => <Loaded answer={request}>{(found) => <Opened request={found} center={known} secret={secret} email={email} />}</Loaded>}
    </Loaded>
  );
}

/** A link's fragment becomes part of this tab's history, and leaves the address: nobody reads it over a shoulder or in a list of pages. */
function useCarried(id: string): Carried {
  const { hash, pathname, state } = useLocation() as { hash: string; pathname: string; state: Carried | null };
  const navigate = useNavigate();
  const secret = hash === '' ? undefined : readReceipt(hash.slice(1), id)?.secret;
  useEffect(() => {
    if (secret !== undefined) void navigate(pathname, { replace: true, state: { secret } });
  }, [secret, pathname, navigate]);
  return state ?? {};
}

interface OpenedProps extends Carried {
  request: OpenedRequest;
  center: Center;
}

function Opened({ request, center, secret, email }: OpenedProps) {
  const say = useRequestWords();
  const language = useLanguage();
  const right = center.rights.find((one) => one.right === request.right);
  const parts = { request, center, secret };
  return (
    <Page
      title={right ? say('about', { right: said(right, language).text }) : say('request')}
      back={secret === undefined ? '/requests' : '/'}
    >
      <StandingOf {...parts} />
      <ProveIdentity {...parts} email={email} />
      <Question {...parts} />
      <RefusalOf {...parts} />
      <SparedOf {...parts} />
      <PackageOf {...parts} />
      <NextOf {...parts} />
      <ReceiptOf {...parts} />
      <HistoryOf {...parts} />
      <Withdraw {...parts} />
    </Page>
  );
}
