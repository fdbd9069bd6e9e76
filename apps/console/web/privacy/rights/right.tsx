import { useState, type FormEvent } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { Act } from '../base/act.js';
import { useAct } from '../../kit/answers.js';
import { useLanguage } from '../../kit/words.js';
import { useCenter, type Center, type Right } from '../base/center.js';
import { Field } from '../base/fields.js';
import { focusFirstError } from '../base/focus.js';
import { Loaded, Page, Policy, Trouble } from '../base/page.js';
import { usePerson } from '../base/person.js';
import { Details } from './details.js';
import { bodyOf, EMPTY, missing, type RightForm } from './right-form.js';
import { RightLaw } from './right-law.js';
import { isExplained, useRightsWords } from './rights.words.js';

/** One right: what it is, by when it is done, and the form that asks for it. */
export function RightPage() {
  const say = useRightsWords();
  const { right: asked } = useParams();
  const center = useCenter();
  return (
    <Loaded answer={center}>
      {(known) => {
        const right = known.rights.find((one) => one.right === asked);
        return right ? (
          <One right={right} center={known} />
        ) : (
          <Page title={say('title')} back="/rights">
            <p role="alert">{say('unknown')}</p>
          </Page>
        );
      }}
    </Loaded>
  );
}

function One({ right, center }: { right: Right; center: Center }) {
  const say = useRightsWords();
  return (
    <Page title={<Policy of={right} />} name={right.title} back="/rights">
      {isExplained(right.right) && <p className="lead">{say(right.right)}</p>}
      <RightLaw right={right} center={center} />
      {right.right === 'consent-withdrawal' && (
        <p>
          <Link className="button" to="/consents">
            {say('quick')}
          </Link>
        </p>
      )}
      {right.right === 'complaint' && (
        <div className="note">
          <p>{say('toAuthority')}</p>
          <ul>
            {center.laws.map(({ jurisdiction, authority }) => (
              <li key={jurisdiction}>
                <Policy of={authority} />
              </li>
            ))}
          </ul>
        </div>
      )}
      <RequestForm right={right.right} center={center} />
    </Page>
  );
}

/** `POST /v1/requests`, as far as it is needed here. */
interface Taken {
  request: string;
  receipt: string;
}

function RequestForm({ right, center }: { right: string; center: Center }) {
  const say = useRightsWords();
  const language = useLanguage();
  const person = usePerson();
  const navigate = useNavigate();
  const [form, setForm] = useState<RightForm>({ ...EMPTY, email: person?.email ?? '' });
  const [isTried, setTried] = useState(false);
  const change = (part: Partial<RightForm>) => setForm((before) => ({ ...before, ...part }));
  const send = useAct((api, body: object) => api.post<Taken>('/v1/requests', body), '/v1/requests');
  const lacks = isTried ? missing(right, form) : {};
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(missing(right, form)).length > 0) return focusFirstError(event.currentTarget);
    send.mutate(bodyOf(right, form, language), {
      onSuccess: ({ request, receipt }) => void navigate(`/request/${request}`, { state: { secret: receipt, email: form.email.trim() } }),
    });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Details right={right} center={center} form={form} lacks={lacks} onChange={change} />
      {person ? (
        <p>
          {person.email}. {say('proved')}
        </p>
      ) : (
        <Field label={say('email')} help={say('emailHelp')} error={lacks.email && say('emailMissing')}>
          {(field) => (
            <input
              {...field}
              type="email"
              name="email"
              autoComplete="email"
              inputMode="email"
              maxLength={254}
              required
              value={form.email}
              onChange={({ target }) => change({ email: target.value })}
            />
          )}
        </Field>
      )}
      {send.error && <Trouble error={send.error} />}
      <Act type="submit" className="main" busy={send.isPending}>
        {send.isPending ? say('sending') : say('send')}
      </Act>
    </form>
  );
}
