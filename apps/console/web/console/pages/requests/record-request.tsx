import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState, type SubmitEvent } from 'react';
import { Link } from 'react-router';
import { useApi } from '../../../kit/answers.js';
import type { ProblemError } from '../../../kit/api.js';
import { Page } from '../../../kit/parts.js';
import { ProblemAlert } from '../../../kit/problem.js';
import { LANGUAGES } from '../../../kit/words.js';
import { useChoices } from '../../desk/choices.js';
import { Checks, LongField, SelectField, TextField } from '../../desk/fields.js';
import { allOf, textOf, timeOf } from '../../desk/form.js';
import { GROUNDS } from './request.js';
import { useRequestsWords } from './requests.words.js';

const CHANNELS = ['letter', 'phone', 'in-person', 'email', 'form'] as const;
const WITH_PURPOSES = ['objection', 'consent-withdrawal', 'restriction'];

interface Taken {
  request: string;
  receipt?: string;
}

/** A request of somebody who wrote, called or came. */
export function RecordRequest() {
  const say = useRequestsWords();
  const api = useApi();
  const client = useQueryClient();
  const recording = useMutation<Taken, ProblemError, FormData>({
    mutationFn: (form) => api.post('/v1/requests', bodyOf(form)),
    onSuccess: () => client.invalidateQueries({ queryKey: ['/v1/requests'] }),
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    recording.mutate(new FormData(event.currentTarget));
  };
  return (
    <Page title={say('record')} extra={<Link to="/requests">{say('back')}</Link>}>
      {recording.data ? (
        <Recorded taken={recording.data} again={recording.reset} />
      ) : (
        <form className="sheet" onSubmit={submit}>
          <p>{say('recordSays')}</p>
          <Asked />
          <ProblemAlert error={recording.error} />
          <p>
            <Button type="primary" htmlType="submit" loading={recording.isPending}>
              {say('record')}
            </Button>
          </p>
        </form>
      )}
    </Page>
  );
}

function Recorded({ taken: { request, receipt }, again }: { taken: Taken; again: () => void }) {
  const say = useRequestsWords();
  return (
    <>
      <p className="told" role="status" tabIndex={-1} ref={(line) => line?.focus()}>
        {receipt === undefined ? say('recorded') : say('recordedAs', { receipt })}
      </p>
      <p className="buttons">
        <Link to={`/requests/${request}`}>{say('openIt')}</Link>
        <Button onClick={again}>{say('another')}</Button>
      </p>
    </>
  );
}

function Asked() {
  const say = useRequestsWords();
  const choices = useChoices();
  const [right, setRight] = useState('');
  const [seen, setSeen] = useState(false);
  return (
    <>
      <SelectField
        name="right"
        label={say('right')}
        options={choices.all('rights')}
        value={right}
        onChange={({ target }) => setRight(target.value)}
        required
      />
      <SelectField name="channel" label={say('channel')} options={CHANNELS.map((value) => ({ value, label: say(value) }))} required />
      <TextField name="receivedAt" type="datetime-local" label={say('came')} help={say('cameHelp')} />
      <TextField name="subject" label={say('subject')} help={say('subjectHelp')} minLength={3} maxLength={300} autoComplete="off" />
      <TextField name="email" type="email" label={say('emailField')} help={say('emailHelp')} maxLength={254} autoComplete="off" />
      <SelectField
        name="language"
        label={say('language')}
        defaultValue="th"
        options={LANGUAGES.map((value) => ({ value, label: say(value === 'th' ? 'thai' : 'english') }))}
        required
      />
      <SelectField name="jurisdiction" label={say('jurisdiction')} none={say('companys')} options={choices.all('jurisdictions')} />
      {WITH_PURPOSES.includes(right) && <Checks name="purposes" legend={say('purposes')} options={choices.all('purposes')} />}
      {right === 'restriction' && (
        <SelectField
          name="ground"
          label={say('restrictionGround')}
          options={GROUNDS.map((value) => ({ value, label: say(value) }))}
          required
        />
      )}
      {right === 'rectification' ? (
        <Change />
      ) : (
        <Checks name="categories" legend={say('categories')} help={say('categoriesHelp')} options={choices.all('categories')} />
      )}
      <LongField name="text" label={say('text')} help={say('textHelp')} maxLength={20_000} />
      <label className="check">
        <input type="checkbox" checked={seen} onChange={({ target }) => setSeen(target.checked)} /> {say('seen')}
      </label>
      {seen && (
        <TextField
          name="evidence"
          label={say('evidence')}
          help={`${say('seenHelp')} ${say('evidenceHelp')}`}
          pattern="[a-z0-9][a-z0-9._\-]*"
          maxLength={64}
          required
        />
      )}
    </>
  );
}

/** What is right, of a rectification. */
function Change() {
  const say = useRequestsWords();
  const choices = useChoices();
  return (
    <fieldset className="group">
      <legend>{say('changes')}</legend>
      <SelectField name="change-category" label={say('category')} options={choices.all('categories')} required />
      <TextField name="change-field" label={say('field')} help={say('fieldHelp')} maxLength={64} required />
      <TextField name="change-value" label={say('rightValue')} help={say('rightValueHelp')} maxLength={4_000} required autoComplete="off" />
    </fieldset>
  );
}

function bodyOf(form: FormData): Record<string, unknown> {
  const evidence = textOf(form, 'evidence');
  const category = textOf(form, 'change-category');
  return {
    ...Object.fromEntries(
      ['right', 'channel', 'subject', 'email', 'language', 'jurisdiction', 'ground', 'text'].map((name) => [name, textOf(form, name)]),
    ),
    receivedAt: timeOf(form, 'receivedAt'),
    purposes: allOf(form, 'purposes'),
    categories: allOf(form, 'categories'),
    ...(category !== undefined && { changes: [{ category, field: textOf(form, 'change-field'), value: form.get('change-value') }] }),
    ...(evidence !== undefined && { identity: { evidence: { kind: evidence } } }),
  };
}
