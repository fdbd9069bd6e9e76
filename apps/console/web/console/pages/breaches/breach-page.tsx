import { Link, useParams } from 'react-router';
import { useAnswer } from '../../../kit/answers.js';
import { Loaded, Page, When } from '../../../kit/parts.js';
import { useChoices } from '../../desk/choices.js';
import { Desk } from '../../desk/desk.js';
import { Facts, Section } from '../../desk/facts.js';
import { BreachActions } from './breach-actions.js';
import { Clocks } from './breach-clocks.js';
import { BreachHistory } from './breach-history.js';
import { pathOf, Risk } from './breach-list.js';
import { BreachReport } from './breach-report.js';
import { AuthorityNotices, PeopleNotices } from './breach-told.js';
import type { BreachView } from './breach.js';
import { useBreachesWords } from './breaches.words.js';

export function BreachPage() {
  const { id = '' } = useParams();
  const say = useBreachesWords();
  const answer = useAnswer<BreachView>(pathOf(id), {}, { live: true });
  return (
    <Page title={say('breachOf', { id: id.slice(0, 8) })} extra={<Link to="/breaches">{say('back')}</Link>}>
      <Loaded answer={answer}>
        {(breach) => (
          <Desk>
            <Clocks breach={breach} />
            <BreachActions breach={breach} />
            <Known breach={breach} />
            <Assessed breach={breach} />
            <AuthorityNotices breach={breach} />
            <PeopleNotices breach={breach} />
            <Closed breach={breach} />
            <BreachReport breach={breach} />
            <BreachHistory breach={breach.breach} />
          </Desk>
        )}
      </Loaded>
    </Page>
  );
}

const prose = (text: string | undefined) => text && <p className="prose">{text}</p>;

function Known({ breach: { facts, discoveredAt, recordedAt, status } }: { breach: BreachView }) {
  const say = useBreachesWords();
  const choices = useChoices();
  return (
    <Section title={say('facts')}>
      <Facts
        of={[
          [say('description'), prose(facts.description)],
          [say('status'), say(status)],
          [say('discovered'), <When key="discovered" time={discoveredAt} />],
          [say('recordedAt'), <When key="recorded" time={recordedAt} />],
          [say('occurredFrom'), facts.occurredFrom && <When time={facts.occurredFrom} />],
          [say('occurredUntil'), facts.occurredUntil && <When time={facts.occurredUntil} />],
          [say('nature'), facts.nature.map((one) => say(one)).join(', ')],
          [say('categories'), facts.categories.map((one) => choices.title('categories', one)).join(', ')],
          [say('whom'), facts.whom],
          [say('people'), facts.people],
          [say('records'), facts.records],
          [say('controller'), facts.controller],
          [say('cause'), prose(facts.cause)],
        ]}
      />
    </Section>
  );
}

function Assessed({ breach: { assessment } }: { breach: BreachView }) {
  const say = useBreachesWords();
  return (
    <Section title={say('assessment')}>
      <Facts
        of={[
          [say('risk'), <Risk key="risk" of={assessment} />],
          [say('when'), assessment && <When time={assessment.at} />],
          [say('reasons'), prose(assessment?.reasons)],
          [say('consequences'), prose(assessment?.consequences)],
          [say('measures'), prose(assessment?.measures)],
          [say('planned'), prose(assessment?.planned)],
        ]}
      />
    </Section>
  );
}

function Closed({ breach: { closing } }: { breach: BreachView }) {
  const say = useBreachesWords();
  if (closing === null) return null;
  return (
    <Section title={say('closing')}>
      <Facts
        of={[
          [say('when'), <When key="when" time={closing.at} />],
          [say('reasons'), prose(closing.reason)],
          [say('exemption'), closing.exemption && say(closing.exemption.ground)],
          [say('exemptionWhy'), prose(closing.exemption?.explanation)],
        ]}
      />
    </Section>
  );
}
