import type { Entry } from '@attesta/events';
import { fromBase64 } from '@attesta/proof';
import { Link } from 'react-router';
import { useAnswer } from '../../kit/answers.js';
import { CopyButton } from '../../kit/copy-button.js';
import { Loaded, When } from '../../kit/parts.js';
import { Person, Positions } from '../cells.js';
import { Facts, Section } from '../desk/facts.js';
import { useEntryWords } from './entry.words.js';
import { relationsOf, type Relations } from './relations.js';
import { useSentence } from './use-sentence.js';
import { Verify } from './verify.js';

/** `GET /v1/events/:position` of the ledger. */
interface SealedEntry {
  position: number;
  /** base64 */
  leafHash: string;
  /** W3C traceparent of the request that brought it. */
  trace: string | null;
  /** base64 */
  bytes: string;
  /** null: the bytes are none. */
  entry: Entry | null;
}

/** One entry, whole. Opened once: it is recorded as a look where it is about a person. */
export function EntryView({ position, reason }: { position: number; reason: string | undefined }) {
  const answer = useAnswer<SealedEntry>(`/v1/events/${position}`, { reason }, { once: true });
  return (
    <Loaded answer={answer}>
      {(sealed) => (
        <div className="entry">
          {sealed.entry ? <Told {...sealed} entry={sealed.entry} /> : <NoEntry />}
          <Verify position={position} reason={reason} />
          <Raw of={sealed} />
        </div>
      )}
    </Loaded>
  );
}

function Told(sealed: SealedEntry & { entry: Entry }) {
  return (
    <>
      <About {...sealed} />
      <Related to={relationsOf(sealed.entry)} />
    </>
  );
}

/** Somebody has been in the database; Verify says so. */
function NoEntry() {
  const say = useEntryWords();
  return <p className="verdict bad">{say('noEntry')}</p>;
}

function About({ entry, trace, leafHash }: SealedEntry & { entry: Entry }) {
  const say = useEntryWords();
  const sentence = useSentence();
  return (
    <>
      <p className="sentence">{sentence(entry)}</p>
      <Facts
        of={[
          [say('happened'), <When time={entry.time} />],
          [say('sealed'), <When time={entry.recordedAt} />],
          [say('subject'), entry.subject ? <Subject of={entry.subject} /> : say('nobody')],
          [say('type'), <code>{entry.type}</code>],
          [say('source'), <code>{entry.source}</code>],
          [say('actor'), entry.actor && <code>{entry.actor}</code>],
          [say('trace'), trace && <Copied name={say('trace')} text={trace.split('-')[1]!} />],
          [say('id'), <Copied name={say('id')} text={entry.id} />],
          [say('leaf'), <Copied name={say('leaf')} text={leafHash} />],
        ]}
      />
      {entry.subject && <p className="as-of">{say('looked')}</p>}
    </>
  );
}

function Subject({ of: { id, seq } }: { of: NonNullable<Entry['subject']> }) {
  const say = useEntryWords();
  return (
    <>
      <Person id={id} />, {say('seq', { seq })}
    </>
  );
}

function Copied({ name, text }: { name: string; text: string }) {
  return (
    <>
      <code>{text}</code> <CopyButton text={text} label={name} />
    </>
  );
}

function Related({ to: { positions, people, things, cause } }: { to: Relations }) {
  const say = useEntryWords();
  if (positions.length + people.length + things.length === 0 && !cause) return null;
  return (
    <Section title={say('relates')}>
      <ul>
        {positions.length > 0 && (
          <li>
            {say('entries')}: <Positions positions={positions} />
          </li>
        )}
        {people.map(({ subject, role }) => (
          <li key={subject}>
            {say('people')}: <Person id={subject} /> {role}
          </li>
        ))}
        {things.map(({ kind, id, to }) => (
          <li key={kind}>
            <Link to={to}>{say(kind, { id })}</Link>
          </li>
        ))}
        {cause && (
          <li>
            {say('cause')}: <code>{cause.source}</code> <code>{cause.id}</code>
          </li>
        )}
      </ul>
    </Section>
  );
}

function Raw({ of: { entry, bytes } }: { of: SealedEntry }) {
  const say = useEntryWords();
  const exact = new TextDecoder().decode(fromBase64(bytes));
  const pretty = entry && JSON.stringify(entry, null, 2);
  return (
    <Section title={say('raw')}>
      {[...(pretty ? [[say('pretty'), pretty, true] as const] : []), [say('exact'), exact, !pretty] as const].map(([name, text, open]) => (
        <details key={name} open={open}>
          <summary>{name}</summary>
          {/* Scrolls, which keyboards have to reach (WCAG 2.1.1). */}
          <pre tabIndex={0} aria-label={name}>
            {text}
          </pre>
          <CopyButton text={text} label={name} />
        </details>
      ))}
    </Section>
  );
}
