import { useList } from '../../../kit/answers.js';
import { When } from '../../../kit/parts.js';
import { useAddress } from '../../address.js';
import { Person } from '../../cells.js';
import { useChoices } from '../../desk/choices.js';
import { Action, Desk } from '../../desk/desk.js';
import { useDeskWords } from '../../desk/desk.words.js';
import { Section, Tag } from '../../desk/facts.js';
import { Checks, ReasonField, SelectField, TextField } from '../../desk/fields.js';
import { allOf, textOf } from '../../desk/form.js';
import { PagedRows } from '../../rows.js';
import { holds as hasRole, useSession } from '../../session.js';
import { useRetentionWords } from './retention.words.js';

/** `GET /v1/holds`. */
interface Hold {
  id: string;
  subject: string | null;
  matter: string;
  reason: string;
  law: string | null;
  categories: string[] | null;
  purposes: string[] | null;
  placedAt: string;
  releasedAt: string | null;
  releaseReason: string | null;
}

const LIST = '/v1/holds';
const CHANGED = [LIST, '/v1/retention/backlog', '/v1/disposals'];

export function Holds() {
  const say = useRetentionWords();
  const desk = useDeskWords();
  const mayAct = hasRole(useSession(), 'dpo');
  const [{ active }, change] = useAddress('active');
  const list = useList<Hold>(LIST, { active, limit: 50 }, { live: true });
  return (
    <Desk>
      <Section title={say('holdsNewest')} extra={mayAct && <Place />}>
        <div className="filters">
          <SelectField
            name="active"
            label={say('whichHolds')}
            none={desk('any')}
            value={active ?? ''}
            onChange={({ target }) => change({ active: target.value })}
            options={[
              { value: 'true', label: say('standing') },
              { value: 'false', label: say('released') },
            ]}
          />
        </div>
        <PagedRows
          caption={say('holdsNewest')}
          list={list}
          keyOf={({ id }) => id}
          columns={[
            { title: say('matter'), cell: ({ matter }) => matter },
            { title: say('scope'), cell: (hold) => <Scope of={hold} /> },
            { title: say('reason'), cell: ({ reason }) => reason },
            { title: say('law'), cell: ({ law }) => law ?? '—' },
            { title: say('placed'), cell: ({ placedAt }) => <When time={placedAt} /> },
            { title: say('state'), cell: (hold) => <Standing of={hold} /> },
            ...(mayAct
              ? [{ title: say('actions'), cell: (hold: Hold) => (hold.releasedAt === null ? <Release hold={hold} /> : '—') }]
              : []),
          ]}
        />
      </Section>
    </Desk>
  );
}

function Scope({ of: { subject, categories, purposes } }: { of: Hold }) {
  const say = useRetentionWords();
  const choices = useChoices();
  const data = [
    ...(categories ?? []).map((one) => choices.title('categories', one)),
    ...(purposes ?? []).map((one) => choices.title('purposes', one)),
  ];
  return (
    <>
      {subject === null ? say('everybody') : <Person id={subject} />}: {data.length > 0 ? data.join(', ') : say('allData')}
    </>
  );
}

function Standing({ of: { releasedAt, releaseReason } }: { of: Hold }) {
  const say = useRetentionWords();
  if (releasedAt === null) return <Tag tone="warn">{say('standing')}</Tag>;
  return (
    <>
      <Tag>{say('released')}</Tag> <When time={releasedAt} /> {releaseReason}
    </>
  );
}

function Place() {
  const say = useRetentionWords();
  const choices = useChoices();
  return (
    <Action<{ covered: number; tooLate: number }>
      label={say('place')}
      says={<p>{say('placeSays')}</p>}
      kind="primary"
      act={(api, form) =>
        api.post(LIST, {
          subject: textOf(form, 'subject'),
          matter: textOf(form, 'matter'),
          reason: textOf(form, 'reason'),
          law: textOf(form, 'law'),
          categories: allOf(form, 'categories'),
          purposes: allOf(form, 'purposes'),
        })
      }
      again={CHANGED}
      done={({ covered, tooLate }) => say('placedSays', { covered, tooLate })}
    >
      <TextField name="matter" label={say('matter')} help={say('matterHelp')} pattern="[A-Za-z0-9\/][A-Za-z0-9._:\/#\-]{0,199}" required />
      <ReasonField />
      <TextField name="law" label={say('authority')} minLength={3} maxLength={200} />
      <TextField name="subject" label={say('subject')} help={say('subjectHelp')} minLength={3} maxLength={300} autoComplete="off" />
      <Checks name="categories" legend={say('ofCategories')} help={say('noneIsAll')} options={choices.all('categories')} />
      <Checks name="purposes" legend={say('ofPurposes')} help={say('noneIsAll')} options={choices.all('purposes')} />
    </Action>
  );
}

function Release({ hold: { id, matter } }: { hold: Hold }) {
  const say = useRetentionWords();
  return (
    <Action
      label={say('release')}
      title={say('releaseTitle', { matter })}
      says={<p>{say('releaseSays')}</p>}
      kind="danger"
      act={(api, form) => api.post(`${LIST}/${id}/release`, { reason: textOf(form, 'reason') })}
      again={CHANGED}
      done={say('releaseDone')}
    >
      <ReasonField />
    </Action>
  );
}
