import { useMutation } from '@tanstack/react-query';
import { Button } from 'antd';
import { Link } from 'react-router';
import { useAnswer, useApi, type AsOf as Standing } from '../../../kit/answers.js';
import type { ProblemError } from '../../../kit/api.js';
import { AsOf, Loaded, Page } from '../../../kit/parts.js';
import { ProblemAlert } from '../../../kit/problem.js';
import { useLanguage } from '../../../kit/words.js';
import { Code } from '../../cells.js';
import { Facts, Section } from '../../desk/facts.js';
import { useDuration } from '../../../kit/durations.js';
import { useNames } from '../../policy.js';
import { useRegisterWords } from './registers.words.js';

interface Titled {
  id: string;
  title: string;
  titleTh: string;
}

/** `apps/audit` processing-activities.ts, as far as it is shown. */
interface Activity extends Titled {
  clauses: string[];
  bases: (Titled & { jurisdiction: string; law: string })[];
  objection: string;
  categories: (Titled & { happened: { count: number } })[];
  recipients: (Titled & { country: string | null; happened: { count: number } })[];
  retention: { rule: string; duration: string; trigger: string; law: string }[];
  collected: { count: number };
  used: { count: number };
  disclosed: { count: number };
}

interface ProcessingRecord {
  activities: Activity[];
  notInPolicy: ('categories-of-people' | 'security-measures')[];
  asOf: Standing;
}

const PATH = '/v1/register/processing-activities';
const FORMATS = ['json', 'csv', 'html', 'pdf'] as const;

export function ProcessingActivities() {
  const say = useRegisterWords();
  const answer = useAnswer<ProcessingRecord>(PATH, {}, { live: true });
  return (
    <Page title={say('activities')} extra={<Link to="/registers">{say('all')}</Link>}>
      <p>{say('activitiesAbout')}</p>
      <Downloads />
      <Loaded answer={answer}>
        {({ activities, notInPolicy, asOf }) => (
          <>
            <AsOf asOf={asOf} />
            {activities.map((activity) => (
              <OneActivity key={activity.id} of={activity} />
            ))}
            {notInPolicy.length > 0 && <p>{say('notInPolicy', { what: notInPolicy.map((one) => say(one)).join(', ') })}</p>}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Downloads() {
  const say = useRegisterWords();
  const api = useApi();
  const download = useMutation<void, ProblemError, string>({
    mutationFn: (format) => api.download(`${PATH}?format=${format}`, `processing-activities.${format}`),
  });
  return (
    <>
      <div className="filters">
        {FORMATS.map((format) => (
          <Button key={format} onClick={() => download.mutate(format)}>
            {say('download', { format: format.toUpperCase() })}
          </Button>
        ))}
      </div>
      <ProblemAlert error={download.error} />
    </>
  );
}

function OneActivity({ of: activity }: { of: Activity }) {
  const say = useRegisterWords();
  const language = useLanguage();
  const name = useNames();
  const duration = useDuration();
  const titled = (one: Titled) => (language === 'th' ? one.titleTh : one.title);
  const all = (many: readonly Titled[]) => many.map(titled).join(', ') || '—';
  const { clauses, objection, categories, recipients, bases, retention, collected, used, disclosed } = activity;
  return (
    <Section title={titled(activity)}>
      <Facts
        of={[
          [say('clauses'), clauses.join(', ') || '—'],
          [say('objection'), <Code code={objection} />],
          [say('categories'), all(categories)],
          [say('recipient'), all(recipients)],
          [say('logShows'), say('logCounts', { collected: collected.count, used: used.count, disclosed: disclosed.count })],
        ]}
      />
      <Folded title={say('basis')} lines={bases.map((basis) => `${titled(basis)} (${basis.law})`)} />
      <Folded
        title={say('retention')}
        lines={retention.map(({ duration: time, trigger, law }) =>
          say('retentionSays', { duration: duration(time), trigger: name('trigger', trigger), law }),
        )}
      />
    </Section>
  );
}

function Folded({ title, lines }: { title: string; lines: readonly string[] }) {
  return (
    <details>
      <summary>
        {title} ({lines.length})
      </summary>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </details>
  );
}
