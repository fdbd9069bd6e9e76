import { useList } from '../../kit/answers.js';
import { useLanguage } from '../../kit/words.js';
import { Page, Time } from '../base/page.js';
import { Pages } from '../base/pages.js';
import { usePerson } from '../base/person.js';
import { useAboutWords } from './about.words.js';
import { Known, OWN_REASON } from './known.js';
import { CategoryTitle, PurposeTitle, RecipientTitle } from './purpose-title.js';

/** A row of `GET /v1/subjects/:id/disclosures`, as far as it is shown. */
interface Disclosure {
  position: number;
  recipient: string;
  recipientTitle: string | null;
  country: string | null;
  categories: string[];
  purposes: string[];
  occurredAt: string;
}

export function Recipients() {
  const say = useAboutWords();
  const language = useLanguage();
  const { subject } = usePerson()!;
  const list = useList<Disclosure>(`/v1/subjects/${subject}/disclosures`, { reason: OWN_REASON, limit: 50 }, { enabled: subject !== null });
  const countries = new Intl.DisplayNames([language], { type: 'region' });
  return (
    <Page title={say('recipientsTitle')}>
      <Known error={list.error}>
        <Pages list={list} none={say('noRecipients')}>
          {(rows) => (
            <ol className="steps">
              {rows.map(({ position, recipient, recipientTitle, country, categories, purposes, occurredAt }) => (
                <li key={position}>
                  <Time at={occurredAt} />
                  <div>
                    <strong>
                      <RecipientTitle id={recipient} title={recipientTitle ?? recipient} />
                    </strong>
                    {country !== null && `, ${say('toAbroad', { country: countries.of(country) })}`}
                  </div>
                  <Titles name={say('data')}>
                    {categories.map((id) => (
                      <CategoryTitle key={id} id={id} />
                    ))}
                  </Titles>
                  <Titles name={say('purposes')}>
                    {purposes.map((id) => (
                      <PurposeTitle key={id} id={id} />
                    ))}
                  </Titles>
                </li>
              ))}
            </ol>
          )}
        </Pages>
      </Known>
    </Page>
  );
}

function Titles({ name, children }: { name: string; children: React.ReactElement[] }) {
  if (children.length === 0) return null;
  return (
    <div>
      {name}:{' '}
      {children.map((one, i) => (
        <span key={one.key}>
          {i > 0 && '; '}
          {one}
        </span>
      ))}
    </div>
  );
}
