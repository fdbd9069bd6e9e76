import { useState, type FormEvent } from 'react';
import { Act, Done } from '../base/act.js';
import { useBaseWords } from '../base/base.words.js';
import { CodeForm } from '../base/code-form.js';
import { Field } from '../base/fields.js';
import { focusFirstError } from '../base/focus.js';
import { Trouble } from '../base/page.js';
import { questionOf } from './own-request.js';
import { useDo, type Parts } from './parts.js';
import { useRequestWords } from './request.words.js';

/** The code that was mailed, while the request waits for it. */
export function ProveIdentity({ email, ...parts }: Parts & { email?: string | undefined }) {
  const say = useRequestWords();
  const base = useBaseWords();
  const prove = useDo<{ code: string }>(parts, 'identity');
  const again = useDo(parts, 'code');
  const { identity, needs } = parts.request;
  if (identity === 'failed') return prove.isError && <Done isBad>{base('too-many-tries')}</Done>;
  if (identity !== 'unverified' || !needs.includes('identity-verification')) return prove.isSuccess && <Done>{say('proved')}</Done>;
  return (
    <section>
      <h2>{say('prove')}</h2>
      <p>{say('proveHelp')}</p>
      <CodeForm
        email={email}
        busy={prove.isPending}
        error={prove.error}
        onCode={(code) => prove.mutate({ code })}
        onAgain={() => {
          prove.reset();
          return again.mutateAsync({});
        }}
      />
    </section>
  );
}

/** What the officer asks (notice clause 8.3). */
export function Question(parts: Parts) {
  const say = useRequestWords();
  const [text, setText] = useState('');
  const [isEmpty, setEmpty] = useState(false);
  const answer = useDo<{ text: string }>(parts, 'answer');
  const question = questionOf(parts.request);
  if (question === undefined) return answer.isSuccess && <Done>{say('answered')}</Done>;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setEmpty(text.trim() === '');
    if (text.trim() === '') return focusFirstError(event.currentTarget);
    answer.mutate({ text: text.trim() }, { onSuccess: () => setText('') });
  };
  return (
    <section>
      <h2>{say('question')}</h2>
      <blockquote>{question}</blockquote>
      <form onSubmit={submit} noValidate>
        <Field label={say('answer')} error={isEmpty ? say('answerMissing') : undefined}>
          {(field) => (
            <textarea
              {...field}
              name="answer"
              rows={4}
              maxLength={4000}
              required
              value={text}
              onChange={({ target }) => setText(target.value)}
            />
          )}
        </Field>
        {answer.error && <Trouble error={answer.error} />}
        <Act type="submit" className="main" busy={answer.isPending}>
          {say('sendAnswer')}
        </Act>
      </form>
    </section>
  );
}
