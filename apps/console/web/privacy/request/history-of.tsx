import { date } from '../../kit/dates.js';
import { useLanguage } from '../../kit/words.js';
import { Time } from '../base/page.js';
import type { Step } from './own-request.js';
import type { Parts } from './parts.js';
import { useRequestWords } from './request.words.js';

/** Everything that happened to the request, in order. */
export function HistoryOf({ request }: Parts) {
  const say = useRequestWords();
  return (
    <section>
      <h2>{say('history')}</h2>
      <ol className="steps">
        {request.history.filter(isNews).map((step, i) => (
          <li key={i}>
            <Time at={step.at} /> <StepOf step={step} />
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Who proved who they are has done what was needed: that is said once. */
const isNews = ({ step, need }: Step): boolean => !(step === 'action-performed' && need === 'identity-verification');

const ENDS = ['withdrawn', 'identity-not-verified', 'duplicate', 'no-answer'] as const;

function StepOf({ step: { step, need, reason, due } }: { step: Step }) {
  const say = useRequestWords();
  const language = useLanguage();
  const end = ENDS.find((one) => one === reason);
  const what =
    step === 'action-required' && need === 'identity-verification'
      ? say('step-need-identity')
      : say(`step-${step}`, { ...(due !== undefined && { day: date(due, language) }) });
  return (
    <>
      <span>{what}</span>
      {end ? <span> {say(`reason-${end}`)}</span> : reason !== undefined && <blockquote>{reason}</blockquote>}
    </>
  );
}
