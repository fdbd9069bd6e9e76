import { Button } from 'antd';
import type { SubmitEvent } from 'react';
import { useNavigate } from 'react-router';
import { useAct } from '../../../kit/answers.js';
import { Page } from '../../../kit/parts.js';
import { ProblemAlert } from '../../../kit/problem.js';
import { Section } from '../../desk/facts.js';
import { SelectField, TextField } from '../../desk/fields.js';
import { textOf } from '../../desk/form.js';
import { ReasonForm } from '../../reason-form.js';
import { giveReason } from '../../reasons.js';
import { useShellWords } from '../../shell.words.js';
import { usePeopleWords } from './people.words.js';

const SCHEMES = ['account', 'email', 'phone', 'device', 'visitor'] as const;

/** Whom to open. What they are known by is sent in a body, and ends up in no address. */
export function LookUp() {
  const shell = useShellWords();
  const say = usePeopleWords();
  const navigate = useNavigate();
  const { mutate, error, isPending } = useAct<{ known: string; reason: string }, { subject: string }>((api, { known, reason }) =>
    api.post('/v1/subjects/lookup', { subject: known, reason }),
  );
  const lookUp = (reason: string, form: FormData) =>
    mutate(
      { known: `${textOf(form, 'scheme')}|${textOf(form, 'value')}`, reason },
      {
        onSuccess: ({ subject }) => {
          giveReason(subject, reason);
          void navigate(`/people/${subject}`);
        },
      },
    );
  const open = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    void navigate(`/people/${textOf(new FormData(event.currentTarget), 'id')!.toLowerCase()}`);
  };
  return (
    <Page title={shell('people')}>
      <Section title={say('lookUp')}>
        <p>{say('lookUpSays')}</p>
        <ReasonForm action={say('lookUp')} busy={isPending} onReason={lookUp}>
          <SelectField
            name="scheme"
            label={say('scheme')}
            required
            defaultValue="account"
            options={SCHEMES.map((value) => ({ value, label: say(value) }))}
          />
          <TextField name="value" label={say('value')} required maxLength={256} autoComplete="off" spellCheck={false} />
        </ReasonForm>
        <ProblemAlert error={error} />
      </Section>
      <Section title={say('byId')}>
        <form className="sheet" onSubmit={open}>
          <TextField
            name="id"
            label={say('id')}
            help={say('idHelp')}
            required
            autoComplete="off"
            pattern="\s*[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\s*"
          />
          <div>
            <Button htmlType="submit">{say('open')}</Button>
          </div>
        </form>
      </Section>
    </Page>
  );
}
