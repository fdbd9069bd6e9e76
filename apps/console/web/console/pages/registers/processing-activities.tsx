import { Button } from 'antd';
import { Link } from 'react-router';
import { useAnswer, useApi, type AsOf as Standing } from '../../../kit/answers.js';
import { AsOf, Loaded, Page } from '../../../kit/parts.js';
import { useLanguage } from '../../../kit/words.js';
import { Code } from '../../cells.js';
import { useDuration } from '../../durations.js';
import { useNames } from '../../policy.js';
import { Rows } from '../../rows.js';
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
            <Table of={activities} />
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
  return (
    <div className="filters">
      {FORMATS.map((format) => (
        <Button key={format} onClick={() => void api.download(`${PATH}?format=${format}`, `processing-activities.${format}`)}>
          {say('download', { format: format.toUpperCase() })}
        </Button>
      ))}
    </div>
  );
}

function Table({ of: activities }: { of: readonly Activity[] }) {
  const say = useRegisterWords();
  const language = useLanguage();
  const name = useNames();
  const duration = useDuration();
  const titled = (all: readonly Titled[]) => all.map(({ title, titleTh }) => (language === 'th' ? titleTh : title)).join(', ') || '—';
  return (
    <Rows
      caption={say('activities')}
      rows={activities}
      keyOf={({ id }) => id}
      columns={[
        { title: say('activity'), cell: (one) => titled([one]) },
        { title: say('clauses'), cell: ({ clauses }) => clauses.join(', ') || '—' },
        {
          title: say('basis'),
          cell: ({ bases }) => bases.map((basis) => <div key={basis.jurisdiction + basis.id}>{`${titled([basis])} (${basis.law})`}</div>),
        },
        { title: say('objection'), cell: ({ objection }) => <Code code={objection} /> },
        { title: say('categories'), cell: ({ categories }) => titled(categories) },
        { title: say('recipient'), cell: ({ recipients }) => titled(recipients) },
        {
          title: say('retention'),
          cell: ({ retention }) =>
            retention.map(({ rule, duration: time, trigger, law }) => (
              <div key={rule}>{say('retentionSays', { duration: duration(time), trigger: name('trigger', trigger), law })}</div>
            )),
        },
        {
          title: say('logShows'),
          cell: ({ collected, used, disclosed }) =>
            say('logCounts', { collected: collected.count, used: used.count, disclosed: disclosed.count }),
        },
      ]}
    />
  );
}
