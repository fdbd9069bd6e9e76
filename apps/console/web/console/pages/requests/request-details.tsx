import { Button } from 'antd';
import { useState } from 'react';
import { Nothing } from '../../../kit/parts.js';
import { useChoices } from '../../desk/choices.js';
import { Action } from '../../desk/desk.js';
import { Facts, Section } from '../../desk/facts.js';
import { ReasonField } from '../../desk/fields.js';
import { textOf } from '../../desk/form.js';
import { Rows } from '../../rows.js';
import { pathOf } from './request-page.js';
import type { Details } from './request.js';
import { useRequestsWords } from './requests.words.js';

/** What only the officer reads, and not without saying why. It is kept nowhere in the browser: leave the page, and it is gone. */
export function RequestDetails({ request }: { request: string }) {
  const say = useRequestsWords();
  const [details, setDetails] = useState<Details>();
  return (
    <Section
      title={say('wrote')}
      extra={
        details ? (
          <Button onClick={() => setDetails(undefined)}>{say('hide')}</Button>
        ) : (
          <Action<Details>
            label={say('look')}
            says={<p>{say('wroteHelp')}</p>}
            act={(api, form) => api.post(`${pathOf(request)}/details`, { reason: textOf(form, 'reason') })}
            after={setDetails}
            done={say('wrote')}
          >
            <ReasonField label={say('lookReason')} />
          </Action>
        )
      }
    >
      {details ? <Shown details={details} /> : <p className="as-of">{say('wroteHelp')}</p>}
    </Section>
  );
}

function Shown({ details: { identifiers, email, changes = [], texts } }: { details: Details }) {
  const say = useRequestsWords();
  const choices = useChoices();
  if (identifiers.length === 0 && email === undefined && changes.length === 0 && texts.length === 0) {
    return <Nothing>{say('wroteNothing')}</Nothing>;
  }
  return (
    <>
      <Facts
        of={[
          [say('knownBy'), identifiers.length > 0 ? identifiers.map(({ scheme, value }) => `${scheme}: ${value}`).join(', ') : undefined],
          [say('replyTo'), email],
          ...texts.map(
            (text, i) =>
              [
                texts.length > 1 ? `${say('texts')} ${i + 1}` : say('texts'),
                <p className="prose" key={i}>
                  {text}
                </p>,
              ] as const,
          ),
        ]}
      />
      {changes.length > 0 && (
        <Rows
          caption={say('changes')}
          rows={changes}
          keyOf={({ category, field }) => `${category} ${field}`}
          columns={[
            { title: say('category'), cell: ({ category }) => choices.title('categories', category) },
            { title: say('field'), cell: ({ field }) => field },
            { title: say('value'), cell: ({ value }) => value },
          ]}
        />
      )}
    </>
  );
}
