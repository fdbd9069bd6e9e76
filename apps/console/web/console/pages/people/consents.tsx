import { Button } from 'antd';
import { Fragment, type SubmitEvent } from 'react';
import { useAnswer, type AsOf as Standing } from '../../../kit/answers.js';
import { AsOf, Loaded, When } from '../../../kit/parts.js';
import { useAddress } from '../../address.js';
import { Code, Named } from '../../cells.js';
import { Section, Tag } from '../../desk/facts.js';
import { TextField } from '../../desk/fields.js';
import { localTime, timeOf } from '../../desk/form.js';
import { Sealed } from '../../entry/sealed.js';
import { useFormKey } from '../../form-key.js';
import { Rows } from '../../rows.js';
import type { Look } from './person-page.js';
import { usePeopleWords } from './people.words.js';

/** `apps/audit` consent-states.ts, as far as it is shown. */
interface ConsentState {
  purpose: string;
  status: string;
  inForce: boolean;
  choice: {
    position: number;
    at: string;
    by: string;
    method: string;
    noticeVersion: string;
    expiresAt: string | null;
    invalid: string | null;
  } | null;
  channels: { channel: string; status: string; inForce: boolean }[];
  objection: { state: string; at: string; position: number } | null;
}

interface ConsentAnswer {
  happenedAt: string;
  knownAt: string;
  states: ConsentState[];
  restrictions: { ground: string; at: string; position: number; purposes: string[] | null; categories: string[] | null }[];
  ages: string[];
  asOf: Standing;
}

/** Consent by purpose as of two times, which are in the address; without them, now. */
export function Consents({ id, reason }: Look) {
  const say = usePeopleWords();
  const [{ happened, known }] = useAddress('happened', 'known');
  const times = { happened_at: timeIn(happened), known_at: timeIn(known) };
  const answer = useAnswer<ConsentAnswer>(`/v1/subjects/${id}/consent-states`, { reason, ...times }, { once: true });
  return (
    <>
      <p>{say('asOfTimes')}</p>
      <Times />
      <Loaded answer={answer}>
        {({ states, restrictions, ages, asOf }) => (
          <>
            <AsOf asOf={asOf} />
            <States of={states} />
            <Section title={say('restrictions')}>
              {restrictions.length === 0 ? (
                <p>{say('none')}</p>
              ) : (
                <ul>
                  {restrictions.map(({ ground, at, position, purposes, categories }) => (
                    <li key={position}>
                      <Code code={ground} />, <When time={at} />, {purposes && <Named kind="purpose" ids={purposes} />}{' '}
                      {categories && <Named kind="category" ids={categories} />} <Sealed position={position} />
                    </li>
                  ))}
                </ul>
              )}
              {ages.length > 0 && <p>{say('ages', { rules: ages.join(', ') })}</p>}
            </Section>
          </>
        )}
      </Loaded>
    </>
  );
}

/** What is no time is left out. */
const timeIn = (text: string | undefined): string | undefined =>
  text !== undefined && !Number.isNaN(Date.parse(text)) ? new Date(text).toISOString() : undefined;

function Times() {
  const say = usePeopleWords();
  const [{ happened, known }, change] = useAddress('happened', 'known');
  const [key, submitting] = useFormKey(`${happened} ${known}`);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const values = { happened: timeOf(form, 'happened'), known: timeOf(form, 'known') };
    submitting(`${values.happened} ${values.known}`);
    change(values);
  };
  return (
    <form className="filters" aria-label={say('asOfTimes')} onSubmit={submit}>
      <Fragment key={key}>
        <TextField name="happened" type="datetime-local" label={say('happenedAt')} defaultValue={localTime(timeIn(happened))} />
        <TextField name="known" type="datetime-local" label={say('knownAt')} defaultValue={localTime(timeIn(known))} />
      </Fragment>
      <Button type="primary" htmlType="submit">
        {say('show')}
      </Button>
      <Button onClick={() => change({ happened: undefined, known: undefined })}>{say('now')}</Button>
    </form>
  );
}

function States({ of: states }: { of: readonly ConsentState[] }) {
  const say = usePeopleWords();
  return (
    <Rows
      caption={say('consents')}
      rows={states}
      keyOf={({ purpose }) => purpose}
      columns={[
        { title: say('purpose'), cell: ({ purpose }) => <Named kind="purpose" ids={purpose} /> },
        {
          title: say('status'),
          cell: ({ status, inForce, choice }) => <Status status={status} inForce={inForce} invalid={choice?.invalid} />,
        },
        {
          title: say('since'),
          cell: ({ choice }) =>
            choice ? (
              <>
                <When time={choice.at} /> <Sealed position={choice.position} />
              </>
            ) : (
              '—'
            ),
        },
        { title: say('how'), cell: ({ choice }) => <Named kind="method" ids={choice?.method} /> },
        { title: say('notice'), cell: ({ choice }) => choice?.noticeVersion ?? '—' },
        { title: say('until'), cell: ({ choice }) => <When time={choice?.expiresAt} /> },
        {
          title: say('channels'),
          cell: ({ channels }) =>
            channels.length === 0
              ? '—'
              : channels.map(({ channel, status, inForce }) => (
                  <div key={channel}>
                    <Code code={channel} />: <Status status={status} inForce={inForce} />
                  </div>
                )),
        },
        {
          title: say('objection'),
          cell: ({ objection }) =>
            objection ? (
              <>
                <Code code={objection.state} /> <When time={objection.at} /> <Sealed position={objection.position} />
              </>
            ) : (
              '—'
            ),
        },
      ]}
    />
  );
}

function Status({ status, inForce, invalid }: { status: string; inForce: boolean; invalid?: string | null | undefined }) {
  const say = usePeopleWords();
  return (
    <>
      <Tag tone={inForce ? 'good' : 'plain'}>
        <Code code={status === 'none' ? 'not-chosen' : status} />
      </Tag>{' '}
      {invalid && say('invalid', { why: invalid })}
    </>
  );
}
