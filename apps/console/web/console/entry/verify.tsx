import { Button } from 'antd';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { fromBase64 } from '@attesta/proof';
import { useApi } from '../../kit/answers.js';
import { ProblemError } from '../../kit/api.js';
import { number } from '../../kit/dates.js';
import { ProblemAlert } from '../../kit/problem.js';
import { browserPrimitives } from '../../kit/proof/primitives.js';
import { trustedKey } from '../../kit/proof/trusted-key.js';
import { useLanguage } from '../../kit/words.js';
import { Section } from '../desk/facts.js';
import { useSession } from '../session.js';
import { checkpointMemory } from './checkpoint-memory.js';
import { verification, type Failure, type Verification } from './verification.js';
import { useVerifyWords } from './verify.words.js';

/** What the ledger answers about an entry. */
export interface SealedEntry {
  bytes: string;
}

/** Recomputes here that an entry is what was sealed, and that the log is the one this browser knows. */
export function Verify({ position, reason }: { position: number; reason: string | undefined }) {
  const say = useVerifyWords();
  const api = useApi();
  const { settings } = useSession();
  const { mutate, data, error, isPending } = useMutation<Verification, Error>({
    mutationFn: () =>
      verification(
        browserPrimitives,
        position,
        {
          bytes: async () => fromBase64((await api.get<SealedEntry>(`/v1/events/${position}`, { reason })).bytes)!,
          proof: () => api.text('/v1/proofs/inclusion', { position }),
          key: () => trustedKey(settings.logKey),
          consistency: async (from, to) => (await api.get<{ proof: string[] }>('/v1/proofs/consistency', { from, to })).proof,
        },
        checkpointMemory,
      ),
  });
  const early = error instanceof ProblemError && error.problem.type.endsWith('/beyond-checkpoint');
  return (
    <Section title={say('title')}>
      <p>{say('about')}</p>
      <Button type="primary" loading={isPending} onClick={() => mutate()}>
        {data ? say('again') : say('verify')}
      </Button>
      <div role="status">
        {isPending && <p>{say('working')}</p>}
        {!isPending && early && <p className="verdict warn">{say('notCovered')}</p>}
        {!isPending && data && <Verdict of={data} />}
      </div>
      {!isPending && error && !early && <ProblemAlert error={asProblem(error)} retry={() => mutate()} />}
      {!isPending && data && <Steps of={data} />}
    </Section>
  );
}

const asProblem = (error: Error): ProblemError =>
  error instanceof ProblemError ? error : new ProblemError({ type: 'about:blank', title: error.message, status: 500 });

const BAD = { inclusion: 'inclusionBad', signature: 'signatureBad', position: 'positionBad', proof: 'proofBad' } as const;

/** What comes out of it, in a sentence; what is wrong with the log as a whole comes first. */
function Verdict({ of: { position, failed, key, history, checkpoint } }: { of: Verification }) {
  const say = useVerifyWords();
  const broken = history?.kind === 'rolled-back' || history?.kind === 'forked';
  const sizes = history && history.kind !== 'first' ? { before: history.before.size, size: checkpoint?.size } : {};
  return (
    <>
      {key.changed && <p className="verdict bad">{say('keyChanged')}</p>}
      {history?.kind === 'rolled-back' && <p className="verdict bad">{say('rolledBack', sizes)}</p>}
      {history?.kind === 'forked' && <p className="verdict bad">{say('forked', sizes)}</p>}
      {failed ? (
        <p className="verdict bad">{say(BAD[failed], { position })}</p>
      ) : (
        !broken && <p className="verdict good">{say('good', { position })}</p>
      )}
      {(failed !== null || broken || key.changed) && <p>{say('callSomebody')}</p>}
    </>
  );
}

/** In the order in which they are taken. */
const ORDER = ['proof', 'signature', 'position', 'inclusion'] as const;

function Steps({ of: { failed, length, leaf, siblings, key, checkpoint, history } }: { of: Verification }) {
  const say = useVerifyWords();
  const language = useLanguage();
  const state = (step: Failure): State =>
    failed === null || ORDER.indexOf(step) < ORDER.indexOf(failed) ? 'held' : step === failed ? 'failed' : 'skipped';
  const size = checkpoint && number(checkpoint.size, language);
  return (
    <ol className="steps">
      <Step state="held" title={say('leaf')}>
        {say('leafSays', { length: number(length, language), leaf })}
      </Step>
      <Step state={failed === 'proof' ? 'failed' : state('signature')} title={say('signature')}>
        {checkpoint && say('signatureSays', { name: key.name, ...checkpoint, size })} {say(key.pinned ? 'pinned' : 'kept')}
      </Step>
      <Step state={state('position')} title={say('place')} />
      <Step state={state('inclusion')} title={say('inclusion')}>
        <details>
          <summary>{say('siblings', { count: siblings.length })}</summary>
          <ol>
            {siblings.map((sibling, i) => (
              <li key={i}>
                <code>{sibling}</code>
              </li>
            ))}
          </ol>
        </details>
      </Step>
      <Step state={historyState(history)} title={say('history')}>
        {history &&
          say(HISTORY[history.kind], { ...(history.kind !== 'first' && { before: number(history.before.size, language) }), size })}
      </Step>
    </ol>
  );
}

const HISTORY = { first: 'first', same: 'same', grown: 'grown', 'rolled-back': 'rolledBack', forked: 'forked' } as const;
const historyState = (history: Verification['history']): State =>
  history === null ? 'skipped' : history.kind === 'rolled-back' || history.kind === 'forked' ? 'failed' : 'held';

type State = 'held' | 'failed' | 'skipped';
const MARK: Record<State, string> = { held: '✓', failed: '✗', skipped: '–' };

function Step({ state, title, children }: { state: State; title: string; children?: ReactNode }) {
  const say = useVerifyWords();
  return (
    <li className={state}>
      <strong>
        <span aria-hidden="true">{MARK[state]}</span> {title}
      </strong>
      {state === 'skipped' ? say('notReached') : <div className="step-says">{children}</div>}
    </li>
  );
}
