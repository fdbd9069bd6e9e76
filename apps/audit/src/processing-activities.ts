import { isTransferAbroad, retentionRules, type Policy, type Purpose } from '@attesta/policy';
import { transaction } from '@attesta/transport';
import type pg from 'pg';
import { tallyAt, type Count } from './tally.js';

/** An item of the policy; the Thai title is the English one where the policy has none. */
export interface Titled {
  id: string;
  title: string;
  titleTh: string;
}

/** How often, by how many entries; the first of them, and the first of the last day on which it happened. */
export interface Happened {
  count: number;
  first: { day: string; position: number } | null;
  last: { day: string; position: number } | null;
}

export interface Activity extends Titled {
  clauses: string[];
  bases: (Titled & { jurisdiction: string; law: string })[];
  /** Whether and how a person can object to it. */
  objection: string;
  channels: string[];
  /** What was processed for it, by the log. */
  categories: (Titled & { sensitive: boolean; happened: Happened })[];
  /** To whom it went for it, by the log; `abroad`: the laws under which that is a transfer abroad. */
  recipients: (Titled & { role: string | null; country: string | null; abroad: string[]; happened: Happened })[];
  retention: RetentionLine[];
  collected: Happened;
  used: Happened;
  disclosed: Happened;
}

export interface RetentionLine {
  rule: string;
  /** Of which it bears on any; null: on every one. */
  categories: string[] | null;
  jurisdiction: string | null;
  /** ISO 8601, counted from the trigger. */
  duration: string;
  trigger: string;
  action: string;
  ground: string;
  law: string;
}

export interface ProcessingRecord {
  policy: { id: string; title: string; version: string; notices: { version: string; language: string; announced: string }[] };
  controllers: {
    id: string;
    name: string;
    country: string;
    jurisdictions: string[];
    /** Who answers people's questions: the data protection officer. */
    contact: string | null;
    address: string | null;
    email: string | null;
    phone: string | null;
    url: string | null;
  }[];
  laws: (Titled & { authority: string; transferGrounds: (Titled & { law: string })[] })[];
  /** When and how people's data comes in; the policy names no other categories of people. */
  occasions: Titled[];
  methods: Titled[];
  categories: (Titled & { sensitive: boolean; retentionClass: string })[];
  activities: Activity[];
  recipients: (Titled & { role: string; country: string | null; abroad: string[] })[];
  rights: (Titled & { citations: Record<string, string> })[];
  /** On which grounds requests may be refused, and on which they were (PDPA s.39(7)). */
  refusals: (Titled & { law: string; rights: string[]; refused: { count: number; positions: number[] } })[];
  backupsKeptFor: string;
  /** What the law wants in a record of processing (PDPA s.39, GDPR Art. 30(1)), and the policy does not say. */
  notInPolicy: ('categories-of-people' | 'security-measures')[];
}

/** The record of processing activities as of a position: what the policy declares, and what the log shows happened (PDPA s.39, GDPR Art. 30). */
export async function readProcessingRecord(pool: pg.Pool, policy: Policy, asOf: number): Promise<ProcessingRecord> {
  return transaction(
    pool,
    async (tx) => {
      const counts = (await tallyAt(tx, asOf, { kinds: ['processing', 'category', 'recipient'] })).rows();
      return processingRecord(policy, counts, await readRefusals(tx, asOf));
    },
    'isolation level repeatable read read only',
  );
}

/** Positions of refusals, whole or in part, by ground. */
export type Refusals = ReadonlyMap<string, readonly number[]>;

async function readRefusals(tx: pg.PoolClient, asOf: number): Promise<Refusals> {
  const { rows } = await tx.query<{ ground: string; positions: string[] }>(
    `select ground, array_agg(position order by position desc) as positions from (
       select details->>'ground' as ground, position from request_event where event = 'rejected' and position <= $1
       union all
       select distinct r->>'ground', position from request_event, json_array_elements(coalesce(details->'refused', '[]')) r
        where event = 'accepted' and position <= $1) x group by ground`,
    [asOf],
  );
  return new Map(rows.map(({ ground, positions }) => [ground, positions.map(Number)]));
}

const MOST_POSITIONS = 50;

export function processingRecord(policy: Policy, counts: readonly Count[], refusals: Refusals): ProcessingRecord {
  const happened = new Map<string, Count[]>();
  for (const count of counts) {
    const name = `${count.kind} ${count.key}`;
    happened.set(name, [...(happened.get(name) ?? []), count]);
  }
  const purposes = [...policy.purposes.values()];
  const undeclared = counts.map(({ key }) => key.slice(0, key.indexOf(' '))).filter((purpose) => !policy.purposes.has(purpose));
  return {
    policy: {
      id: policy.id,
      title: policy.title,
      version: policy.version,
      notices: [...policy.notices.values()].flat().map(({ version, language, announced }) => ({ version, language, announced })),
    },
    controllers: [...policy.controllers.values()].map(({ id, name, country, jurisdictions, contact, address, email, phone, url }) => ({
      id,
      name,
      country,
      jurisdictions,
      contact: contact ?? null,
      address: address ?? null,
      email: email ?? null,
      phone: phone ?? null,
      url: url ?? null,
    })),
    laws: [...policy.jurisdictions.values()].map((law) => ({
      ...titled(law.id, law),
      authority: law.authority,
      transferGrounds: law.transferGrounds.map((ground) => ({ ...titled(ground.id, ground), law: ground.citation })),
    })),
    occasions: [...policy.occasions.values()].map((one) => titled(one.id, one)),
    methods: [...policy.methods.values()].map((one) => titled(one.id, one)),
    categories: [...policy.categories.values()].map((one) => ({
      ...titled(one.id, one),
      sensitive: one.sensitive ?? false,
      retentionClass: one.retentionClass,
    })),
    activities: [
      ...purposes.map((purpose) => activityOf(policy, happened, purpose.id, purpose)),
      ...[...new Set(undeclared)].sort().map((purpose) => activityOf(policy, happened, purpose)),
    ],
    recipients: [...policy.parties.values()].map((party) => ({
      ...titled(party.id, party),
      role: party.role,
      country: party.country ?? null,
      abroad: abroad(policy, party.country),
    })),
    rights: [...policy.rights.values()].map((right) => ({ ...titled(right.id, right), citations: right.citations })),
    refusals: [...policy.refusals.values()].map((ground) => {
      const positions = refusals.get(ground.id) ?? [];
      const refused = { count: positions.length, positions: positions.slice(0, MOST_POSITIONS) };
      return { ...titled(ground.id, ground), law: ground.citation, rights: ground.rights, refused };
    }),
    backupsKeptFor: policy.backupsKeptFor,
    notInPolicy: ['categories-of-people', 'security-measures'],
  };
}

type ByName = ReadonlyMap<string, readonly Count[]>;

function activityOf(policy: Policy, happened: ByName, purpose: string, declared?: Purpose): Activity {
  const of = (operation: string) => happenedIn(happened.get(`processing ${purpose} ${operation}`));
  const keysOf = (kind: string) => {
    const prefix = `${kind} ${purpose} `;
    return [...happened].filter(([name]) => name.startsWith(prefix)).map(([name, counts]) => ({ id: name.slice(prefix.length), counts }));
  };
  const categories = keysOf('category').map(({ id, counts }) => {
    const known = policy.categories.get(id);
    return { ...titled(id, known), sensitive: known?.sensitive ?? false, happened: happenedIn(counts) };
  });
  return {
    ...titled(purpose, declared),
    clauses: declared?.clauses ?? [],
    bases: Object.entries(declared?.bases ?? {}).flatMap(([jurisdiction, bases]) =>
      bases.map((basis) => {
        const known = policy.bases.get(jurisdiction)?.get(basis);
        return { ...titled(basis, known), jurisdiction, law: known?.citation ?? '' };
      }),
    ),
    objection: declared?.objection ?? 'none',
    channels: declared?.channels ?? [],
    categories,
    recipients: keysOf('recipient').map(({ id, counts }) => {
      const party = policy.parties.get(id);
      const country = party?.country;
      const told = { role: party?.role ?? null, country: country ?? null, abroad: abroad(policy, country) };
      return { ...titled(id, party), ...told, happened: happenedIn(counts) };
    }),
    retention: retentionOf(policy, purpose),
    collected: of('collected'),
    used: of('used'),
    disclosed: of('disclosed'),
  };
}

/** Rules that bear on any category for the purpose. */
function retentionOf(policy: Policy, purpose: string): RetentionLine[] {
  const rules = [...policy.jurisdictions.keys()].flatMap((jurisdiction) =>
    [...policy.categories.keys()].flatMap((category) => retentionRules(policy, { category, purpose, jurisdiction })),
  );
  return [...new Set(rules)].map(({ id, categories, jurisdiction, duration, trigger, action, ground, citation }) => ({
    rule: id,
    categories: categories ?? null,
    jurisdiction: jurisdiction ?? null,
    duration,
    trigger,
    action,
    ground,
    law: citation,
  }));
}

/** The laws under which a disclosure there is a transfer abroad, for the first controller. */
function abroad({ defaultController: controller, jurisdictions }: Policy, country: string | undefined): string[] {
  if (country === undefined) return [];
  return controller.jurisdictions.filter((law) => isTransferAbroad(controller, jurisdictions.get(law)!, country));
}

function happenedIn(counts: readonly Count[] = []): Happened {
  const days = counts.toSorted((a, b) => (a.day < b.day ? -1 : 1));
  const at = (count: Count | undefined) => (count ? { day: count.day, position: count.first } : null);
  return { count: counts.reduce((sum, { n }) => sum + n, 0), first: at(days[0]), last: at(days.at(-1)) };
}

function titled(id: string, item: { title?: string; title_th?: string | undefined } | undefined): Titled {
  const title = item?.title ?? id;
  return { id, title, titleTh: item?.title_th ?? title };
}
