import { useState, type ReactNode } from 'react';
import { useChoices } from '../../desk/choices.js';
import { Action, type ActionProps } from '../../desk/desk.js';
import { useDeskWords } from '../../desk/desk.words.js';
import { Section } from '../../desk/facts.js';
import { LongField, ReasonField, SelectField, TextField } from '../../desk/fields.js';
import { linesOf, localTime, textOf, timeOf } from '../../desk/form.js';
import { holds, useSession } from '../../session.js';
import { FactFields, factsOf } from './breach-fields.js';
import { LIST, pathOf } from './breach-list.js';
import { OrderNotice } from './breach-notice.js';
import { RISKS, STEPS, takes, waitingFor, type BreachView, type Step } from './breach.js';
import { useBreachesWords } from './breaches.words.js';

interface Of {
  breach: BreachView;
}

/** The steps that the breach, as it stands, takes. */
export function BreachActions({ breach }: Of) {
  const say = useBreachesWords();
  const mayAct = holds(useSession(), 'dpo');
  return (
    <Section title={say('actions')}>
      {mayAct ? (
        <div className="buttons">
          {STEPS.filter((step) => takes(step, breach)).map((step) => {
            const One = ACTIONS[step];
            return <One key={step} breach={breach} />;
          })}
        </div>
      ) : (
        <p>{say('readOnly')}</p>
      )}
    </Section>
  );
}

const ACTIONS: Record<Step, (props: Of) => ReactNode> = {
  update: Update,
  assess: Assess,
  notify: Notify,
  excuse: Excuse,
  name: NamePeople,
  order: OrderNotice,
  close: Close,
};

type StepProps = Omit<ActionProps<BreachView>, 'act' | 'keep' | 'again'> & Of & { step: string; body: (form: FormData) => unknown };

export function BreachStep({ breach: { breach }, step, body, says, ...props }: StepProps) {
  const desk = useDeskWords();
  const path = pathOf(breach);
  return (
    <Action<BreachView>
      {...props}
      says={
        <p>
          {says} {desk('sealed')}
        </p>
      }
      act={(api, form) => api.post(`${path}/${step}`, body(form))}
      keep={(view) => [path, view]}
      again={[LIST]}
    />
  );
}

function Update({ breach }: Of) {
  const say = useBreachesWords();
  return (
    <BreachStep
      {...{ breach, step: 'update' }}
      label={say('update')}
      title={say('updateTitle')}
      says={say('updateSays')}
      body={(form) => ({ ...factsOf(form), reason: textOf(form, 'reason') })}
      done={say('updateDone')}
    >
      <FactFields facts={breach.facts} />
      <ReasonField bare label={say('dropReason')} help={say('dropReasonHelp')} most={2000} required={false} />
    </BreachStep>
  );
}

function Assess({ breach }: Of) {
  const say = useBreachesWords();
  const { assessment } = breach;
  return (
    <BreachStep
      {...{ breach, step: 'assess' }}
      label={say('assess')}
      says={say('assessSays')}
      {...(assessment === null && { kind: 'primary' as const })}
      body={(form) =>
        Object.fromEntries(['risk', 'reasons', 'consequences', 'measures', 'planned'].map((name) => [name, textOf(form, name)]))
      }
      done={say('assessDone')}
    >
      <SelectField
        name="risk"
        label={say('risk')}
        options={RISKS.map((value) => ({ value, label: say(`risk-${value}`) }))}
        defaultValue={assessment?.risk}
        required
      />
      <ReasonField bare name="reasons" label={say('reasons')} most={4000} defaultValue={assessment?.reasons} />
      <ReasonField bare name="consequences" label={say('consequences')} most={4000} defaultValue={assessment?.consequences} />
      <ReasonField bare name="measures" label={say('measures')} most={4000} defaultValue={assessment?.measures} />
      <ReasonField bare name="planned" label={say('planned')} most={4000} required={false} defaultValue={assessment?.planned} />
    </BreachStep>
  );
}

function Notify({ breach }: Of) {
  const say = useBreachesWords();
  const choices = useChoices();
  const waiting = waitingFor(breach);
  return (
    <BreachStep
      {...{ breach, step: 'authority-notified' }}
      label={say('notify')}
      says={say('notifySays')}
      {...(waiting.length > 0 && { kind: 'primary' as const })}
      body={(form) => ({
        jurisdiction: textOf(form, 'jurisdiction'),
        at: timeOf(form, 'at'),
        phase: textOf(form, 'phase'),
        reference: textOf(form, 'reference'),
        explanation: textOf(form, 'explanation'),
      })}
      done={say('notifyDone')}
    >
      <SelectField
        name="jurisdiction"
        label={say('jurisdiction')}
        options={choices.some('jurisdictions', breach.facts.jurisdictions)}
        defaultValue={waiting[0]?.jurisdiction}
        required
      />
      <SelectField
        name="phase"
        label={say('phase')}
        options={(['initial', 'supplement'] as const).map((value) => ({ value, label: say(value) }))}
        defaultValue={waiting.length > 0 ? 'initial' : 'supplement'}
        required
      />
      <TextField name="at" type="datetime-local" label={say('at')} max={localTime(new Date().toISOString())} required />
      <TextField name="reference" label={say('reference')} minLength={2} maxLength={200} />
      <ReasonField bare name="explanation" label={say('explanation')} help={say('explanationHelp')} most={4000} required={false} />
    </BreachStep>
  );
}

function Excuse({ breach }: Of) {
  const say = useBreachesWords();
  return (
    <BreachStep
      {...{ breach, step: 'not-notified' }}
      label={say('excuse')}
      says={say('excuseSays')}
      body={(form) => ({ reason: textOf(form, 'reason') })}
      done={say('excuseDone')}
    >
      <ReasonField bare most={4000} />
    </BreachStep>
  );
}

interface Added {
  added: number;
  known: number;
  /** Places in the list, from 0, of what names nobody. */
  strangers: number[];
}

function NamePeople({ breach: { breach } }: Of) {
  const say = useBreachesWords();
  const told = ({ added, known, strangers }: Added): string => {
    const lines = strangers.map((at) => at + 1).join(', ');
    return `${say('nameDone', { added, known })}${strangers.length > 0 ? ` ${say('strangers', { lines })}` : ''}`;
  };
  return (
    <Action<Added>
      label={say('name')}
      says={<p>{say('nameSays')}</p>}
      act={(api, form) => api.post(`${pathOf(breach)}/people`, { subjects: linesOf(form, 'subjects') })}
      again={[pathOf(breach), LIST]}
      done={told}
    >
      <LongField name="subjects" label={say('names')} help={say('namesHelp')} rows={6} required autoComplete="off" />
    </Action>
  );
}

const EXEMPTIONS = ['encrypted', 'averted', 'disproportionate'] as const;

function Close({ breach }: Of) {
  const say = useBreachesWords();
  const [ground, setGround] = useState('');
  const isHigh = breach.assessment?.risk === 'high';
  return (
    <BreachStep
      {...{ breach, step: 'close' }}
      label={say('close')}
      title={say('closeTitle')}
      says={say('closeSays')}
      body={(form) => ({
        reason: textOf(form, 'reason'),
        ...(textOf(form, 'ground') !== undefined && {
          exemption: {
            ground: textOf(form, 'ground'),
            explanation: textOf(form, 'explanation'),
            publicCommunication: textOf(form, 'publicCommunication'),
          },
        }),
      })}
      done={say('closeDone')}
    >
      <ReasonField bare most={4000} />
      {isHigh && (
        <SelectField
          name="ground"
          label={say('exemption')}
          help={say('exemptionHelp')}
          none={say('noExemption')}
          value={ground}
          onChange={({ target }) => setGround(target.value)}
          options={EXEMPTIONS.map((value) => ({ value, label: say(value) }))}
        />
      )}
      {isHigh && ground !== '' && <ReasonField bare name="explanation" label={say('exemptionWhy')} most={4000} />}
      {isHigh && ground === 'disproportionate' && (
        <TextField name="publicCommunication" label={say('publicCommunication')} help={say('publicHelp')} maxLength={500} required />
      )}
    </BreachStep>
  );
}
