import { When } from '../../../kit/parts.js';
import { useLanguage } from '../../../kit/words.js';
import { useChoices } from '../../desk/choices.js';
import { Facts, Section } from '../../desk/facts.js';
import { Rows } from '../../rows.js';
import type { BreachView } from './breach.js';
import { useBreachesWords } from './breaches.words.js';

interface Of {
  breach: BreachView;
}

/** What authorities were told, or why they need not be. */
export function AuthorityNotices({ breach: { notified, notNotified } }: Of) {
  const say = useBreachesWords();
  const choices = useChoices();
  return (
    <Section title={say('told')}>
      {notNotified && (
        <Facts
          of={[
            [say('excused'), notNotified.reason],
            [say('when'), <When key="when" time={notNotified.at} />],
          ]}
        />
      )}
      {notified.length > 0 ? (
        <Rows
          caption={say('told')}
          rows={notified}
          keyOf={({ jurisdiction, at, phase }) => `${jurisdiction} ${at} ${phase}`}
          columns={[
            { title: say('jurisdiction'), cell: ({ jurisdiction }) => choices.title('jurisdictions', jurisdiction) },
            { title: say('when'), cell: ({ at }) => <When time={at} /> },
            { title: say('phase'), cell: ({ phase }) => say(phase) },
            { title: say('reference'), cell: ({ reference }) => reference ?? '—' },
            { title: say('explanation'), cell: ({ explanation }) => explanation ?? '—' },
          ]}
        />
      ) : (
        !notNotified && <p>{say('noneTold')}</p>
      )}
    </Section>
  );
}

/** What people were told, and how many it reached. */
export function PeopleNotices({ breach: { people, assessment } }: Of) {
  const say = useBreachesWords();
  const choices = useChoices();
  const language = useLanguage();
  return (
    <Section title={say('toPeople')}>
      <Facts
        of={[
          [say('required'), say(assessment === null ? 'notAssessed' : people.required ? 'yes' : 'no')],
          [say('named'), people.named],
        ]}
      />
      {people.orders.length === 0 ? (
        <p>{say('noOrders')}</p>
      ) : (
        <Rows
          caption={say('orders')}
          rows={people.orders}
          keyOf={({ at }) => at}
          columns={[
            { title: say('ordered'), cell: ({ at }) => <When time={at} /> },
            {
              title: say('to'),
              cell: ({ categories }) =>
                categories
                  ? say('toData', { categories: categories.map((one) => choices.title('categories', one)).join(', ') })
                  : say('toNamed'),
            },
            { title: say('what'), cell: ({ words }) => words[language].what },
            { title: say('outcome'), cell: ({ told }) => (told ? say('outcomeOf', { ...told }) : say('underWay')) },
          ]}
        />
      )}
    </Section>
  );
}
