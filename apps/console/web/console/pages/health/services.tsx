import { useQuery } from '@tanstack/react-query';
import { ProblemError } from '../../../kit/api.js';
import { number } from '../../../kit/dates.js';
import { Loaded } from '../../../kit/parts.js';
import { useLanguage } from '../../../kit/words.js';
import { Section, Tag } from '../../desk/facts.js';
import { Rows } from '../../rows.js';
import { useHealthWords } from './health.words.js';
import { usePolled } from './polled.js';

export const SERVICES = ['audit', 'consent', 'requests', 'retention', 'notification'] as const;
export type Service = (typeof SERVICES)[number];

interface Readiness {
  details: Record<string, { status: 'up' | 'down'; responseTime?: number; message?: string }>;
}

/** 503 is an answer too: it says which part does not work. */
async function readiness(): Promise<Readiness> {
  const response = await fetch('/health/ready', { cache: 'no-store' });
  const answer = (await response.json().catch(() => undefined)) as Readiness | undefined;
  if (answer?.details === undefined) throw new ProblemError({ type: 'about:blank', title: response.statusText, status: response.status });
  return answer;
}

export function ServiceParts() {
  const say = useHealthWords();
  const answer = useQuery<Readiness, ProblemError>({ queryKey: ['/health/ready'], queryFn: readiness, refetchInterval: 5_000 });
  return (
    <Section title={say('parts')}>
      <Loaded answer={answer}>
        {({ details }) => (
          <Rows
            caption={say('parts')}
            rows={Object.entries(details)}
            keyOf={([name]) => name}
            columns={[
              { title: say('part'), cell: ([name]) => name },
              {
                title: say('state'),
                cell: ([, { status }]) => <Tag tone={status === 'up' ? 'good' : 'bad'}>{say(status)}</Tag>,
              },
              { title: say('responseTime'), cell: ([, { responseTime }]) => (responseTime === undefined ? '—' : `${responseTime} ms`) },
              { title: say('reason'), cell: ([, { message }]) => message ?? '—' },
            ]}
          />
        )}
      </Loaded>
    </Section>
  );
}

export function Services() {
  const say = useHealthWords();
  return (
    <Section title={say('services')}>
      <div className="cards">
        {SERVICES.map((service) => (
          <Progress key={service} service={service} />
        ))}
      </div>
    </Section>
  );
}

interface ProgressAnswer {
  position: number;
  partitions: { partition: number; position: number; lag?: number }[];
}

function Progress({ service }: { service: Service }) {
  const say = useHealthWords();
  const language = useLanguage();
  const answer = usePolled<ProgressAnswer>(`/ops/${service}/progress`);
  return (
    <section className="card">
      <h3>{say(service)}</h3>
      <Loaded answer={answer}>
        {({ partitions }) => (
          <Rows
            caption={`${say('services')}: ${say(service)}`}
            rows={partitions}
            keyOf={({ partition }) => partition}
            columns={[
              { title: say('partition'), cell: ({ partition }) => partition },
              { title: say('position'), cell: ({ position }) => number(position, language) },
              { title: say('lag'), cell: ({ lag }) => (lag === undefined ? '—' : number(lag, language)) },
            ]}
          />
        )}
      </Loaded>
    </section>
  );
}
