import { Link, useLocation } from 'react-router';
import { useKitWords } from '../../kit/kit.words.js';
import { holds, useSession } from '../session.js';

/** A position of the log: opens the drawer of its entry, over whatever page this is. Operators see the number alone. */
export function Sealed({ position }: { position: number }) {
  const say = useKitWords();
  const session = useSession();
  const { pathname, search } = useLocation();
  if (!holds(session, 'auditor', 'dpo')) return <>#{position}</>;
  const query = new URLSearchParams(search);
  query.set('entry', String(position));
  return (
    <Link to={`${pathname}?${query.toString()}`} aria-label={say('entry', { position })}>
      #{position}
    </Link>
  );
}
