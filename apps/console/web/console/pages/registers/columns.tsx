import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { When } from '../../../kit/parts.js';
import type { Say } from '../../../kit/words.js';
import { Code, Named, Person, Positions } from '../../cells.js';
import { Tag } from '../../desk/facts.js';
import { Sealed } from '../../entry/sealed.js';
import type { Named as Kind } from '../../policy.js';
import type { Column } from '../../rows.js';
import type { RegisterName, Row, RowsOf } from './register-rows.js';
import type { useRegisterWords } from './registers.words.js';

type Words = ReturnType<typeof useRegisterWords> extends Say<infer W> ? Say<W> : never;
type ColumnsOf = { [N in RegisterName]: (say: Words) => Column<RowsOf[N]>[] };

const position = (say: Words) => ({ title: say('position'), cell: (row: Row) => <Sealed position={row.position} /> });
const about = (say: Words) => ({ title: say('about'), cell: (row: Row) => <Person id={row.subject} /> });
const when = <K extends string>(title: string, member: K) => ({
  title,
  cell: (row: { [M in K]: string | null }) => <When time={row[member]} />,
});
const code = <K extends string>(title: string, member: K) => ({
  title,
  cell: (row: { [M in K]: string | null }) => <Code code={row[member]} />,
});
const named = <K extends string>(title: string, kind: Kind, member: K) => ({
  title,
  cell: (row: { [M in K]: string | string[] | null }) => <Named kind={kind} ids={row[member]} />,
});
const plain = <K extends string>(title: string, member: K) => ({
  title,
  cell: (row: { [M in K]: ReactNode }) => row[member] ?? '—',
});
const basis = (say: Words) => ({
  title: say('basis'),
  cell: (row: { basis: string; basisCitation: string | null }) => (
    <>
      <Named kind="basis" ids={row.basis} /> {row.basisCitation}
    </>
  ),
});

/** How each register is shown. */
export const COLUMNS: ColumnsOf = {
  collections: (say) => [
    position(say),
    when(say('happened'), 'occurredAt'),
    about(say),
    named(say('categories'), 'category', 'categories'),
    named(say('purposes'), 'purpose', 'purposes'),
    basis(say),
    {
      title: say('origin'),
      cell: ({ origin, originParty }) => (originParty ? <Named kind="party" ids={originParty} /> : <Code code={origin} />),
    },
    named(say('method'), 'method', 'method'),
    code(say('channel'), 'channel'),
  ],
  disclosures: (say) => [
    position(say),
    when(say('happened'), 'occurredAt'),
    about(say),
    named(say('recipient'), 'party', 'recipient'),
    code(say('role'), 'role'),
    {
      title: say('country'),
      cell: ({ country, transferGround }) => (
        <>
          {country ?? '—'} {transferGround && say('transferGround', { ground: transferGround })}
        </>
      ),
    },
    named(say('categories'), 'category', 'categories'),
    named(say('purposes'), 'purpose', 'purposes'),
    basis(say),
    code(say('initiator'), 'initiator'),
  ],
  recipients: (say) => [
    named(say('recipient'), 'party', 'recipient'),
    code(say('role'), 'role'),
    plain(say('country'), 'country'),
    { title: say('clauses'), cell: ({ clauses }) => clauses.join(', ') },
    {
      title: say('count'),
      cell: ({ recipient, disclosures }) =>
        disclosures > 0 ? <Link to={`/registers/disclosures?recipient=${recipient}`}>{disclosures}</Link> : 0,
    },
    plain(say('peopleCount'), 'subjects'),
    {
      title: say('last'),
      cell: ({ lastDisclosure }) =>
        lastDisclosure ? (
          <>
            <Sealed position={lastDisclosure.position} /> <When time={lastDisclosure.occurredAt} />
          </>
        ) : (
          '—'
        ),
    },
    plain(say('links'), 'outboundLinks'),
  ],
  consents: (say) => [
    position(say),
    when(say('happened'), 'occurredAt'),
    about(say),
    named(say('purposes'), 'purpose', 'purposes'),
    code(say('status'), 'status'),
    code(say('madeBy'), 'madeBy'),
    named(say('method'), 'method', 'method'),
    { title: say('channel'), cell: ({ channels }) => channels?.map((one) => <Code key={one} code={one} />) ?? '—' },
    plain(say('notice'), 'noticeVersion'),
    when(say('expires'), 'expiresAt'),
  ],
  requests: (say) => [
    position(say),
    when(say('received'), 'receivedAt'),
    about(say),
    named(say('right'), 'right', 'right'),
    code(say('status'), 'status'),
    {
      title: say('due'),
      cell: ({ due, overdue, lateSeconds }) => (
        <>
          <When time={due} /> {overdue ? <Tag tone="bad">{say('overdue')}</Tag> : lateSeconds ? <Tag tone="warn">{say('late')}</Tag> : null}
        </>
      ),
    },
    {
      title: say('ended'),
      cell: ({ ended }) =>
        ended ? (
          <>
            <When time={ended.at} /> {ended.law}
          </>
        ) : (
          '—'
        ),
    },
    { title: say('entries'), cell: ({ positions }) => <Positions positions={positions} /> },
    { title: say('desk'), cell: ({ request }) => <Link to={`/requests/${request}`}>{request.slice(0, 8)}</Link> },
  ],
  disposals: (say) => [
    position(say),
    when(say('started'), 'startedAt'),
    about(say),
    code(say('status'), 'status'),
    code(say('cause'), 'cause'),
    { title: say('law'), cell: ({ rules }) => rules.map(({ rule, law }) => (law ? `${rule} (${law})` : rule)).join('; ') || '—' },
    named(say('categories'), 'category', 'categories'),
    when(say('destroyed'), 'destroyedAt'),
    code(say('outcome'), 'outcome'),
    {
      title: say('survivors'),
      cell: ({ survivors }) =>
        survivors.length === 0
          ? '—'
          : survivors.map(({ category, ground, law }) => (
              <div key={`${category} ${ground}`}>
                <Named kind="category" ids={category} />: {ground} {law}
              </div>
            )),
    },
    { title: say('entries'), cell: ({ positions }) => <Positions positions={positions} /> },
  ],
  holds: (say) => [
    position(say),
    when(say('placed'), 'placedAt'),
    { title: say('about'), cell: ({ subject }) => (subject ? <Person id={subject} /> : say('everybody')) },
    plain(say('matter'), 'matter'),
    plain(say('law'), 'law'),
    {
      title: say('categories'),
      cell: ({ categories }) => (categories ? <Named kind="category" ids={categories} /> : say('everything')),
    },
    code(say('status'), 'state'),
    {
      title: say('released'),
      cell: ({ releasedAt, releasedPosition }) => (
        <>
          <When time={releasedAt} /> {releasedPosition !== null && <Sealed position={releasedPosition} />}
        </>
      ),
    },
  ],
  messages: (say) => [
    position(say),
    when(say('happened'), 'occurredAt'),
    about(say),
    code(say('outcome'), 'outcome'),
    plain(say('template'), 'template'),
    code(say('channel'), 'channel'),
    named(say('purposes'), 'purpose', 'purpose'),
    code(say('kind'), 'kind'),
    code(say('reason'), 'reason'),
  ],
  breaches: (say) => [
    position(say),
    when(say('happened'), 'occurredAt'),
    { title: say('breach'), cell: ({ breach }) => <Link to={`/breaches/${breach}`}>{breach.slice(0, 8)}</Link> },
    code(say('event'), 'event'),
    about(say),
    named(say('jurisdiction'), 'jurisdiction', 'jurisdiction'),
    when(say('due'), 'due'),
  ],
  'access-log': (say) => [
    position(say),
    when(say('happened'), 'occurredAt'),
    about(say),
    plain(say('actor'), 'actor'),
    plain(say('role'), 'role'),
    plain(say('action'), 'action'),
    plain(say('reason'), 'reason'),
    code(say('outcome'), 'outcome'),
    plain(say('rows'), 'rows'),
  ],
  sources: (say) => [
    position(say),
    when(say('collected'), 'collectedAt'),
    about(say),
    named(say('party'), 'party', 'originParty'),
    named(say('categories'), 'category', 'categories'),
    {
      title: say('state'),
      cell: ({ state, late }) => (
        <>
          <Tag tone={state === 'overdue' ? 'bad' : state === 'informed' ? 'good' : 'plain'}>
            <Code code={state} />
          </Tag>{' '}
          {late && <Tag tone="warn">{say('late')}</Tag>}
        </>
      ),
    },
    { title: say('due'), cell: ({ lastDay, overdueFrom }) => <When time={lastDay ?? overdueFrom} /> },
    {
      title: say('told'),
      cell: ({ informedAt, informedBy }) => (
        <>
          <When time={informedAt} /> {informedBy !== null && <Sealed position={informedBy} />}
        </>
      ),
    },
  ],
};
