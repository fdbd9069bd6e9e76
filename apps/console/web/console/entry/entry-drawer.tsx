import { Drawer } from 'antd';
import { useSearchParams } from 'react-router';
import { useKitWords } from '../../kit/kit.words.js';

const ENTRY = /^(?:0|[1-9]\d{0,15})$/;

/** The entry that the address names (`?entry=`). */
export function EntryDrawer() {
  const say = useKitWords();
  const [query, setQuery] = useSearchParams();
  const asked = query.get('entry');
  const position = asked !== null && ENTRY.test(asked) ? Number(asked) : undefined;
  const close = () =>
    setQuery((before) => {
      before.delete('entry');
      return before;
    });
  return <Drawer open={position !== undefined} onClose={close} size="large" title={say('entry', { position })} destroyOnHidden />;
}
