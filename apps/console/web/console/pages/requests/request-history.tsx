import { Button } from 'antd';
import { useState } from 'react';
import { useList } from '../../../kit/answers.js';
import { When } from '../../../kit/parts.js';
import { Section } from '../../desk/facts.js';
import { Sealed } from '../../entry/sealed.js';
import { useSentence } from '../../entry/use-sentence.js';
import { PagedRows } from '../../rows.js';
import { useRequestsWords } from './requests.words.js';

interface Entry {
  position: number;
  type: string;
  time: string;
  data: Record<string, unknown>;
}

/** What was sealed of a request. A search, which is recorded: it is made when somebody asks for it, and again when they ask again. */
export function RequestHistory({ request }: { request: string }) {
  const say = useRequestsWords();
  const [shown, setShown] = useState(false);
  return (
    <Section title={say('history')} extra={!shown && <Button onClick={() => setShown(true)}>{say('showHistory')}</Button>}>
      <p className="as-of">{say('historyHelp')}</p>
      {shown && <Entries request={request} />}
    </Section>
  );
}

function Entries({ request }: { request: string }) {
  const say = useRequestsWords();
  const sentence = useSentence();
  const list = useList<Entry>('/v1/search', { q: `request:${request}`, limit: 100 }, { once: true });
  return (
    <>
      <PagedRows
        caption={say('history')}
        list={list}
        keyOf={({ position }) => position}
        columns={[
          { title: say('when'), cell: ({ time }) => <When time={time} /> },
          { title: say('what'), cell: (entry) => sentence(entry) },
          { title: say('why'), cell: ({ data }) => (typeof data['reason'] === 'string' ? data['reason'] : '—') },
          { title: say('entry'), cell: ({ position }) => <Sealed position={position} /> },
        ]}
      />
      <p>
        <Button onClick={() => void list.refetch()}>{say('lookAgain')}</Button>
      </p>
    </>
  );
}
