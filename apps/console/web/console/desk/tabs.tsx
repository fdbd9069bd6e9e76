import { NavLink } from 'react-router';
import './desk.css';

/** Parts of a room, each with its own address. */
export function Tabs({ label, of }: { label: string; of: readonly (readonly [to: string, name: string])[] }) {
  return (
    <nav aria-label={label} className="tabs-nav">
      <ul className="tabs">
        {of.map(([to, name]) => (
          <li key={to}>
            <NavLink to={to} end>
              {name}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
