import './cells.css';
import { useState } from 'react';
import { Link } from 'react-router';
import { useCellWords } from './cells.words.js';
import { useCodes } from './codes.words.js';
import { Sealed } from './entry/sealed.js';
import { useNames, type Named as Kind } from './policy.js';

/** A person, by pseudonym; leads to their page, which asks why. */
export function Person({ id }: { id: string | null | undefined }) {
  const say = useCellWords();
  if (!id) return <>—</>;
  return (
    <Link to={`/people/${id}`} title={id} aria-label={say('person', { id })}>
      <code className="pseudonym">{id.slice(0, 8)}</code>
    </Link>
  );
}

/** What the policy calls these ids. */
export function Named({ kind, ids }: { kind: Kind; ids: string | readonly string[] | null | undefined }) {
  const name = useNames();
  const all = ids === null || ids === undefined ? [] : typeof ids === 'string' ? [ids] : ids;
  return <>{all.length === 0 ? '—' : all.map((id) => name(kind, id)).join(', ')}</>;
}

/** A word of the events' own vocabulary. */
export function Code({ code }: { code: string | null | undefined }) {
  return <>{useCodes()(code)}</>;
}

const FEW = 3;

/** Entries that prove something: the first few, and all when asked for. @param count where there are more than are listed */
export function Positions({ positions, count = positions.length }: { positions: readonly number[]; count?: number }) {
  const say = useCellWords();
  const [all, setAll] = useState(false);
  if (positions.length === 0) return <>—</>;
  return (
    <span className="positions">
      {(all ? positions : positions.slice(0, FEW)).map((position) => (
        <Sealed key={position} position={position} />
      ))}
      {!all && count > FEW && (
        <button type="button" className="linklike" onClick={() => setAll(true)}>
          {say('more', { count: count - FEW })}
        </button>
      )}
      {all && count > positions.length && <span>{say('beyond', { count: count - positions.length })}</span>}
    </span>
  );
}
