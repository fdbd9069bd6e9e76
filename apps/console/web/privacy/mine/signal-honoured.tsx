import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useApi } from '../../kit/answers.js';
import type { ProblemError } from '../../kit/api.js';
import { useLanguage } from '../../kit/words.js';
import { nameOf, type Person } from '../base/person.js';
import { isSignalled } from '../base/signal.js';
import { Loaded } from '../base/page.js';
import { PurposeTitle } from './purpose-title.js';
import { ReceiptOfChoice } from './receipt-of-choice.js';
import type { ChoiceAnswer } from './choice.js';
import { useMineWords } from './mine.words.js';

/** `POST /v1/consents/gpc` of the consent service. */
interface SignalAnswer {
  purposes: string[];
  withdrawal: ChoiceAnswer | null;
}

/**
 * Does at once what the browser's signal asks, before anything else is shown of the person, and says so. The header that the service wants to see
 * is the browser's own: scripts cannot set it.
 */
export function SignalHonoured({ person, children }: { person: Person; children: ReactNode }) {
  const api = useApi();
  const language = useLanguage();
  const signalled = isSignalled();
  const answer = useQuery<SignalAnswer, ProblemError>({
    queryKey: ['/v1/consents/gpc', person.email],
    queryFn: () => api.post('/v1/consents/gpc', { subject: nameOf(person), language }),
    enabled: signalled,
    staleTime: Infinity,
    retry: false,
  });
  if (!signalled) return children;
  if (answer.isPending) return <Loaded answer={answer}>{() => null}</Loaded>;
  return (
    <>
      <Honoured withdrawal={answer.data?.withdrawal} />
      {children}
    </>
  );
}

/** @param withdrawal null: nothing had to be withdrawn; undefined: the signal did not get through */
function Honoured({ withdrawal }: { withdrawal: ChoiceAnswer | null | undefined }) {
  const say = useMineWords();
  return (
    <section className="signal done" role="status" aria-label="Global Privacy Control">
      {withdrawal ? (
        <>
          <p>{say('gpcDone')}</p>
          <ul>
            {withdrawal.purposes.map(({ purpose, title }) => (
              <li key={purpose}>
                <PurposeTitle id={purpose} title={title} />
              </li>
            ))}
          </ul>
          <ReceiptOfChoice choice={{ ...withdrawal, status: 'withdrawn', purposes: withdrawal.purposes.map(({ purpose }) => purpose) }} />
        </>
      ) : (
        <p>{say(withdrawal === null ? 'gpcNothing' : 'gpcAway')}</p>
      )}
    </section>
  );
}
