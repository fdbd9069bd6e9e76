import { AuditModule, type Audit } from '@attesta/audit';
import { freePort } from '@attesta/event-log/embedded';
import { bootstrap } from '@attesta/service-kit';
import { startIssuer } from '@attesta/service-kit/issuer';
import { atMost, number, type Bench } from './bench.js';
import { httpLoad } from './http-load.js';
import { largestRegisters } from './registers.js';
import { RECIPIENTS } from './sample-events.js';
import type { Workshop } from './workshop.js';

const PEOPLE = 2_000;
const CONNECTIONS = 4;

/** What auditors ask, over HTTP as they ask it: token, roles, the look recorded, the checkpoint in the answer. */
export const queries: Bench = {
  name: 'queries',
  async run(workshop) {
    const { audit, entries } = await largestRegisters(workshop);
    const http = await serve(workshop, audit);
    try {
      const { rows } = await audit.pool.query<{ subject: string }>(
        'select subject from (select distinct subject from timeline_subject where position < 100000) s order by random() limit $1',
        [PEOPLE],
      );
      const timelines = rows.map(({ subject }) => `/v1/subjects/${subject}/timeline?reason=benchmark`);
      const recipients = RECIPIENTS.map((recipient) => `/v1/disclosures?recipient=${recipient}`);
      const ask = (paths: string[]) =>
        httpLoad(workshop, {
          ...http,
          connections: CONNECTIONS,
          seconds: workshop.seconds(1 / 6),
          warmUp: workshop.seconds(1 / 30),
          ask: { kind: 'get', paths },
        });
      const timeline = await ask(timelines);
      const disclosures = await ask(recipients);
      const at = `at ${number(entries)} entries, p99`;
      const told = ({ rate, p50 }: typeof timeline) =>
        `${number(Math.round(rate))}/s over ${CONNECTIONS} connections, p50 ${number(p50)} ms`;
      return [
        { ...atMost(`subject timeline ${at}`, timeline.p99, 'ms', 20), note: told(timeline) },
        { ...atMost(`disclosures by recipient ${at}`, disclosures.p99, 'ms', 20), note: told(disclosures) },
      ];
    } finally {
      await http.close();
    }
  },
};

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
