import { Button } from 'antd';
import { useState } from 'react';
import { useApi } from '../../../kit/answers.js';
import { withParams, type ProblemError } from '../../../kit/api.js';
import { ProblemAlert } from '../../../kit/problem.js';
import { useChoices } from '../../desk/choices.js';
import { Section } from '../../desk/facts.js';
import { pathOf } from './breach-list.js';
import type { BreachView } from './breach.js';
import { useBreachesWords } from './breaches.words.js';

const FORMATS = ['pdf', 'html', 'json'] as const;

/** What the authority of each jurisdiction asks to be told. */
export function BreachReport({ breach: { breach, facts } }: { breach: BreachView }) {
  const say = useBreachesWords();
  const choices = useChoices();
  const api = useApi();
  const [error, setError] = useState<ProblemError | null>(null);
  const download = (jurisdiction: string, format: string) => {
    setError(null);
    const path = withParams(`${pathOf(breach)}/report`, { jurisdiction, format });
    api
      .download(path, `breach-${breach.slice(0, 8)}-${jurisdiction}.${format}`)
      .catch((failed: unknown) => setError(failed as ProblemError));
  };
  return (
    <Section title={say('report')}>
      <p>{say('reportHelp')}</p>
      {facts.jurisdictions.map((jurisdiction) => {
        const title = choices.title('jurisdictions', jurisdiction);
        return (
          <p className="buttons" key={jurisdiction}>
            <span>{title}</span>
            {FORMATS.map((format) => (
              <Button
                key={format}
                aria-label={say('reportAs', { jurisdiction: title, format: say(format) })}
                onClick={() => download(jurisdiction, format)}
              >
                {say(format)}
              </Button>
            ))}
          </p>
        );
      })}
      <ProblemAlert error={error} />
    </Section>
  );
}
