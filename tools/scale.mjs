// Prints the tables of docs/scale.md: measured figures and the schemas' row sizes, carried on to a large log. `node tools/scale.mjs`
import {
  EVENTS,
  SUBJECTS,
  PEAK,
  YEAR_S,
  CORES,
  SEAL,
  SINGLE,
  KAFKA_TO_REGISTERS,
  HTTP_BATCHES,
  HTTP_SINGLE,
  FEED,
  REBUILD,
  VERIFY,
  RARE_SEARCH_MS,
  SEARCHED,
  MESSAGES,
  CHECKPOINTS_S,
  WITNESS_EVERY_S,
  PATROL_SHARE,
  CHAIN_SLOT,
  BLOCK,
  VAULT_CACHE,
  PARTITIONS,
  REPLICAS,
  GI,
  VOLUME,
  AUDIT_MEMORY,
  TYPED_ARRAY,
  MAP_ENTRIES,
  FULL_BENCH,
  REFS_PER_SUBJECT,
  CHOOSERS,
  PER_CORE_HOUR,
  PER_GB_MONTH,
  ENTRY,
  NOTE,
  COSIGNATURE_LINE,
  HASH_LINE,
  row,
  index,
  STORES,
} from './scale-figures.mjs';

const number = (value, digits = 0) => value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });
const short = (value) => {
  if (value < 1e6) return number(value);
  const [unit, name] = value >= 1e9 ? [1e9, 'billion'] : [1e6, 'million'];
  return `${number(value / unit, 1).replace(/\.0$/, '')} ${name}`;
};
const bytes = (value) => {
  if (value >= 1e12) return `${number(value / 1e12, 2)} TB`;
  return value >= 1e9 ? `${number(value / 1e9, 0)} GB` : value >= 1e6 ? `${number(value / 1e6, 0)} MB` : `${number(value)} B`;
};
const time = (seconds) => {
  if (seconds >= 86_400) return `${number(seconds / 86_400, 1)} days`;
  if (seconds >= 3_600) return `${number(seconds / 3_600, 1)} h`;
  return seconds >= 60 ? `${number(seconds / 60, 0)} min` : `${number(seconds, 0)} s`;
};

/** A Markdown table as prettier writes it: the first column to the left, the others to the right. */
function table(title, head, rows) {
  const lines = [head, ...rows].map((cells) => cells.map(String));
  const widths = head.map((_, i) => Math.max(3, ...lines.map((cells) => cells[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  console.log(`**${title}**\n\n${[line(lines[0]), rule, ...lines.slice(1).map(line)].join('\n')}\n`);
}

const perEvent = (store) => store.parts.reduce((sum, [, each]) => sum + each, 0);
const perSubject = (store) => store.parts.reduce((sum, [, , each]) => sum + each, 0);
const total = (store, events = EVENTS, subjects = SUBJECTS) => events * perEvent(store) + subjects * perSubject(store);
const [LEDGER, VAULT, AUDIT, OTHERS, SEALED_TOPIC] = STORES;

/** Slots of the verifier's table of subjects: doubled as soon as it is half full. */
const slotsFor = (subjects) => 2 ** Math.ceil(Math.log2(2 * subjects + 1));
/** Most subjects for which the table, and the one it grows out of, fit. */
function subjectsWithin(limit) {
  let slots = 1_024;
  while ((slots * 2 + slots) * CHAIN_SLOT <= limit) slots *= 2;
  return slots / 2;
}
const IN_ARRAY = TYPED_ARRAY / 32 / 2;
const mean = EVENTS / YEAR_S;
const peak = mean * PEAK;

table(
  `Bytes, for ${short(EVENTS)} events of ${number(ENTRY)} bytes about ${short(SUBJECTS)} subjects`,
  ['store', 'B per event', 'B per subject', 'in all'],
  [
    ...STORES.flatMap((store) => [
      [`**${store.store}**`, number(perEvent(store)), number(perSubject(store)), bytes(total(store))],
      ...(store.parts.length > 1
        ? store.parts.map(([name, event, subject]) => [name, number(event), number(subject), bytes(EVENTS * event + SUBJECTS * subject)])
        : []),
    ]),
    ['**PostgreSQL, one copy**', ...sum([LEDGER, VAULT, AUDIT, OTHERS])],
    [`**with ${REPLICAS} instances and ${REPLICAS} Kafka replicas**`, ...sum(STORES, REPLICAS)],
  ],
);
function sum(stores, times = 1) {
  const of = (each) => times * stores.reduce((all, store) => all + each(store), 0);
  return [number(of(perEvent)), number(of(perSubject)), bytes(of((store) => total(store)))];
}

table(
  `Rates: ${short(EVENTS)} events a year are ${number(mean, 1)} a second, ${number(peak)} at ${PEAK} times that`,
  ['way', 'measured, events/s', 'times the peak', 'enough for, events a year'],
  [
    ['seal, batches of 500', SEAL],
    ['single events, 32 in flight', SINGLE],
    ['HTTP, batches of 100', HTTP_BATCHES],
    ['Kafka: intake to registers', KAFKA_TO_REGISTERS],
    ['HTTP, one by one, 32 connections', HTTP_SINGLE],
  ].map(([way, rate]) => [way, number(rate), number(rate / peak, 1), short((rate / PEAK) * YEAR_S)]),
);

const sizes = [1e7, 1e8, 1e9, 1e10];
table(
  'Times, at the measured rates',
  ['', ...sizes.map((size) => `${short(size)} entries`)],
  [
    [`full verification from files, ${number(VERIFY)}/s`, ...sizes.map((size) => time(size / VERIFY))],
    [`reading the feed, ${number(FEED)}/s`, ...sizes.map((size) => time(size / FEED))],
    [`registers rebuilt, ${number(REBUILD)}/s`, ...sizes.map((size) => time(size / REBUILD))],
    [`the patrol's round at a share of ${PATROL_SHARE}, at best`, ...sizes.map((size) => time(size / (VERIFY * PATROL_SHARE)))],
    [
      'a rare search, if it goes on as up to 10 million',
      ...sizes.map((size) => `${number((RARE_SEARCH_MS / 1e3) * (size / SEARCHED), 1)} s`),
    ],
  ],
);

table(
  'Proofs',
  ['entries in the log', 'hashes, at most', 'inclusion proof file', 'ten entries of a person with proofs'],
  [1e6, ...sizes.slice(1)].map((size) => {
    const hashes = Math.ceil(Math.log2(size));
    const file = 40 + hashes * HASH_LINE + NOTE;
    return [short(size), hashes, bytes(file), bytes(10 * (ENTRY + file))];
  }),
);

const proof = Math.ceil(Math.log2(EVENTS)) * HASH_LINE;
const asked = 86_400 / WITNESS_EVERY_S;
const signed = Math.min(mean, CHECKPOINTS_S) * 86_400;
table(
  `Checkpoints and witnesses, a day, at ${number(mean, 1)} events/s`,
  ['', 'number', 'bytes'],
  [
    ['checkpoints signed and kept', number(signed), bytes(signed * (row(8 + 36 + NOTE + 4 + 8) + index(8, true)))],
    ['right-hand tile written anew, 4 KiB at the mean', number(signed), bytes(signed * 4_096)],
    ['asked of each witness, at most', number(asked), bytes(asked * (20 + proof + NOTE + COSIGNATURE_LINE))],
  ],
);

const TARGET_REBUILD_H = 4;
const logs = (limit, of) => Math.ceil(of / limit);
table(
  `How many logs, if each has to keep within a limit`,
  ['limit for one log', 'it holds at most', `logs for ${short(EVENTS)} events, ${short(SUBJECTS)} subjects`],
  [
    [
      `patrol's table of subjects in ${AUDIT_MEMORY / GI} GiB (Helm's limit)`,
      `${short(subjectsWithin(AUDIT_MEMORY))} subjects`,
      logs(subjectsWithin(AUDIT_MEMORY), SUBJECTS),
    ],
    [
      'consent state in one `DecisionCache`, by refs',
      `${short(MAP_ENTRIES / REFS_PER_SUBJECT)} people`,
      logs(MAP_ENTRIES / REFS_PER_SUBJECT, SUBJECTS * CHOOSERS),
    ],
    ["verifier's table of subjects on Node 20", `${short(IN_ARRAY)} subjects`, logs(IN_ARRAY, SUBJECTS)],
    [
      `registers rebuilt within ${TARGET_REBUILD_H} h`,
      `${short(TARGET_REBUILD_H * 3_600 * REBUILD)} entries`,
      logs(TARGET_REBUILD_H * 3_600 * REBUILD, EVENTS),
    ],
    [`peak of ${number(peak)}/s over Kafka`, `${number(KAFKA_TO_REGISTERS)}/s`, logs(KAFKA_TO_REGISTERS, peak)],
  ],
);

const services = perEvent(LEDGER) + perEvent(AUDIT) + perEvent(OTHERS);
const servicesPerSubject = perSubject(LEDGER) + perSubject(AUDIT) + perSubject(OTHERS);
const each = SUBJECTS / EVENTS;
const breaks = [
  [`patrol (audit) out of memory, limit ${AUDIT_MEMORY / GI} GiB`, subjectsWithin(AUDIT_MEMORY) / each, 'setting'],
  [`services' PostgreSQL full, ${VOLUME.services / GI} GiB`, VOLUME.services / (services + each * servicesPerSubject), 'setting'],
  [`a Kafka broker full, ${VOLUME.kafka / GI} GiB`, VOLUME.kafka / perEvent(SEALED_TOPIC), 'setting'],
  [`vault full, ${VOLUME.vault / GI} GiB`, VOLUME.vault / perSubject(VAULT) / each, 'setting'],
  [`register rebuild takes over ${TARGET_REBUILD_H} h`, TARGET_REBUILD_H * 3_600 * REBUILD, 'design'],
  ['`DecisionCache` throws', MAP_ENTRIES / REFS_PER_SUBJECT / CHOOSERS / each, 'design'],
  ['verification throws on Node 20', IN_ARRAY / each, 'design'],
  ['patrol needs more than a day a round', 86_400 * VERIFY * PATROL_SHARE, 'design'],
];
table(
  'What breaks, in order, with one subject to ten events',
  ['', 'at so many events', 'and subjects', 'kind'],
  breaks.sort((a, b) => a[1] - b[1]).map(([what, at, kind]) => [what, short(at), short(at * each), kind]),
);

table(
  'Besides',
  ['', `at ${short(EVENTS)} events, ${short(SUBJECTS)} subjects`],
  [
    [
      `the benchmark's logs, and registers twice, up to ${short(FULL_BENCH.entries)} entries; it says about ${bytes(FULL_BENCH.bytes)}`,
      bytes(FULL_BENCH.entries * (1.111 * perEvent(LEDGER) + 2 * perEvent(AUDIT))),
    ],
    ['registers that stood still for an hour at the peak, caught up over Kafka in', time((3_600 * peak) / (KAFKA_TO_REGISTERS - peak))],
    ["verifier's table of subjects", bytes(slotsFor(SUBJECTS) * CHAIN_SLOT)],
    ['and while it grows', bytes(1.5 * slotsFor(SUBJECTS) * CHAIN_SLOT)],
    ["share of people whom the vault's memory holds", `${number((100 * VAULT_CACHE) / SUBJECTS, 1)} %`],
    [`one of ${PARTITIONS} partitions of the sealed topic`, bytes(total(SEALED_TOPIC) / PARTITIONS)],
    [`one of ${4 * PARTITIONS} partitions`, bytes(total(SEALED_TOPIC) / PARTITIONS / 4)],
    ['rows listed when all search blocks are built anew', short((EVENTS / BLOCK) ** 2)],
    [`everybody told of a changed notice, ${MESSAGES}/s`, time(SUBJECTS / MESSAGES)],
  ],
);

const coreSeconds = (rate) => (1e6 / rate) * CORES;
const gigabytes = (of) => (1e6 * of) / 1e9;
const money = (value) => number(value, 4);
table(
  `Cost of a million events, at ${PER_CORE_HOUR} a core-hour and ${PER_GB_MONTH} a GB-month (examples, no prices)`,
  ['', 'core-seconds', 'GB', 'once', 'each month'],
  [
    ['HTTP in batches of 100, client included', coreSeconds(HTTP_BATCHES), 0],
    ['Kafka: publisher to registers, broker included', coreSeconds(KAFKA_TO_REGISTERS), 0],
    ['registers rebuilt once', coreSeconds(REBUILD), 0],
    ['kept in PostgreSQL, one copy', 0, gigabytes(services + each * (servicesPerSubject + perSubject(VAULT)))],
    ['kept in Kafka, one replica', 0, gigabytes(perEvent(SEALED_TOPIC))],
    [
      `both, ${REPLICAS} copies`,
      0,
      REPLICAS * gigabytes(services + each * (servicesPerSubject + perSubject(VAULT)) + perEvent(SEALED_TOPIC)),
    ],
  ].map(([what, seconds, space]) => [
    what,
    seconds ? number(seconds) : '',
    space ? number(space, 2) : '',
    seconds ? money((seconds / 3_600) * PER_CORE_HOUR) : '',
    space ? money(space * PER_GB_MONTH) : '',
  ]),
);
