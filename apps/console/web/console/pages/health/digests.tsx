import { useState } from 'react';
import { useAnswer } from '../../../kit/answers.js';
import { Loaded } from '../../../kit/parts.js';
import { Action } from '../../desk/desk.js';
import { Section, Tag } from '../../desk/facts.js';
import { Rows } from '../../rows.js';
import { holds, useSession } from '../../session.js';
import { useHealthWords } from './health.words.js';

const PATH = '/ops/audit/digest';

interface DigestAnswer {
  position: number;
  registers: Record<string, string>;
  recount?: Record<string, string>;
  equal?: boolean;
}

/** Asked for once: to digest large registers is work. */
export function Digests() {
  const say = useHealthWords();
  const isOperator = holds(useSession(), 'operator');
  const [recounted, setRecounted] = useState<DigestAnswer>();
  const answer = useAnswer<DigestAnswer>(PATH, {}, { once: true });
  return (
    <Section
      title={say('digests')}
      extra={
        isOperator && (
          <Action<DigestAnswer>
            label={say('recount')}
            says={<p>{say('recountSays')}</p>}
            act={(api) => api.get(PATH, { recount: 'true' })}
            after={setRecounted}
            done={({ equal }) => say(equal === true ? 'equal' : 'unequal')}
          />
        )
      }
    >
      <Loaded answer={answer}>{(digests) => <Shown of={recounted ?? digests} />}</Loaded>
    </Section>
  );
}

function Shown({ of: { position, registers, recount } }: { of: DigestAnswer }) {
  const say = useHealthWords();
  return (
    <>
      <p className="as-of">{say('digestsAt', { position })}</p>
      <Rows
        caption={say('digests')}
        rows={Object.entries(registers)}
        keyOf={([name]) => name}
        columns={[
          { title: say('register'), cell: ([name]) => name },
          { title: say('digest'), cell: ([, digest]) => <code>{digest}</code> },
          ...(recount
            ? [
                {
                  title: say('recounted'),
                  cell: ([name, digest]: [string, string]) => <Compared equal={recount[name] === digest} other={recount[name]} />,
                },
              ]
            : []),
        ]}
      />
    </>
  );
}

/** Of two digests, whether they are equal, and the other one where they are not. */
export function Compared({ equal, other }: { equal: boolean; other: string | undefined }) {
  const say = useHealthWords();
  return (
    <>
      <Tag tone={equal ? 'good' : 'bad'}>{say(equal ? 'same' : 'differs')}</Tag> {!equal && <code>{other ?? '—'}</code>}
    </>
  );
}
