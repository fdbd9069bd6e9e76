import { useChoices } from '../../desk/choices.js';
import { Checks, ReasonField, SelectField, TextField } from '../../desk/fields.js';
import { allOf, localTime, numberOf, textOf, timeOf } from '../../desk/form.js';
import { NATURES, type BreachView } from './breach.js';
import { useBreachesWords } from './breaches.words.js';

const now = () => localTime(new Date().toISOString());

export function TimeOfDiscovery() {
  const say = useBreachesWords();
  return <TextField name="discoveredAt" type="datetime-local" label={say('discovered')} help={say('discoveredHelp')} max={now()} />;
}

/** What is known of a breach: all of it, for an update takes the place of what was known before. */
export function FactFields({ facts }: { facts?: BreachView['facts'] }) {
  const say = useBreachesWords();
  const choices = useChoices();
  return (
    <>
      <ReasonField bare name="description" label={say('description')} most={4000} {...(facts && { defaultValue: facts.description })} />
      <Checks
        name="nature"
        legend={say('nature')}
        options={NATURES.map((value) => ({ value, label: say(value) }))}
        {...(facts && { chosen: facts.nature })}
      />
      <Checks
        name="jurisdictions"
        legend={say('jurisdictions')}
        options={choices.all('jurisdictions')}
        chosen={facts?.jurisdictions ?? choices.all('jurisdictions').map(({ value }) => value)}
      />
      <Checks
        name="categories"
        legend={say('categories')}
        options={choices.all('categories')}
        {...(facts && { chosen: facts.categories })}
      />
      <TextField
        name="occurredFrom"
        type="datetime-local"
        label={say('occurredFrom')}
        max={now()}
        defaultValue={localTime(facts?.occurredFrom)}
      />
      <TextField
        name="occurredUntil"
        type="datetime-local"
        label={say('occurredUntil')}
        help={say('lasts')}
        max={now()}
        defaultValue={localTime(facts?.occurredUntil)}
      />
      <TextField name="whom" label={say('whom')} help={say('whomHelp')} minLength={2} maxLength={500} defaultValue={facts?.whom} />
      <TextField name="people" type="number" min={0} label={say('people')} defaultValue={facts?.people} />
      <TextField name="records" type="number" min={0} label={say('records')} defaultValue={facts?.records} />
      <ReasonField bare name="cause" label={say('cause')} most={2000} required={false} {...(facts && { defaultValue: facts.cause })} />
      <SelectField
        name="controller"
        label={say('controller')}
        none={say('firstController')}
        options={choices.controllers}
        defaultValue={facts?.controller}
      />
    </>
  );
}

export function factsOf(form: FormData): Record<string, unknown> {
  return {
    discoveredAt: timeOf(form, 'discoveredAt'),
    description: textOf(form, 'description'),
    nature: allOf(form, 'nature') ?? [],
    jurisdictions: allOf(form, 'jurisdictions') ?? [],
    categories: allOf(form, 'categories') ?? [],
    occurredFrom: timeOf(form, 'occurredFrom'),
    occurredUntil: timeOf(form, 'occurredUntil'),
    whom: textOf(form, 'whom'),
    people: numberOf(form, 'people'),
    records: numberOf(form, 'records'),
    cause: textOf(form, 'cause'),
    controller: textOf(form, 'controller'),
  };
}
