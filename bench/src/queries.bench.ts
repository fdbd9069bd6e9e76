import { AuditModule, type Audit } from '@attesta/audit';
import { freePort } from '@attesta/event-log/embedded';
import { bootstrap } from '@attesta/service-kit';
import { startIssuer } from '@attesta/service-kit/issuer';
import { atMost, number, type Bench, type Row } from './bench.js';
import { httpLoad } from './http-load.js';
import { largestRegisters } from './registers.js';
import { repeatRegisters } from './repeated-registers.js';
import { RECIPIENTS } from './sample-events.js';
import type { Workshop } from './workshop.js';

const PEOPLE = 2_000;
const CONNECTIONS = 4;
/** Questions a second, one in 40 ms whatever became of those before: more than all auditors of a company ask. */
const RATE = 25;

/** How much of the largest log the registers stand for when they are asked. */
const TIMES = 10;
const MOST = 10_000_000;

interface Asked {
  name: string;
  paths: string[];
  /** Milliseconds. */
  goal: number;
}

/**
 * What auditors ask, over HTTP as they ask it: token, roles, the look recorded, the checkpoint in the answer. As fast as it goes, which
 * says what a machine can bear and nothing of how long somebody waits; then at a rate, for that.
 */
export const queries: Bench = {
  name: 'queries',
  async run(workshop) {
    const { audit, entries: sealed } = await largestRegisters(workshop);
    const http = await serve(workshop, audit);
    try {
      await searchable(audit, sealed);
      const entries = await repeatRegisters(workshop, audit, sealed, Math.min(TIMES, Math.max(1, Math.floor(MOST / sealed))));
      const rows: Row[] = [];
      for (const { name, paths, goal } of await questions(audit)) {
        const load = { ...http, connections: CONNECTIONS, ask: { kind: 'get' as const, paths } };
        // First, so that what is compiled on its way is compiled.
        const most = await httpLoad(workshop, { ...load, seconds: workshop.seconds(1 / 6), warmUp: workshop.seconds(1 / 30) });
        const steady = await httpLoad(workshop, {
          ...load,
          rate: RATE,
          seconds: workshop.seconds(1 / 3),
          warmUp: workshop.seconds(1 / 30),
        });
        const note = `p50 ${number(steady.p50)} ms; as fast as ${CONNECTIONS} connections ask: ${number(Math.round(most.rate))}/s, p99 ${number(most.p99)} ms`;
        rows.push({ ...atMost(`${name}, registers of ${number(entries)} entries, ${RATE}/s, p99`, steady.p99, 'ms', goal), note });
      }
      return rows;
    } finally {
      await http.close();
    }
  },
};

/** Resolves when what search looks up is built of everything; the service does it by itself, resting in between. */
async function searchable(audit: Audit, entries: number): Promise<void> {
  for (;;) {
    const { rows } = await audit.pool.query<{ built: string | null }>(
      'select sum(upto - block::int8 * 4096 + 1) as built from search_built',
    );
    if (Number(rows[0]!.built) >= entries) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function questions(audit: Audit): Promise<Asked[]> {
  const { rows } = await audit.pool.query<{ subject: string }>(
    'select subject from (select distinct subject from timeline_subject where position < 100000) s order by random() limit $1',
    [PEOPLE],
  );
  const ofPeople = (path: string) => rows.map(({ subject }) => `/v1/subjects/${subject}/${path}?reason=benchmark`);
  const search = (...queries: string[]) => queries.map((q) => `/v1/search?q=${encodeURIComponent(q)}`);
  return [
    { name: 'subject timeline', paths: ofPeople('timeline'), goal: 20 },
    { name: 'as-of consent', paths: ofPeople('consent-states'), goal: 20 },
    { name: 'disclosures by recipient', paths: RECIPIENTS.map((recipient) => `/v1/disclosures?recipient=${recipient}`), goal: 20 },
    { name: 'data map of a person', paths: ofPeople('data-map'), goal: 100 },
    { name: 'search, common', paths: search('type:collection.*', '-channel:app', 'purpose:service-fulfilment'), goal: 100 },
    { name: 'search, rare', paths: search('recipient:bank channel:app', 'type:breach.*', 'purpose:marketing -type:consent.*'), goal: 100 },
    { name: 'findings', paths: ['/v1/findings', '/v1/findings?state=open'], goal: 100 },
    { name: 'dashboard, 90 days', paths: ['/v1/dashboard', '/v1/dashboard?by=week'], goal: 200 },
  ];
}

/** The audit service alone behind HTTP, with an issuer whose keys it knows. */
async function serve(workshop: Workshop, audit: Audit) {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const clients = [{ id: 'auditor', roles: ['auditor' as const], sources: [] }];
  const issuer = await startIssuer({ home: workshop.scratch('issuer'), issuer: `${url}/oidc`, audience: 'attesta', clients });
  const app = await bootstrap(AuditModule.forRoot({ audit }), {
    service: 'audit',
    auth: { issuer: issuer.issuer, audience: 'attesta', keys: issuer.keys },
    logLevel: 'error',
    shutdownSignals: false,
  });
  await app.listen(port, '127.0.0.1');
  // Closing the application would close the registers, which other rows still use.
  const close = () =>
    new Promise<void>((resolve) => {
      app.getHttpServer().close(() => resolve());
      app.getHttpServer().closeAllConnections();
    });
  return { url, token: await issuer.issueToken('auditor'), close };
}
