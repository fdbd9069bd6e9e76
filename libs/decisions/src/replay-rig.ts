import type { Amendment } from '@attesta/policy';
import type { AgeFact, ChoiceFact, Fact, Moment } from './fact.js';
import type { ConsentStatus } from './status.js';

/**
 * The naive replay that the specs hold the record against: it walks time event by event and keeps, for every purpose, channel and category, how
 * things stand. It shares no code with what it judges, and knows the M MED policy by heart.
 */
export interface World {
  facts: readonly Fact[];
  notices: readonly { known: number; amendment: Amendment }[];
}

export const CHANNELS: Readonly<Record<string, readonly string[] | undefined>> = {
  marketing: ['email', 'sms', 'voice', 'push', 'letter', 'line'],
};
export const PURPOSES = ['marketing', 'personalisation', 'location-features', 'service-fulfilment', 'fraud-prevention', 'loyalty'];
export const CATEGORIES = ['contact', 'usage', 'health'];

export interface Cell {
  status: ConsentStatus;
  until: number;
}

export interface Replayed {
  cell: (purpose: string, channel: string | undefined, category: string | undefined) => Cell;
  /** Purposes whose objection stands against them. */
  objections: Set<string>;
  restrictions: { purposes?: readonly string[]; categories?: readonly string[] }[];
  underTen: boolean;
}

const DAY = 86_400_000;
const RANK: Readonly<Record<string, number>> = {
  linked: 0,
  unlinked: 1,
  requested: 0,
  deferred: 0,
  given: 1,
  refused: 2,
  withdrawn: 2,
  'objection rejected': 0,
  'objection withdrawn': 0,
  'objection raised': 1,
  'objection upheld': 2,
  placed: 1,
};

function rank(fact: Fact): number {
  if (fact.kind === 'choice') return RANK[fact.status]!;
  if (fact.kind === 'objection') return RANK[`objection ${fact.state}`]!;
  if (fact.kind === 'restriction') return fact.placed ? RANK.placed! : 0;
  if (fact.kind === 'link') return fact.linked ? RANK.linked! : RANK.unlinked!;
  return fact.kind === 'guardian' && fact.ended ? 1 : 0;
}

const key = (fact: Fact) => `${String(fact.at).padStart(16, '0')} ${rank(fact)} ${fact.source} ${fact.id}`;

export function replay(world: World, subject: string, { at, known }: Moment): Replayed {
  const facts = world.facts.filter((fact) => fact.known <= known && fact.at <= at).sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const mine = facts.filter((fact) => fact.subject === subject);
  const register = registerOf(world, known);
  const age = mine.filter((fact) => fact.kind === 'age').at(-1);

  const cells = new Map<string, Cell & { at: readonly [string, string | undefined, string | undefined] }>();
  for (const purpose of PURPOSES) {
    for (const channel of [undefined, ...(CHANNELS[purpose] ?? [])]) {
      for (const category of [undefined, ...CATEGORIES]) {
        cells.set([purpose, channel, category].join('|'), { status: 'none', until: Infinity, at: [purpose, channel, category] });
      }
    }
  }
  for (const choice of choicesFor(subject, facts)) {
    for (const cell of cells.values()) {
      const [purpose, channel, category] = cell.at;
      if (!choice.purposes.includes(purpose) || !touches(choice, purpose, channel, category)) continue;
      lapse(cell, choice.at);
      const inForce = cell.status === 'given' || cell.status === 'renewed';
      if (choice.status === 'refused') cell.status = 'refused';
      else if (choice.status === 'withdrawn') cell.status = choice.by === 'controller' ? 'revoked' : 'withdrawn';
      else if (choice.status !== 'given') cell.status = inForce || cell.status === 'refused' ? cell.status : choice.status;
      else if (!counts(choice, purpose, age, mine, register)) cell.status = inForce ? cell.status : 'invalidated';
      else {
        cell.status = inForce ? 'renewed' : 'given';
        cell.until = choice.validFor === undefined ? Infinity : PERIODS[choice.validFor]!(choice.at);
      }
    }
  }
  for (const cell of cells.values()) lapse(cell, at);
  return {
    cell: (...where) => cells.get(where.join('|'))!,
    ...flagsOf(mine),
    underTen: age !== undefined && ruleOf(age, 'th-pdpa', at) === 'under-ten',
  };
}

function lapse(cell: Cell, at: number): void {
  if ((cell.status === 'given' || cell.status === 'renewed') && cell.until <= at) cell.status = 'expired';
}

/** How long a consent may be given for in these histories. */
export const PERIODS: Readonly<Record<string, (from: number) => number>> = {
  P0D: (from) => from,
  PT36H: (from) => from + 1.5 * DAY,
  P30D: (from) => from + 30 * DAY,
  P2W: (from) => from + 14 * DAY,
  P1Y: (from) => {
    const [year, rest] = [new Date(from).getUTCFullYear() + 1, new Date(from).toISOString().slice(4)];
    return Date.parse(`${year}${rest.replace('-02-29', '-02-28')}`);
  },
};

/** Everything that the subject chose, under its own name or another that was its own then, as its history is told now. */
function choicesFor(subject: string, facts: readonly Fact[]): ChoiceFact[] {
  const own = facts.filter((fact) => fact.kind === 'choice' && fact.subject === subject) as ChoiceFact[];
  const borrowed: ChoiceFact[] = [];
  const devices = new Set(facts.flatMap((fact) => (fact.kind === 'link' ? [fact.identity] : [])));
  for (const device of devices) {
    let holder: string | undefined;
    let freedBy: string | undefined;
    let waiting: ChoiceFact[] = [];
    const told = facts.filter(
      (fact) => (fact.kind === 'link' && fact.identity === device) || (fact.kind === 'choice' && fact.subject === device),
    );
    // At one instant the device first changes hands.
    told.sort((a, b) => a.at - b.at || Number(a.kind === 'choice') - Number(b.kind === 'choice'));
    for (const fact of told) {
      if (fact.kind === 'choice') {
        if (holder === subject) borrowed.push(fact);
        if (holder === undefined) waiting.push(fact);
      } else if (fact.kind === 'link' && fact.linked) {
        if (holder === undefined && fact.subject === subject && freedBy !== subject) borrowed.push(...waiting);
        holder = fact.subject;
        waiting = [];
      } else if (holder === undefined || holder === fact.subject) {
        holder = undefined;
        freedBy = fact.subject;
        waiting = [];
      }
    }
    if (device === subject && holder !== undefined) {
      borrowed.push(...(facts.filter((fact) => fact.kind === 'choice' && fact.subject === holder) as ChoiceFact[]));
    }
  }
  const settled = own
    .filter(({ status }) => status === 'given' || status === 'refused' || status === 'withdrawn')
    .flatMap(({ purposes }) => purposes);
  const carried = borrowed.map((choice) =>
    choice.status === 'refused' || choice.status === 'withdrawn'
      ? choice
      : { ...choice, purposes: choice.purposes.filter((purpose) => !settled.includes(purpose)) },
  );
  return [...own, ...carried].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Whether a choice is about a channel and category; undefined stands for "some of them" to a yes and for "all of them" to anything else. */
function touches(choice: ChoiceFact, purpose: string, channel: string | undefined, category: string | undefined): boolean {
  const yes = choice.status === 'given';
  if (yes && category === 'health' && choice.explicit !== true) return false;
  if (choice.categories !== undefined && !(category === undefined ? yes : choice.categories.includes(category))) return false;
  if (choice.channels === undefined || CHANNELS[purpose] === undefined) return true;
  if (choice.channels.length === 0) return !yes;
  return channel === undefined ? yes : choice.channels.includes(channel);
}

interface Register {
  versions: { version: string; from: number; tells: (purpose: string) => boolean }[];
  loyalty: boolean;
}

function registerOf({ notices }: World, known: number): Register {
  const told = notices.filter((one) => one.known <= known).map(({ amendment }) => amendment);
  const texts: Record<string, { from: number; purposes: readonly string[] | undefined; time: number; text: string }> = {};
  for (const { type, time, data } of told) {
    if (type !== 'attesta.notice.published.v1') continue;
    const name = `${data.version} ${data.language}`;
    const text = {
      from: Math.max(Date.parse(time), Date.parse(data.effectiveAt)),
      purposes: data.purposes,
      time: Date.parse(time),
      text: JSON.stringify(data),
    };
    const there = texts[name];
    if (!there || text.time < there.time || (text.time === there.time && text.text < there.text)) texts[name] = text;
  }
  const versions = [{ version: '2022-08-10', from: Date.parse('2022-08-09T17:00:00Z'), tells: (purpose: string) => purpose !== 'loyalty' }];
  for (const version of new Set(Object.keys(texts).map((name) => name.split(' ')[0]!))) {
    const all = Object.entries(texts)
      .filter(([name]) => name.startsWith(`${version} `))
      .map(([, text]) => text);
    const everything = all.some(({ purposes }) => purposes === undefined);
    versions.push({
      version,
      from: Math.min(...all.map(({ from }) => from)),
      tells: (purpose) => (everything ? purpose !== 'loyalty' : all.some(({ purposes }) => purposes!.includes(purpose))),
    });
  }
  return { versions, loyalty: told.some(({ type }) => type === 'attesta.purpose.registered.v1') };
}

function counts(
  choice: ChoiceFact,
  purpose: string,
  age: AgeFact | undefined,
  mine: readonly Fact[],
  { versions, loyalty }: Register,
): boolean {
  const asked = versions.find(({ version }) => version === choice.noticeVersion);
  if (!asked || choice.at < asked.from) return false;
  if (versions.some(({ from, tells }) => from > asked.from && from <= choice.at && tells(purpose))) return false;
  if (purpose === 'loyalty' && !loyalty) return false;
  if (!asked.tells(purpose) || purpose === 'fraud-prevention') return false;
  if (purpose === 'loyalty' && choice.jurisdiction === 'eu-gdpr') return false;
  if (choice.categories?.includes('health') && choice.explicit !== true) return false;
  if (choice.by === 'controller') return false;
  if (choice.by === 'guardian') {
    const holding = new Set<string>();
    for (const fact of mine) {
      if (fact.kind !== 'guardian' || fact.at > choice.at) continue;
      if (fact.ended) holding.delete(fact.guardian);
      else holding.add(fact.guardian);
    }
    return holding.size > 0;
  }
  const rule = age === undefined ? 'of-age' : ruleOf(age, choice.jurisdiction ?? 'th-pdpa', choice.at);
  return rule === 'of-age' || (rule === 'conditional' && choice.capacity !== undefined);
}

const ZONES: Readonly<Record<string, string>> = { 'th-pdpa': 'Asia/Bangkok', 'eu-gdpr': 'Asia/Bangkok' };
const days: Readonly<Record<string, Intl.DateTimeFormat>> = Object.fromEntries(
  Object.entries(ZONES).map(([law, timeZone]) => [law, new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })]),
);

function ruleOf({ birthDate, rules }: AgeFact, law: string, at: number): 'under-ten' | 'conditional' | 'guardian' | 'of-age' {
  const th = law === 'th-pdpa';
  if (birthDate === undefined) {
    if (rules.includes(th ? 'th-under-ten' : 'eu-under-ten')) return 'under-ten';
    if (rules.includes('th-ten-to-nineteen') && th) return 'conditional';
    return rules.includes('eu-under-sixteen') && !th ? 'guardian' : 'of-age';
  }
  const day = days[law]!.format(at);
  const years = Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4)) - (day.slice(5) < birthDate.slice(5) ? 1 : 0);
  if (years < 10) return 'under-ten';
  if (th) return years < 20 ? 'conditional' : 'of-age';
  return years < 16 ? 'guardian' : 'of-age';
}

function flagsOf(mine: readonly Fact[]): Pick<Replayed, 'objections' | 'restrictions'> {
  const weighed: Record<string, string> = {};
  let restrictions: Replayed['restrictions'] = [];
  const list = (ids?: readonly string[]) => ids && [...ids].sort().join(' ');
  for (const fact of mine) {
    if (fact.kind === 'objection') {
      for (const purpose of fact.purposes) {
        const open = weighed[purpose] !== undefined && weighed[purpose] !== 'withdrawn';
        if (fact.state === 'raised' || fact.state === 'withdrawn' || open) weighed[purpose] = fact.state;
      }
    }
    if (fact.kind === 'restriction') {
      restrictions = restrictions.filter(
        (one) => list(one.purposes) !== list(fact.purposes) || list(one.categories) !== list(fact.categories),
      );
      if (fact.placed) restrictions.push(fact);
    }
  }
  const standing = Object.keys(weighed).filter((purpose) => {
    if (purpose === 'service-fulfilment' || weighed[purpose] === 'withdrawn') return false;
    return weighed[purpose] !== 'rejected' || purpose === 'marketing';
  });
  return { objections: new Set(standing), restrictions };
}
