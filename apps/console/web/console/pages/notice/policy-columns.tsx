import type { ReactNode } from 'react';
import type { Party } from '@attesta/policy';
import { useKitWords } from '../../../kit/kit.words.js';
import { useLanguage } from '../../../kit/words.js';
import { Code, Named } from '../../cells.js';
import { Tag } from '../../desk/facts.js';
import { useDuration } from '../../../kit/durations.js';
import { useNames, type OpenPolicy } from '../../policy.js';
import type { Column } from '../../rows.js';
import { useNoticeWords } from './notice.words.js';
import { barredFrom, type PartItem, type PartName } from './policy-parts.js';

type ColumnsOf = { [N in PartName]: Column<PartItem<N>>[] };

/** How each part of the policy is shown; every one with its clauses and its law. */
export function usePolicyColumns(policy: OpenPolicy, states: ReadonlyMap<string, string>): ColumnsOf {
  const say = useNoticeWords();
  const kit = useKitWords();
  const language = useLanguage();
  const duration = useDuration();
  const name = useNames();
  const yes = (is: boolean | undefined) => kit(is ? 'yes' : 'no');
  const item = {
    title: say('title'),
    cell: ({ id, title, title_th }: { id: string; title: string; title_th?: string }) => (
      <>
        {language === 'th' ? (title_th ?? title) : title} <code>{id}</code>
      </>
    ),
  };
  const clauses = { title: say('clauses'), cell: (one: { clauses?: string[] }) => one.clauses?.join(', ') ?? '—' };
  const citation = { title: say('citation'), cell: (one: { citation?: string }) => one.citation ?? '—' };
  const law = { title: say('jurisdiction'), cell: (one: { jurisdiction?: string }) => <Law id={one.jurisdiction} /> };
  const basisOf = (jurisdiction: string, id: string): string => {
    const basis = policy.jurisdictions.find((one) => one.id === jurisdiction)?.bases.find((one) => one.id === id);
    return basis ? `${name('basis', id)} (${basis.citation})` : id;
  };
  return {
    purposes: [
      item,
      clauses,
      {
        title: say('basesOf'),
        cell: ({ bases }) =>
          Object.entries(bases).map(([jurisdiction, ids]) => (
            <details key={jurisdiction}>
              <summary>
                <Law id={jurisdiction} /> ({ids.length})
              </summary>
              <Lines of={ids.map((id) => basisOf(jurisdiction, id))} />
            </details>
          )),
      },
      { title: say('separable'), cell: ({ separable }) => yes(separable) },
      { title: say('objection'), cell: ({ objection }) => <Code code={objection} /> },
      { title: say('channels'), cell: ({ channels }) => channels?.map((one, i) => [i > 0 && ', ', <Code key={one} code={one} />]) ?? '—' },
      { title: say('state'), cell: ({ id, registered }) => <State of={states.get(id)} registered={registered} /> },
    ],
    categories: [
      item,
      clauses,
      citation,
      { title: say('sensitive'), cell: ({ sensitive }) => yes(sensitive) },
      {
        title: say('retentionClass'),
        cell: ({ retentionClass }) => policy.retentionClasses.find(({ id }) => id === retentionClass)?.title ?? retentionClass,
      },
    ],
    parties: [
      item,
      clauses,
      { title: say('role'), cell: ({ role }) => <Code code={role} /> },
      { title: say('country'), cell: ({ country }) => country ?? '—' },
      { title: say('receives'), cell: (party) => <Receives policy={policy} party={party} /> },
    ],
    retention: [
      { title: say('id'), cell: ({ id }) => <code>{id}</code> },
      {
        title: say('keeps'),
        cell: ({ categories }) => (categories ? <Named kind="category" ids={categories} /> : say('allData')),
      },
      {
        title: say('forPurposes'),
        cell: ({ purposes }) => (purposes ? <Named kind="purpose" ids={purposes} /> : say('allData')),
      },
      law,
      {
        title: say('period'),
        cell: (rule) => say('periodSays', { duration: duration(rule.duration), trigger: name('trigger', rule.trigger) }),
      },
      { title: say('action'), cell: ({ action }) => <Code code={action} /> },
      { title: say('ground'), cell: ({ ground }) => <Code code={ground} /> },
      citation,
      clauses,
    ],
    clocks: [
      { title: say('duty'), cell: ({ right }) => policy.duties.find(({ id }) => id === right)?.title ?? name('right', right) },
      law,
      { title: say('period'), cell: (clock) => duration(clock.duration) },
      { title: say('starts'), cell: ({ starts }) => <Code code={starts} /> },
      {
        title: say('extension'),
        cell: ({ extension }) => (extension ? (extension.duration ? duration(extension.duration) : say('announced')) : '—'),
      },
      { title: say('pauses'), cell: ({ pausesOn }) => pausesOn.map((one) => <div key={one}>{one}</div>) },
      citation,
      clauses,
    ],
    rights: [
      item,
      clauses,
      {
        title: say('citation'),
        cell: ({ citations }) => <Lines of={Object.values(citations)} />,
      },
    ],
    refusals: [item, { title: say('rightsOf'), cell: ({ rights }) => <Named kind="right" ids={rights} /> }, law, citation],
    bases: [
      item,
      law,
      { title: say('kind'), cell: ({ kind }) => yes(kind === 'consent') },
      { title: say('sensitive'), cell: ({ sensitive }) => yes(sensitive) },
      citation,
    ],
    transferGrounds: [item, law, citation],
    methods: [item, clauses, { title: say('onlyTo'), cell: ({ onlyTo }) => (onlyTo ? say('contractors') : '—') }],
    occasions: [item, clauses],
    services: [
      item,
      clauses,
      { title: say('needs'), cell: ({ needs }) => <Named kind="purpose" ids={needs} /> },
      { title: say('effect'), cell: ({ effect }) => <Code code={effect} /> },
    ],
    ages: [
      { title: say('age'), cell: ({ from, below }) => (below === undefined ? say('ageFrom', { from }) : say('ageSays', { from, below })) },
      law,
      { title: say('collection'), cell: ({ collection }) => <Code code={collection} /> },
      { title: say('consentBy'), cell: ({ consentBy }) => <Code code={consentBy} /> },
      citation,
      clauses,
    ],
    triggers: [item, clauses, citation],
    controllers: [
      { title: say('title'), cell: ({ name: called }) => called },
      { title: say('country'), cell: ({ country }) => country },
      { title: say('jurisdiction'), cell: ({ jurisdictions }) => <Named kind="jurisdiction" ids={jurisdictions} /> },
      {
        title: say('contact'),
        cell: ({ contact, address, email, phone }) => <Lines of={[contact, address, email, phone].filter((one) => one !== undefined)} />,
      },
    ],
  };
}

function Lines({ of: lines }: { of: readonly string[] }) {
  return lines.map((line) => <div key={line}>{line}</div>);
}

function Law({ id }: { id: string | undefined }): ReactNode {
  const say = useNoticeWords();
  return id === undefined ? say('anyLaw') : <Named kind="jurisdiction" ids={id} />;
}

const STATES = { active: 'good', 'not-communicated': 'warn', quarantined: 'bad' } as const;

function State({ of: state, registered }: { of: string | undefined; registered: string | undefined }) {
  const say = useNoticeWords();
  const known = state !== undefined && Object.hasOwn(STATES, state) ? (state as keyof typeof STATES) : 'active';
  return (
    <>
      <Tag tone={STATES[known]}>{say(known)}</Tag> {registered}
    </>
  );
}

function Receives({ policy, party }: { policy: OpenPolicy; party: Party }) {
  const say = useNoticeWords();
  const name = useNames();
  const called = (ids: readonly string[]) => ids.map((id) => name('method', id)).join(', ');
  const barred = barredFrom(policy, party);
  return (
    <>
      {barred.length === 0 ? say('anything') : say('exceptMethods', { methods: called(barred) })}
      {party.contractorFor && <div>{say('asContractor', { methods: called(party.contractorFor) })}</div>}
      {party.controlled === false && <div>{say('notControlled')}</div>}
    </>
  );
}
