import { useQueries, useQuery } from '@tanstack/react-query';
import { useApi } from '../../../kit/answers.js';
import { ProblemError } from '../../../kit/api.js';
import { number } from '../../../kit/dates.js';
import { Loaded } from '../../../kit/parts.js';
import { useLanguage } from '../../../kit/words.js';
import { Section, Tag } from '../../desk/facts.js';
import { Rows } from '../../rows.js';
import { useHealthWords } from './health.words.js';
import { EVERY_MS, polled } from './polled.js';

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
  const answer = useQuery<Readiness, ProblemError>({ queryKey: ['/health/ready'], queryFn: readiness, refetchInterval: EVERY_MS });
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

interface ProgressAnswer {
  position: number;
  partitions: { partition: number; position: number; lag?: number }[];
}

interface Line {
  service: Service;
  partition: number | undefined;
  position: number | undefined;
  lag: number | undefined;
  error: ProblemError | null;
}

/** How far each service has read the log, by partition of its feed. */
export function Services() {
  const say = useHealthWords();
  const language = useLanguage();
  const shown = (value: number | undefined) => (value === undefined ? '—' : number(value, language));
  return (
    <Section title={say('services')}>
      <Rows
        caption={say('services')}
        rows={useProgress()}
        keyOf={({ service, partition }) => `${service} ${partition}`}
        columns={[
          { title: say('service'), cell: ({ service }) => say(service) },
          { title: say('partition'), cell: ({ partition }) => shown(partition) },
          { title: say('position'), cell: ({ position }) => shown(position) },
          { title: say('lag'), cell: ({ lag }) => shown(lag) },
          { title: say('error'), cell: ({ error }) => error?.message ?? '—' },
        ]}
      />
    </Section>
  );
}

function useProgress(): Line[] {
  const api = useApi();
  return useQueries({
    queries: SERVICES.map((service) => polled<ProgressAnswer>(api, `/ops/${service}/progress`)),
    combine: (answers) =>
      answers.flatMap(({ data, error }, at): Line[] => {
        const service = SERVICES[at]!;
        if (error || !data) return [{ service, partition: undefined, position: undefined, lag: undefined, error }];
        return data.partitions.map(({ partition, position, lag }) => ({ service, partition, position, lag, error: null }));
      }),
  });
}
