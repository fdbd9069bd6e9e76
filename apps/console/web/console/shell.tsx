import { LogoutOutlined, MenuOutlined } from '@ant-design/icons';
import { Alert, Button } from 'antd';
import { useState } from 'react';
import { Link, NavLink, Outlet } from 'react-router';
import { LanguageSwitch } from '../kit/parts.js';
import { useKitWords } from '../kit/kit.words.js';
import { EntryDrawer } from './entry/entry-drawer.js';
import { IntegrityLine } from './integrity-line.js';
import { useLiveUpdates } from './live.js';
import { roomsOf } from './rooms.js';
import { useSession } from './session.js';
import { Side } from './side.js';
import { useShellWords } from './shell.words.js';

/** Around every page: who is logged in, whether the log is intact, the menu, and the drawer of one entry. */
export function Shell() {
  const say = useShellWords();
  const kit = useKitWords();
  const session = useSession();
  const [open, setOpen] = useState(false);
  useLiveUpdates();
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {kit('skip')}
      </a>
      <header>
        <Button className="only-small" icon={<MenuOutlined />} aria-label={say('menu')} onClick={() => setOpen(true)} />
        <Link className="name" to="/">
          {say('name')}
        </Link>
        <LanguageSwitch />
        <span className="account">{session.name}</span>
        <Button icon={<LogoutOutlined />} aria-label={say('leave')} onClick={() => void session.leave()} />
      </header>
      <IntegrityLine />
      <nav aria-label={say('main')}>
        <Rooms />
      </nav>
      {open && (
        <Side title={say('menu')} onClose={() => setOpen(false)}>
          <nav aria-label={say('menu')}>
            <Rooms onGo={() => setOpen(false)} />
          </nav>
        </Side>
      )}
      <main id="content" tabIndex={-1}>
        {session.roles.length === 0 ? <Alert type="warning" showIcon title={say('noRole')} description={say('noRoleFix')} /> : <Outlet />}
      </main>
      <EntryDrawer />
    </div>
  );
}

function Rooms({ onGo }: { onGo?: () => void }) {
  const say = useShellWords();
  const { roles } = useSession();
  return (
    <ul className="nav-list">
      {roomsOf(roles).map(({ path, name }) => (
        <li key={name}>
          <NavLink to={`/${path}`} end={path === ''} {...(onGo && { onClick: onGo })}>
            {say(name)}
          </NavLink>
        </li>
      ))}
    </ul>
  );
}
