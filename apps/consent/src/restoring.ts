import { holdsFact } from '@attesta/decisions';
import { forgottenIn } from '@attesta/events';
import type { Amendment } from '@attesta/policy';
import { noteForgotten, UNASKED } from '@attesta/service-kit';
import {
  restoreFromLog,
  WithholdingLog,
  type DerivedState,
  type Restored,
  type RestoreOptions,
  type SealedEvent,
} from '@attesta/transport';
import type { KeyProvider } from '@attesta/vault';
import type pg from 'pg';
import { AMENDMENTS, GROUP, sealedFact } from './consent.consumer.js';
import type { Said } from './consent.decider.js';
import { Consent } from './consent.js';
import { CONSENT_SOURCE } from './decision-events.js';
import { writeStates } from './state-store.js';

/**
 * What of the database follows from the log. Not in it: dates of birth, which are nowhere else; refs, which the ledger is asked for again; purposes that
 * were asked for and are not known; and how far each consumer said it was.
 */
export const CONSENT_STATE: DerivedState = {
  fact: 'select source, id, subject, kind, identity, at, known, position, body from fact',
  person: 'select subject, decided, due from person',
  consent_state: `select key, state from consent_state where state is not null and key <> 'policy'`,
  amendment: 'select * from amendment',
  withdrawal: 'select source, id, subject, taken_at from withdrawal',
  propagation: 'select consumer, source, id, milliseconds, acknowledged_at from propagation',
  forgotten: 'select * from forgotten',
  service_event: 'select id, type, time, subject, data from service_event',
};

/** People settled in one go. */
const MOST = 500;

/**
 * Builds the service's database from the ledger's log: first every fact, then what follows from all of them for each person, so that nothing is decided
 * on the way that the service did not decide.
 */
export async function restoreConsent({ entries, onProgress, ...options }: RestoreOptions & { keys: KeyProvider }): Promise<Restored> {
  let log!: WithholdingLog;
  const consent = await Consent.prepare({ ...UNASKED, ...options }, (pool) => (log = new WithholdingLog(pool)));
  const parted = new Set<string>();
  try {
    await beginBehindEverybody(consent);
    return await restoreFromLog({
      group: GROUP,
      source: CONSENT_SOURCE,
      pool: consent.pool,
      entries,
      streamOf: () => 'consent',
      handle: (events, tx) => keep(consent, tx, events, parted),
      finish: async (tx) => {
        log.release();
        await restorePropagation(tx);
        const before = await saidSoFar(tx);
        const unsaid = await settleEverybody(consent, tx, parted);
        return unsaid - before;
      },
      onProgress,
    });
  } finally {
    await consent.close();
  }
}

/** Changes have numbers that only grow, and whoever listens remembers theirs: milliseconds are more than there ever were changes. */
const beginBehindEverybody = (consent: Consent) =>
  consent.pool.query('update state_head set changed = greatest(changed, $1)', [consent.now().getTime()]);

async function keep(consent: Consent, tx: pg.PoolClient, events: readonly SealedEvent[], parted: Set<string>): Promise<void> {
  for (const event of events) {
    const { type, source, id, time, data } = event.entry;
    if (holdsFact(type)) {
      const fact = sealedFact(event);
      if (fact) await consent.facts.add(tx, [fact]);
    } else if (AMENDMENTS.includes(type)) {
      await consent.policies.add(tx, { source, id, position: event.position }, { type, time, data } as unknown as Amendment);
    } else {
      await forget(consent, tx, forgottenIn(event.entry), event.position, parted);
    }
  }
}

/** @param parted gets those who were tied to them: they are judged without them, and may have no fact of their own */
async function forget(
  consent: Consent,
  tx: pg.PoolClient,
  subjects: readonly string[],
  position: number,
  parted: Set<string>,
): Promise<void> {
  if (subjects.length === 0) return;
  await noteForgotten(
    tx,
    subjects.map((subject) => ({ subject, position })),
  );
  for (const one of await consent.facts.tied(tx, subjects)) parted.add(one);
  const known = await consent.facts.forget(tx, subjects);
  // Whoever holds their state in a cache is told that they are forgotten.
  await writeStates(
    tx,
    known.map((key) => ({ key, state: null })),
  );
}

/** Everybody whom something is known of, with what was said of them; says what was not. @returns how much was said by then */
async function settleEverybody(consent: Consent, tx: pg.PoolClient, parted: ReadonlySet<string>): Promise<number> {
  const { rows } = await tx.query<{ subject: string }>(
    `select subject from (select subject from fact union select identity from fact where identity is not null union select unnest($1::uuid[])) p
      where not exists (select 1 from forgotten f where f.subject = p.subject) order by subject`,
    [[...parted]],
  );
  const said = await decisionsSaid(tx);
  for (let i = 0; i < rows.length; i += MOST) {
    await consent.settle(tx, {
      again: rows.slice(i, i + MOST).map(({ subject }) => subject),
      before: (subject) => said.get(subject) ?? [],
    });
  }
  await restoreWithdrawals(tx);
  return saidSoFar(tx);
}

const saidSoFar = async (tx: pg.PoolClient): Promise<number> => {
  const { rows } = await tx.query<{ n: string }>('select size as n from service_log_head');
  return Number(rows[0]!.n);
};

async function decisionsSaid(tx: pg.PoolClient): Promise<Map<string, Said[]>> {
  const { rows } = await tx.query<{
    subject: string;
    type: string;
    data: { purposes: string[]; cause: Said['cause']; channelPreferences?: string[]; categories?: string[] };
  }>(
    `select subject, type, data from service_event where type like 'attesta.consent.%' and subject is not null and data ? 'cause' order by position`,
  );
  const said = new Map<string, Said[]>();
  for (const { subject, type, data } of rows) {
    const { purposes, cause, channelPreferences: channels, categories } = data;
    const status = type.split('.')[2] as Said['status'];
    const theirs = said.get(subject) ?? [];
    said.set(subject, theirs);
    for (const purpose of purposes) theirs.push({ purpose, status, cause, channels, categories });
  }
  return said;
}

/** Withdrawals whose way to each consumer is measured. */
const restoreWithdrawals = (tx: pg.PoolClient) =>
  tx.query(
    `insert into withdrawal (source, id, subject, taken_at, changed)
     select f.source, f.id, f.subject, f.known, s.changed from fact f join consent_state s on s.key = f.subject::text
      where f.kind = 'choice' and f.body->>'status' = 'withdrawn' on conflict do nothing`,
  );

/** Who acknowledged which withdrawal, and when; how far each has come they say again. */
async function restorePropagation(tx: pg.PoolClient): Promise<void> {
  await tx.query(
    `insert into propagation (consumer, source, id, milliseconds, acknowledged_at)
     select data->>'consumer', data->'withdrawal'->>'source', data->'withdrawal'->>'id', (data->>'milliseconds')::int8, (data->>'acknowledgedAt')::timestamptz
       from service_event e where type = 'attesta.withdrawal.acknowledged.v1' and not exists (select 1 from forgotten f where f.subject::text = e.subject)
     on conflict do nothing`,
  );
  await tx.query(
    `insert into consumer (name, acknowledged, first_seen, acknowledged_at)
     select data->>'consumer', 0, min((data->>'takenAt')::timestamptz), max((data->>'acknowledgedAt')::timestamptz)
       from service_event where type = 'attesta.withdrawal.acknowledged.v1' group by 1 on conflict do nothing`,
  );
}
