import { CheckCircleFilled, CloseCircleFilled, ExclamationCircleFilled } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../kit/answers.js';
import type { ProblemError } from '../kit/api.js';
import { number, relative } from '../kit/dates.js';
import { useLanguage } from '../kit/words.js';
import { Sealed } from './entry/sealed.js';
import { useIntegrityWords } from './integrity.words.js';

/** `GET /v1/integrity` of the audit service. */
export interface Integrity {
  /** null: not known yet, or the ledger does not answer. */
  intact: boolean | null;
  size: number;
  /** When witnesses say it was signed (RFC 3339); without any, when it was first seen, about a second after. */
  signedAt: string | null;
  seenAt: string | null;
  witnesses: string[];
  verifiedUpto: number;
  problems: { position: number | null; kind: string; detail: string; foundAt: string; endedAt?: string | null }[];
}

const EVERY_MS = 3_000;

export function useIntegrity() {
  const api = useApi();
  return useQuery<Integrity, ProblemError>({
    queryKey: ['/v1/integrity'],
    queryFn: () => api.get('/v1/integrity'),
    refetchInterval: EVERY_MS,
  });
}

/** The first line of every page: whether the log is intact, until when, and where not. */
export function IntegrityLine() {
  const say = useIntegrityWords();
  const language = useLanguage();
  const { data, error, dataUpdatedAt } = useIntegrity();
  if (error || !data || data.intact === null) {
    return (
      <section className="integrity unknown" aria-label={say('label')} role="status">
        <span>
          <ExclamationCircleFilled /> {error || data ? say('unknown') : say('asking')}
        </span>
      </section>
    );
  }
  const events = say('events', { count: data.size, shown: number(data.size, language) });
  const at = data.signedAt ?? data.seenAt;
  const signed = at ? say('signed', { ago: relative(at, dataUpdatedAt, language) }) : say('notSigned');
  const witnessed = data.witnesses.length > 0 ? say('witnessed', { names: data.witnesses.join(', ') }) : say('notWitnessed');
  if (!data.intact) {
    const standing = data.problems.filter(({ endedAt }) => endedAt === undefined || endedAt === null);
    return (
      <section className="integrity broken" aria-label={say('label')} role="alert">
        <span>
          <CloseCircleFilled /> {say('broken')}
        </span>
        {standing.map(({ position, kind, detail }) => (
          <span key={`${kind} ${position}`}>
            {position !== null && <Sealed position={position} />} {detail}
          </span>
        ))}
      </section>
    );
  }
  return (
    <section className="integrity intact" aria-label={say('label')} role="status">
      <span>
        <CheckCircleFilled /> {say('intact', { events, signed, witnessed })}
      </span>
    </section>
  );
}
