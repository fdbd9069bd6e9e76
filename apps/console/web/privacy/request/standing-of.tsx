import { Link } from 'react-router';
import { useLanguage } from '../../kit/words.js';
import { date } from '../../kit/dates.js';
import { Policy, Time } from '../base/page.js';
import { isOpen, nextOf, standing } from './own-request.js';
import type { Parts } from './parts.js';
import { useRequestWords } from './request.words.js';

/** How it stands, and by when it is done. */
export function StandingOf({ request }: Parts) {
  const say = useRequestWords();
  const language = useLanguage();
  return (
    <section>
      <h2>{say('status')}</h2>
      <p role="status" className="lead standing">
        {say(`status-${standing(request)}`)}
      </p>
      <dl>
        <dt>{say('received')}</dt>
        <dd>
          <Time at={request.receivedAt} day />
        </dd>
        {isOpen(request) && (
          <>
            <dt>{say('deadline')}</dt>
            <dd>
              {request.lastDay === null ? (
                say('noDeadline')
              ) : (
                <>
                  <strong>
                    <Time at={request.lastDay} day />
                  </strong>{' '}
                  <span className="small">{say('deadlineHelp')}</span>
                </>
              )}
            </dd>
          </>
        )}
      </dl>
      {request.extendedTo !== null && isOpen(request) && <p>{say('announced', { day: date(request.extendedTo, language) })}</p>}
      {request.overdue && <p className="note bad">{say('overdue')}</p>}
    </section>
  );
}

/** Who does what next. */
export function NextOf({ request }: Parts) {
  const say = useRequestWords();
  const next = nextOf(request);
  return (
    <section>
      <h2>{say('next')}</h2>
      <p>{say(`next-${next}`)}</p>
      {next === 'rejected' && (
        <Link className="button" to="/rights/complaint">
          {say('complain')}
        </Link>
      )}
    </section>
  );
}

/** What was refused, or kept on a law, or by a system for a reason of its own. */
export function SparedOf({ request: { refused, survivors }, center }: Parts) {
  const say = useRequestWords();
  const spared = [...refused, ...survivors];
  if (spared.length === 0) return null;
  return (
    <section>
      <h2>{say('refused')}</h2>
      <ul>
        {spared.map(({ category, ground, law, reason }) => {
          const [what, why] = [
            center.categories.find((one) => one.category === category),
            center.refusals.find((one) => one.ground === ground),
          ];
          return (
            <li key={`${category} ${ground} ${reason}`}>
              <strong>{what ? <Policy of={what} /> : category}</strong>:{' '}
              {why ? <Policy of={why} /> : <span lang="en">{reason ?? say('kept')}</span>}
              {law !== undefined && <span className="small"> ({say('law', { law })})</span>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Why it was refused: the ground that the law gives, in the officer's words, and whom to complain to (notice clauses 7.8, 8.6). */
export function RefusalOf({ request: { status, history } }: Parts) {
  const say = useRequestWords();
  const refusal = status === 'rejected' ? history.findLast(({ step }) => step === 'rejected') : undefined;
  if (!refusal) return null;
  return (
    <section>
      <h2>{say('why')}</h2>
      <blockquote>{refusal.reason}</blockquote>
      {refusal.law !== undefined && <p>{say('law', { law: refusal.law })}</p>}
      {refusal.authority && (
        <p>
          {say('toAuthority')} <Policy of={refusal.authority} />
        </p>
      )}
    </section>
  );
}
