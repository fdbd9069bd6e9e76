import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../kit/answers.js';
import type { ProblemError } from '../../kit/api.js';
import { useCenter, useSaid, type Titled } from '../base/center.js';
import { Loaded } from '../base/page.js';
import { nameOf, usePerson } from '../base/person.js';
import type { ChoiceAnswer, Preview } from './choice.js';
import { useConsentWords } from './consents.words.js';

/** What ended or is limited with a withdrawal (notice clause 8.4): told afterwards, never asked about before. */
export function Consequences({ of }: { of: ChoiceAnswer['consequences'] }) {
  const services = useCenter().data?.services;
  const titled = (id: string): Titled => services?.find(({ service }) => service === id) ?? { title: id, titleTh: null };
  return <List of={of.map((one) => ({ ...titled(one.service), ...one }))} />;
}

/** The same before, for whoever wants to know. */
export function PreviewOf({ purpose }: { purpose: string }) {
  const say = useConsentWords();
  const api = useApi();
  const person = usePerson()!;
  const [isOpen, setOpen] = useState(false);
  const preview = useQuery<Preview, ProblemError>({
    queryKey: ['/v1/consents/preview', person.email, purpose],
    queryFn: () => api.post('/v1/consents/preview', { subject: nameOf(person), purposes: [purpose] }),
    enabled: isOpen,
  });
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{say('preview')}</summary>
      {isOpen && <Loaded answer={preview}>{({ consequences }) => <List of={consequences} />}</Loaded>}
    </details>
  );
}

function List({ of }: { of: (Titled & { service: string; effect: 'ends' | 'limited' })[] }) {
  const say = useConsentWords();
  const saidOf = useSaid();
  if (of.length === 0) return <p>{say('noConsequences')}</p>;
  return (
    <>
      <p>{say('consequences')}</p>
      <ul>
        {of.map((one) => (
          <li key={one.service}>{say(one.effect, { service: saidOf(one) })}</li>
        ))}
      </ul>
    </>
  );
}
