import { Action, type ActionProps } from '../../desk/desk.js';
import { Section } from '../../desk/facts.js';
import { ReasonField, SelectField, TextField } from '../../desk/fields.js';
import { textOf } from '../../desk/form.js';
import { holds, useSession } from '../../session.js';
import { pathOf } from './finding-page.js';
import { OUTCOMES, type FindingAnswer, type OneFinding } from './finding.js';
import { useFindingsWords } from './findings.words.js';

interface Of {
  found: OneFinding;
}

/** Whoever audits says that something is wrong; that it is mended, the data protection officer says. */
export function FindingActions({ found }: Of) {
  const say = useFindingsWords();
  const isOfficer = holds(useSession(), 'dpo');
  const isResolved = found.state === 'resolved';
  return (
    <Section title={say('actions')}>
      <div className="buttons">
        {!isResolved && <Assign found={found} />}
        {!isResolved && isOfficer && <Resolve found={found} />}
        {isResolved && <Reopen found={found} />}
      </div>
      {!isResolved && !isOfficer && <p>{say('onlyDpo')}</p>}
    </Section>
  );
}

type StepProps = Omit<ActionProps<FindingAnswer>, 'act' | 'keep' | 'again'> & Of & { step: string; body: (form: FormData) => object };

/** Done to the finding as it was seen: where somebody was faster, the service says so. */
function Step({ found, step, body, says, ...props }: StepProps) {
  const say = useFindingsWords();
  const path = pathOf(found.finding);
  return (
    <Action<FindingAnswer>
      {...props}
      says={
        <p>
          {says} {say('stale')}
        </p>
      }
      act={(api, form) => api.post(`${path}/${step}`, { ...body(form), version: found.version })}
      keep={(answer) => [path, { ...found, ...answer }]}
      again={['/v1/findings', '/v1/dashboard']}
    />
  );
}

function Assign({ found }: Of) {
  const say = useFindingsWords();
  const { sub } = useSession();
  return (
    <Step
      {...{ found, step: 'assign' }}
      label={say('assign')}
      title={say('assignTitle')}
      says={say('assignSays')}
      body={(form) => ({ to: textOf(form, 'to'), note: textOf(form, 'note') })}
      done={say('assignDone')}
    >
      <TextField name="to" label={say('to')} help={say('toHelp')} defaultValue={sub} maxLength={200} required autoComplete="off" />
      <ReasonField name="note" label={say('note')} required={false} />
    </Step>
  );
}

function Resolve({ found }: Of) {
  const say = useFindingsWords();
  return (
    <Step
      {...{ found, step: 'resolve' }}
      label={say('resolve')}
      title={say('resolveTitle')}
      says={say('resolveSays')}
      kind="primary"
      body={(form) => ({ outcome: textOf(form, 'outcome'), reason: textOf(form, 'reason') })}
      done={say('resolveDone')}
    >
      <SelectField name="outcome" label={say('outcome')} options={OUTCOMES.map((value) => ({ value, label: say(value) }))} required />
      <ReasonField />
    </Step>
  );
}

function Reopen({ found }: Of) {
  const say = useFindingsWords();
  return (
    <Step
      {...{ found, step: 'reopen' }}
      label={say('reopen')}
      title={say('reopenTitle')}
      says={say('reopenSays')}
      body={(form) => ({ reason: textOf(form, 'reason') })}
      done={say('reopenDone')}
    >
      <ReasonField />
    </Step>
  );
}
