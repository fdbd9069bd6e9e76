import { useAnswer } from '../../../kit/answers.js';
import { Loaded, When } from '../../../kit/parts.js';
import { Tag } from '../../desk/facts.js';
import { Sealed } from '../../entry/sealed.js';
import { useFindingsWords } from '../findings/findings.words.js';
import { useOverviewWords } from './overview.words.js';

/** `GET /v1/alerts`: in English, as they are sent. */
interface Alert {
  id: string;
  severity: 'info' | 'warning' | 'violation';
  at: string;
  title: string;
  detail: string | null;
  position: number | null;
}

export function Alerts() {
  const say = useOverviewWords();
  const severity = useFindingsWords();
  const answer = useAnswer<{ data: Alert[] }>('/v1/alerts', { limit: 8 }, { live: true });
  return (
    <section className="card">
      <h3>{say('alerts')}</h3>
      <p className="as-of">{say('alertsHelp')}</p>
      <Loaded answer={answer}>
        {({ data }) =>
          data.length === 0 ? (
            <p>{say('alertsNone')}</p>
          ) : (
            <ul className="plain-list spaced">
              {data.map(({ id, severity: of, at, title, position }) => (
                <li key={id}>
                  <Tag tone={of === 'violation' ? 'bad' : of === 'warning' ? 'warn' : 'plain'}>{severity(of)}</Tag>{' '}
                  <span lang="en">{title}</span> {position !== null && <Sealed position={position} />} · <When time={at} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}
