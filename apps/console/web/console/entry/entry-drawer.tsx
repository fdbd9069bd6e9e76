import './entry.css';
import { LeftOutlined, RightOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useLocation, useSearchParams } from 'react-router';
import { useKitWords } from '../../kit/kit.words.js';
import { Nothing } from '../../kit/parts.js';
import { useStanding } from '../live.js';
import { useReason } from '../reasons.js';
import { holds, useSession } from '../session.js';
import { Side } from '../side.js';
import { EntryView } from './entry-view.js';
import { useEntryWords } from './entry.words.js';

const ENTRY = /^(?:0|[1-9]\d{0,15})$/;
const PERSON_PAGE = /^\/people\/([0-9a-f-]{36})/;

/** The entry that the address names (`?entry=`). */
export function EntryDrawer() {
  const kit = useKitWords();
  const say = useEntryWords();
  const session = useSession();
  const { pathname } = useLocation();
  const [query, setQuery] = useSearchParams();
  // Opened from a person's page, the look is for the reason that was given there.
  const reason = useReason(PERSON_PAGE.exec(pathname)?.[1]);
  const size = useStanding().data?.asOf.size;
  const asked = query.get('entry');
  const position = asked !== null && ENTRY.test(asked) ? Number(asked) : undefined;
  const show = (entry: number | undefined) =>
    setQuery((before) => {
      if (entry === undefined) before.delete('entry');
      else before.set('entry', String(entry));
      return before;
    });
  if (position === undefined) return null;
  return (
    <Side
      title={kit('entry', { position })}
      onClose={() => show(undefined)}
      extra={
        <span className="entry-moves">
          <Button icon={<LeftOutlined />} aria-label={say('previous')} disabled={position === 0} onClick={() => show(position - 1)} />
          <Button
            icon={<RightOutlined />}
            aria-label={say('next')}
            disabled={size !== undefined && position + 1 >= size}
            onClick={() => show(position + 1)}
          />
        </span>
      }
    >
      {holds(session, 'auditor', 'dpo') ? (
        <EntryView key={position} position={position} reason={reason} />
      ) : (
        <Nothing>{say('notForOperators')}</Nothing>
      )}
    </Side>
  );
}
