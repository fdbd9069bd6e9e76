import { useState, type ReactNode } from 'react';
import type { Api } from '../../../kit/api.js';
import { dateTime } from '../../../kit/dates.js';
import { useLanguage } from '../../../kit/words.js';
import { useChoices } from '../../desk/choices.js';
import { Action, type ActionProps } from '../../desk/desk.js';
import { Section } from '../../desk/facts.js';
import { LongField, ReasonField, SelectField, TextField } from '../../desk/fields.js';
import { endOfDayOf, textOf } from '../../desk/form.js';
import { holds, useSession } from '../../session.js';
import { partsOf, RefusedParts } from './refused-parts.js';
import { pathOf } from './request-page.js';
import { hasPackage, takes, type Command, type RequestView } from './request.js';
import { useRequestsWords } from './requests.words.js';

/** What the officer can do with a request as it stands. */
export function RequestActions({ request }: { request: RequestView }) {
  const say = useRequestsWords();
  const mayAct = holds(useSession(), 'dpo');
  const { extendable } = useChoices();
  const can = (command: Command): boolean =>
    takes(command, request) && (command !== 'extend' || extendable(request.right, request.jurisdiction));
  const some = (Object.entries(ACTIONS) as [Command, (props: Of) => ReactNode][]).filter(([command]) => can(command));
  if (!mayAct) {
    return (
      <Section title={say('steps')}>
        <p>{say('readOnly')}</p>
      </Section>
    );
  }
  return (
    <Section title={say('steps')}>
      {some.length === 0 && !hasPackage(request) && <p>{say('nothingToDo')}</p>}
      <div className="buttons">
        {some.map(([command, One]) => (
          <One key={command} request={request} />
        ))}
      </div>
      {hasPackage(request) && <PackageLink request={request} />}
    </Section>
  );
}

interface Of {
  request: RequestView;
}

/** In the order in which they are offered. Settling a task stands with the task. */
const ACTIONS: Partial<Record<Command, (props: Of) => ReactNode>> = {
  'verify-identity': Attest,
  'fail-identity': Insufficient,
  accept: Accept,
  require: Clarify,
  extend: Extend,
  reject: Reject,
  'give-up': GiveUp,
  reopen: Reopen,
};

type StepProps = Omit<ActionProps<RequestView>, 'act' | 'keep' | 'again'> & Of & { step: string; body?: (form: FormData) => unknown };

/** A step that answers the request as it then is, so that nobody has to look at it again. */
function Step({ request: { request }, step, body = () => ({}), ...props }: StepProps) {
  const path = pathOf(request);
  return (
    <Action<RequestView>
      {...props}
      act={(api: Api, form) => api.post(`${path}/${step}`, body(form))}
      keep={(view) => [path, view]}
      again={['/v1/requests']}
    />
  );
}

function Attest({ request }: Of) {
  const say = useRequestsWords();
  return (
    <Step
      {...{ request, step: 'identity/attest' }}
      label={say('attest')}
      says={<p>{say('attestSays')}</p>}
      kind="primary"
      body={(form) => ({ outcome: 'verified', evidence: { kind: textOf(form, 'evidence') } })}
      done={say('attested')}
    >
      <TextField
        name="evidence"
        label={say('evidence')}
        help={say('evidenceHelp')}
        required
        pattern="[a-z0-9][a-z0-9._\-]*"
        maxLength={64}
      />
    </Step>
  );
}

function Insufficient({ request }: Of) {
  const say = useRequestsWords();
  return (
    <Step
      {...{ request, step: 'identity/attest' }}
      label={say('insufficient')}
      says={<p>{say('insufficientSays')}</p>}
      body={() => ({ outcome: 'insufficient' })}
      done={say('attestFailed')}
    />
  );
}

function Clarify({ request }: Of) {
  const say = useRequestsWords();
  return (
    <Step
      {...{ request, step: 'clarification' }}
      label={say('clarify')}
      says={<p>{say('clarifySays')}</p>}
      body={(form) => ({ question: textOf(form, 'question') })}
      done={say('clarified')}
    >
      <ReasonField name="question" label={say('question')} most={1000} />
    </Step>
  );
}

function Accept({ request }: Of) {
  const say = useRequestsWords();
  return (
    <Step
      {...{ request, step: 'accept' }}
      label={say('accept')}
      title={say('acceptTitle')}
      says={<p>{say(request.right === 'erasure' ? 'acceptErasure' : 'acceptSays')}</p>}
      kind="primary"
      body={(form) => ({ refused: partsOf(form) })}
      done={say('acceptDone')}
    >
      <RefusedParts request={request} />
    </Step>
  );
}

function Reject({ request }: Of) {
  const say = useRequestsWords();
  const { grounds } = useChoices();
  const possible = grounds(request.right, request.jurisdiction);
  return (
    <Step
      {...{ request, step: 'reject' }}
      label={say('reject')}
      title={say('rejectTitle')}
      says={<p>{possible.length > 0 ? say('rejectSays') : say('noGround')}</p>}
      kind="danger"
      body={(form) => ({ ground: textOf(form, 'ground'), reason: textOf(form, 'reason') })}
      done={say('rejectDone')}
    >
      <SelectField name="ground" label={say('ground')} options={possible} required />
      <ReasonField label={say('rejectReason')} />
    </Step>
  );
}

function Extend({ request }: Of) {
  const say = useRequestsWords();
  return (
    <Step
      {...{ request, step: 'extend' }}
      label={say('extend')}
      says={<p>{say('extendSays')}</p>}
      body={(form) => ({ until: endOfDayOf(form, 'until'), reason: textOf(form, 'reason') })}
      done={say('extendDone')}
    >
      <TextField name="until" type="date" label={say('until')} min={request.due?.slice(0, 10)} required />
      <ReasonField label={say('extendReason')} />
    </Step>
  );
}

function GiveUp({ request }: Of) {
  const say = useRequestsWords();
  return (
    <Step
      {...{ request, step: 'give-up' }}
      label={say('giveUp')}
      title={say('giveUpTitle')}
      says={<p>{say('giveUpSays')}</p>}
      kind="danger"
      done={say('giveUpDone')}
    />
  );
}

function Reopen({ request }: Of) {
  const say = useRequestsWords();
  return (
    <Step
      {...{ request, step: 'reopen' }}
      label={say('reopen')}
      title={say('reopenTitle')}
      says={<p>{say('reopenSays')}</p>}
      body={(form) => ({ reason: textOf(form, 'reason'), complaint: textOf(form, 'complaint') })}
      done={say('reopenDone')}
    >
      <ReasonField />
      <TextField name="complaint" label={say('complaint')} help={say('complaintHelp')} />
    </Step>
  );
}

/** The link stands on the page until it is left, and nowhere else. */
function PackageLink({ request: { request } }: Of) {
  const say = useRequestsWords();
  const language = useLanguage();
  const [drawn, setDrawn] = useState<{ link: string; expires: string }>();
  if (drawn) {
    return (
      <>
        <p>{say('linkShown', { expires: dateTime(drawn.expires, language) })}</p>
        <LongField name="link" label={say('link')} readOnly rows={2} value={drawn.link} />
      </>
    );
  }
  return (
    <p>
      <Action<{ link: string; expires: string }>
        label={say('link')}
        title={say('linkTitle')}
        says={<p>{say('linkSays')}</p>}
        act={(api) => api.post(`${pathOf(request)}/package`)}
        after={setDrawn}
        done={say('linkDone')}
      />
    </p>
  );
}
