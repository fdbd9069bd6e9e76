import { useAnswer } from '../../../kit/answers.js';
import { Loaded, Page } from '../../../kit/parts.js';
import { useAddress } from '../../address.js';
import { Section, Tag } from '../../desk/facts.js';
import { TextField } from '../../desk/fields.js';
import { Link, useLocation } from 'react-router';
import { usePolicy, type OpenPolicy } from '../../policy.js';
import { Rows } from '../../rows.js';
import { useShellWords } from '../../shell.words.js';
import { NoticeVersions } from './notice-versions.js';
import { useNoticeWords } from './notice.words.js';
import { usePolicyColumns } from './policy-columns.js';
import { itemsOf, PARTS, speaksOf, type PartName } from './policy-parts.js';

export default function Notice() {
  const shell = useShellWords();
  const answer = usePolicy();
  return (
    <Page title={shell('notice')}>
      <Loaded answer={answer}>{(policy) => <Parts of={policy} />}</Loaded>
    </Page>
  );
}

const isPart = (name: string | undefined): name is PartName => PARTS.some((part) => part === name);

/** One part at a time, or whatever in any of them holds what is looked for. */
function Parts({ of: policy }: { of: OpenPolicy }) {
  const say = useNoticeWords();
  const [{ part, find }, change] = useAddress('part', 'find');
  const found =
    find === undefined ? 0 : PARTS.reduce((sum, one) => sum + itemsOf(policy, one).filter((item) => speaksOf(item, find)).length, 0);
  return (
    <>
      <p>{say('about', { title: policy.title, version: policy.version })}</p>
      <form role="search" className="filters" onSubmit={(event) => event.preventDefault()}>
        <TextField
          name="find"
          label={say('find')}
          help={say('findHelp')}
          autoComplete="off"
          value={find ?? ''}
          size={40}
          onChange={({ target }) => change({ find: target.value })}
        />
      </form>
      <p role="status">{find !== undefined && say('found', { count: found })}</p>
      {find === undefined ? (
        <>
          <Tabs shown={isPart(part) ? part : 'notices'} />
          {isPart(part) ? <Part policy={policy} part={part} /> : <NoticeVersions />}
        </>
      ) : (
        PARTS.filter((one) => itemsOf(policy, one).some((item) => speaksOf(item, find))).map((one) => (
          <Section key={one} title={say(one)}>
            <Part policy={policy} part={one} find={find} />
          </Section>
        ))
      )}
    </>
  );
}

function Tabs({ shown }: { shown: PartName | 'notices' }) {
  const say = useNoticeWords();
  const { pathname } = useLocation();
  return (
    <nav aria-label={say('parts')} className="plain-nav">
      <ul className="tabs">
        {(['notices', ...PARTS] as const).map((part) => (
          <li key={part}>
            <Link to={`${pathname}?part=${part}`} replace {...(part === shown && { 'aria-current': 'page' as const })}>
              {say(part)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Part<N extends PartName>({ policy, part, find = '' }: { policy: OpenPolicy; part: N; find?: string }) {
  const say = useNoticeWords();
  const purposes = useAnswer<{ data: { purpose: string; state: string }[] }>('/v1/purposes', {}, { live: true });
  const states = new Map(purposes.data?.data.map(({ purpose, state }) => [purpose, state]));
  const columns = usePolicyColumns(policy, states);
  const items = itemsOf(policy, part).filter((item) => speaksOf(item, find));
  const quarantined = [...states].filter(([id, state]) => part === 'purposes' && state === 'quarantined' && speaksOf({ id }, find));
  return (
    <>
      <Rows caption={say(part)} columns={columns[part]} rows={items} keyOf={(item) => keyOf(item as Identified)} />
      {quarantined.map(([id]) => (
        <p key={id}>
          <code>{id}</code> <Tag tone="bad">{say('quarantined')}</Tag>
        </p>
      ))}
    </>
  );
}

interface Identified {
  id: string;
  jurisdiction?: string;
}

const keyOf = ({ id, jurisdiction }: Identified): string => `${jurisdiction} ${id}`;
