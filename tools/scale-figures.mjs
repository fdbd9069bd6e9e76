// What tools/scale.mjs reckons with: measured figures, constants of the code, assumptions, and row sizes of the schemas.

/** What is asked for: docs/scale.md answers for these. */
export const EVENTS = 1e9;
export const SUBJECTS = 1e8;
export const PEAK = 20;
export const YEAR_S = 365 * 86_400;

/** README, Figures: npm run bench on 2 shared cores, client, services, PostgreSQL and Kafka all on them. Events (or entries) per second. */
export const CORES = 2;
export const SEAL = 12_609;
export const SINGLE = 6_322;
export const KAFKA_TO_REGISTERS = 3_724;
export const HTTP_BATCHES = 5_084;
export const HTTP_SINGLE = 948;
export const FEED = 64_917;
export const REBUILD = 18_677;
export const VERIFY = 146_589;
/** README, Figures, of registers as large as 10,000,000 entries make them: a rare search, milliseconds. */
export const RARE_SEARCH_MS = 223;
export const SEARCHED = 1e7;
/** README, Figures: messages to everybody, of which so many a second go at most. */
export const MESSAGES = 185;

/** From the code, each with its place. */
export const CHECKPOINTS_S = 1 / 0.4; // libs/event-log/src/integrator.ts, everyMs
export const WITNESS_EVERY_S = 2; // apps/ledger/src/cosigner.ts, EVERY_MS
export const PATROL_SHARE = 0.1; // apps/audit/src/integrity-patrol.ts, share
export const CHAIN_SLOT = 4 * 4 + 8 + 32; // libs/proof/src/subject-chains.ts: id, number, hash; tables are powers of two, at most half full
export const BLOCK = 4_096; // apps/audit/src/search-blocks.ts; search-index.ts lists all blocks to find the next one to build
export const VAULT_CACHE = 200_000; // libs/vault/src/vault.ts, cache
export const PARTITIONS = 6; // deploy/helm/attesta-data/values.yaml; libs/transport/src/topics.ts
export const REPLICAS = 3; // the same, Kafka nodes and PostgreSQL instances
export const GI = 2 ** 30;
export const VOLUME = { kafka: 100 * GI, services: 200 * GI, vault: 50 * GI }; // the same, storage
export const AUDIT_MEMORY = GI; // deploy/helm/attesta/values.yaml, limit of the audit service
export const TYPED_ARRAY = 2 ** 32; // bytes; buffer.constants.MAX_LENGTH of Node 20
export const MAP_ENTRIES = 2 ** 24; // V8: one more throws "Map maximum size exceeded"
const SEALED_HEADERS = 424; // libs/transport/src/sealed-message.ts: names and values of all headers, traceparent included
const KEY = 36; // the same: the subject's id
export const FULL_BENCH = { entries: 1e7, bytes: 40e9 }; // bench/src/options.ts: "about 40 GB of disk"

/** Assumed, for nobody has measured them. */
const PERSONAL_SHARE = 0.3; // of events bring personal values, as in bench/src/sample-events.ts
const CIPHERTEXT = 80; // bytes of such a value, sealed
const EVENTS_PER_BATCH = 1; // at 32 events a second most batches hold one: the dearest case
export const REFS_PER_SUBJECT = 2;
const CLASSES_PER_SUBJECT = 3; // retention classes with a key
export const CHOOSERS = 0.5; // of the people have a consent state
const TERMS_PER_BLOCK = 25; // search terms that are common enough for a bitmap
const RECORD = 60; // bytes of a Kafka record's lengths, and its share of the batch's header
const PARTS_PER_EVENT = 0.93; // rows of the retention inventory: 7 collections in 10 events, of 1.33 classes, as in the sample

/** An example and no price: put in what you pay. */
export const PER_CORE_HOUR = 0.04;
export const PER_GB_MONTH = 0.1;

/** Canonical JSON of an entry of apps/ledger/src/prepare.ts about the event of bench/src/sample-events.ts: keys in order, no spaces. */
function sampleEntry(personal) {
  const hash = 'A'.repeat(43) + '=';
  const subject = '00000000-0000-4000-8000-000000000000';
  const at = '2026-01-05T09:00:00.000Z';
  return JSON.stringify({
    actor: 'storefront',
    data: {
      basis: 'contract',
      categories: ['identity', 'contact'],
      channel: 'web',
      context: { form: 'registration-form-2022', order: 'order-1000000' },
      method: 'online-form',
      noticeVersion: '2022-08-10',
      occasion: 'registration',
      origin: 'subject',
      purposes: ['service-fulfilment'],
    },
    id: subject,
    recordedAt: at,
    ...(personal && { sealed: [{ alg: 'A256GCM', key: 'identity.1', nonce: 'A'.repeat(16), sha256: hash, subject }] }),
    source: '//storefront.m-med.example/registration',
    subject: { id: subject, prev: hash, seq: 10 },
    time: at,
    type: 'attesta.collection.recorded.v1',
    v: 1,
  }).length;
}

export const ENTRY = Math.round(sampleEntry(false) * (1 - PERSONAL_SHARE) + sampleEntry(true) * PERSONAL_SHARE);
export const NOTE = 25 + 11 + 45 + 1 + 121; // a checkpoint: origin, size, root, blank line, signature line
export const COSIGNATURE_LINE = 130;
export const HASH_LINE = 45; // base64 of 32 bytes and a newline

/** Bytes of a PostgreSQL row: 24 of header and 4 of line pointer, padded to 8, on pages so full. */
export const row = (data, fill = 1) => (28 + 8 * Math.ceil(data / 8)) / fill;
/** Bytes of an entry of a B-tree: keys that come in order leave pages 90 % full, random ones 70 %. */
export const index = (key, inOrder = false) => (12 + 8 * Math.ceil(key / 8)) / (inOrder ? 0.9 : 0.7);

/** Bytes by place: [what, per event, per subject]. The columns are those of the schemas named. */
export const STORES = [
  {
    store: 'ledger (`libs/event-log/src/sealed-log.schema.ts`)',
    parts: [
      ['entry: canonical bytes', ENTRY, 0],
      [
        'entry: the rest of the row, ciphertext, trace, two indexes',
        row(8 + 16 + 16 + 8 + 56) + PERSONAL_SHARE * (4 + CIPHERTEXT) + index(8, true) + index(16, true),
        0,
      ],
      [
        'sealed_batch and tiles (32 bytes a leaf in each)',
        32 + row(8 + 8 + 4) / EVENTS_PER_BATCH + index(8, true) / EVENTS_PER_BATCH + (32 * 256) / 255,
        0,
      ],
      ['subject_head', 0, row(16 + 8 + 33, 0.9) + index(16)],
    ],
  },
  {
    store: 'vault (`libs/vault/src/vault.schema.ts`)',
    parts: [
      ['subject and its refs', 0, row(16 + 8) + index(16) + REFS_PER_SUBJECT * (row(33 + 16) + index(33) + index(16))],
      ['data keys, wrapped', 0, CLASSES_PER_SUBJECT * (row(16 + 10 + 4 + 6 + 61 + 8) + index(16 + 10 + 4))],
    ],
  },
  {
    store: 'audit (`apps/audit/src/audit.schema.ts`)',
    parts: [
      [
        "timeline with the entry's bytes (ADR 6), and by subject",
        row(8 + 16 + 34 + 16 + 4 + ENTRY) + index(8, true) + row(24) + index(24),
        0,
      ],
      ['one register row, with its index', row(8 + 16 + 300) + index(8, true), 0],
      ['search blocks', (TERMS_PER_BLOCK * (row(40 + 4 + 516) + index(40) + index(4))) / BLOCK, 0],
    ],
  },
  {
    store: 'requests, retention, consent',
    parts: [
      ['requests: dossier, the entry once more, as jsonb', row(8 + 16 + 4 + sampleEntry(false)) + index(8, true) + index(24), 0],
      ['retention: inventory', PARTS_PER_EVENT * (row(200) + index(12, true) + index(26) + index(24)), 0],
      ['consent: state and person', 0, CHOOSERS * (row(37 + 8 + 100 + 300, 0.8) + index(37) + index(8) + row(16 + 60, 0.8) + index(16))],
    ],
  },
  { store: 'Kafka, one replica', parts: [['`attesta.sealed.v1`, kept for ever', ENTRY + KEY + SEALED_HEADERS + RECORD, 0]] },
];
