import { useState, type FormEvent } from 'react';
import { Act } from '../base/act.js';
import { useAct, useApi } from '../../kit/answers.js';
import { useLanguage } from '../../kit/words.js';
import { CodeForm } from '../base/code-form.js';
import { Field } from '../base/fields.js';
import { focusFirstError } from '../base/focus.js';
import { Page, Trouble } from '../base/page.js';
import { usePersonSession, type Proved } from '../base/person.js';
import { kindOf } from '../base/problems.js';
import { useRightsWords } from '../rights/rights.words.js';
import { useMineWords } from './mine.words.js';

interface Asked {
  session: string;
  email: string;
}

/** An e-mail address, then the code that went there. */
export function SignIn() {
  const say = useMineWords();
  const session = usePersonSession();
  const [asked, setAsked] = useState<Asked>();
  const [wasOver] = useState(session.isOver);
  return (
    <Page title={say('prove')}>
      {wasOver && (
        <p className="note" role="status">
          {say('over')}
        </p>
      )}
      {asked ? <Code asked={asked} onBack={() => setAsked(undefined)} onAsked={setAsked} /> : <Address onAsked={setAsked} />}
    </Page>
  );
}

function Address({ onAsked }: { onAsked: (asked: Asked) => void }) {
  const say = useMineWords();
  const rights = useRightsWords();
  const language = useLanguage();
  const [email, setEmail] = useState('');
  const [isWrong, setWrong] = useState(false);
  const ask = useAct((api, to: string) => api.post<{ session: string }>('/v1/sessions', { email: to, language }));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const to = email.trim();
    const isFit = /^\S+@\S+\.\S+$/.test(to);
    setWrong(!isFit);
    if (!isFit) return focusFirstError(event.currentTarget);
    ask.mutate(to, { onSuccess: ({ session }) => onAsked({ session, email: to }) });
  };
  return (
    <form onSubmit={submit} noValidate>
      <p className="lead">{say('proveIntro')}</p>
      <Field label={say('email')} help={say('emailHelp')} error={isWrong ? rights('emailMissing') : undefined}>
        {(field) => (
          <input
            {...field}
            type="email"
            name="email"
            autoComplete="email"
            inputMode="email"
            maxLength={254}
            required
            value={email}
            onChange={({ target }) => setEmail(target.value)}
          />
        )}
      </Field>
      {ask.error && <Trouble error={ask.error} />}
      <Act type="submit" className="main" busy={ask.isPending}>
        {say('sendCode')}
      </Act>
    </form>
  );
}

function Code({ asked: { session: id, email }, onBack, onAsked }: { asked: Asked; onBack: () => void; onAsked: (asked: Asked) => void }) {
  const say = useMineWords();
  const api = useApi();
  const language = useLanguage();
  const session = usePersonSession();
  const prove = useAct((to, code: string) => to.post<Proved>(`/v1/sessions/${id}/token`, { code }));
  const again = async () => {
    const isEnded = kindOf(prove.error) === 'session-ended';
    prove.reset();
    if (!isEnded) return api.post(`/v1/sessions/${id}/code`);
    onAsked({ ...(await api.post<{ session: string }>('/v1/sessions', { email, language })), email });
  };
  return (
    <>
      <CodeForm
        isNext
        email={email}
        busy={prove.isPending}
        error={prove.error}
        onCode={(code) => prove.mutate(code, { onSuccess: (proved) => session.begin(email, proved) })}
        onAgain={again}
      />
      <p>
        <button type="button" className="quiet" onClick={onBack}>
          {say('otherEmail')}
        </button>
      </p>
    </>
  );
}
