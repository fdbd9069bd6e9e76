import { NavLink, Outlet } from 'react-router';
import { usePerson, usePersonSession } from '../base/person.js';
import { useMineWords } from './mine.words.js';
import { SignIn } from './sign-in.js';
import { SignalHonoured } from './signal-honoured.js';

const PARTS = ['consents', 'requests', 'held', 'recipients', 'history', 'looks'] as const;

/** What is shown to whoever has proved their address, for half an hour at most. */
export function Mine() {
  const say = useMineWords();
  const session = usePersonSession();
  const person = usePerson();
  if (!person) return <SignIn />;
  return (
    <>
      <div className="opened">
        <span>{say('as', { email: person.email })}</span>
        <button type="button" onClick={() => session.end()}>
          {say('leave')}
        </button>
      </div>
      <nav aria-label={say('mine')} className="parts">
        <ul>
          {PARTS.map((part) => (
            <li key={part}>
              <NavLink to={`/${part}`}>{say(part)}</NavLink>
            </li>
          ))}
        </ul>
      </nav>
      <SignalHonoured person={person}>
        <Outlet />
      </SignalHonoured>
    </>
  );
}
