import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../kit/answers.js';
import type { ProblemError } from '../../kit/api.js';
import { useCenter } from '../base/center.js';
import { Loaded, Page } from '../base/page.js';
import { nameOf, usePerson } from '../base/person.js';
import { isForChoice, type PurposeStanding } from './choice.js';
import { CONSENTS } from './choose.js';
import { useConsentWords } from './consents.words.js';
import { PurposeCard } from './purpose-card.js';

/** Every purpose that may rest on consent, and where it stands. */
export function Consents() {
  const say = useConsentWords();
  const api = useApi();
  const person = usePerson()!;
  const center = useCenter();
  const standings = useQuery<{ purposes: PurposeStanding[] }, ProblemError>({
    queryKey: [CONSENTS, person.email],
    queryFn: () => api.post(CONSENTS, { subject: nameOf(person) }),
  });
  return (
    <Page title={say('title')}>
      <p className="lead">{say('intro')}</p>
      <Loaded answer={center}>
        {({ purposes: known }) => (
          <Loaded answer={standings}>
            {({ purposes }) => {
              const isSeparable = ({ purpose }: PurposeStanding) => known.find((one) => one.purpose === purpose)?.separable ?? true;
              const chosen = purposes.filter((standing) => isForChoice(standing, isSeparable(standing)));
              const others = purposes.filter((standing) => !chosen.includes(standing));
              return (
                <>
                  {purposes.length === 0 && <p>{say('none')}</p>}
                  <Cards standings={chosen} />
                  {others.length > 0 && (
                    <details>
                      <summary>{say('needed')}</summary>
                      <p>{say('neededHelp')}</p>
                      <Cards standings={others} />
                    </details>
                  )}
                </>
              );
            }}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}

const Cards = ({ standings }: { standings: PurposeStanding[] }) => (
  <ul className="cards">
    {standings.map((standing) => (
      <li key={standing.purpose}>
        <PurposeCard standing={standing} />
      </li>
    ))}
  </ul>
);
