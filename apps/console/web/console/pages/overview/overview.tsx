import { Page } from '../../../kit/parts.js';
import { Section } from '../../desk/facts.js';
import { holds, useSession } from '../../session.js';
import { useShellWords } from '../../shell.words.js';
import { Alerts } from './alerts.js';
import { Dashboard } from './dashboard.js';
import { useOverviewWords } from './overview.words.js';
import { BreachesToday, FindingsToday, MailsToday, RequestsToday, TasksToday } from './today.js';

/** What needs somebody now, and how it went. */
export default function Overview() {
  const say = useOverviewWords();
  const shell = useShellWords();
  const isOfficer = holds(useSession(), 'dpo');
  return (
    <Page title={shell('overview')}>
      <Section title={say('today')}>
        <div className="cards">
          <RequestsToday />
          <BreachesToday />
          <FindingsToday />
          <TasksToday />
          {isOfficer && <MailsToday />}
          <Alerts />
        </div>
      </Section>
      <Dashboard />
    </Page>
  );
}
