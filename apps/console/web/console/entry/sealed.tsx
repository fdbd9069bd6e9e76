import { Link, useLocation } from 'react-router';
import { useKitWords } from '../../kit/kit.words.js';

/** A position of the log: opens the drawer of its entry, over whatever page this is. */
export function Sealed({ position }: { position: number }) {
  const say = useKitWords();
  const { pathname, search } = useLocation();
  const query = new URLSearchParams(search);
  query.set('entry', String(position));
  return (
    <Link to={`${pathname}?${query.toString()}`} aria-label={say('entry', { position })}>
      #{position}
    </Link>
  );
}
