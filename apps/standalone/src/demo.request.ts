import { strFromU8, unzipSync } from 'fflate';
import { asker, json } from './auditor-answer.http.js';
import { accountOf, PEOPLE } from './sample-day/people.js';
import type { Standalone } from './standalone.js';

interface View {
  request: string;
  status: string;
  tasks: { system: string; outcome: string | null }[];
}
interface Package {
  collections: unknown[];
  uses: unknown[];
  disclosures: unknown[];
  consents: unknown[];
  systems: { title: string; outcome: string; records: number }[];
}

const PATIENCE_MS = 30_000;

/** Somebody of the sample company comes with a passport and asks for a copy of their data (notice clause 7.1); what became of it, in words. */
export async function askForData({ url, issuer }: Standalone): Promise<string> {
  const ask = asker(url, () => issuer.issueToken('dpo'));
  const post = <T>(path: string, body: object) => json<T>(ask('POST', path, body));
  const subject = accountOf(PEOPLE[0]!);
  const identity = { evidence: { kind: 'passport' } };
  const { request } = await post<View>('/v1/requests', { right: 'access', subject, language: 'th', channel: 'in-person', identity });
  await post(`/v1/requests/${request}/accept`, {});
  for (const until = Date.now() + PATIENCE_MS; ; await new Promise((wake) => setTimeout(wake, 50))) {
    const { status, tasks } = await json<View>(ask('GET', `/v1/requests/${request}`));
    if (status === 'fulfilled') break;
    if (Date.now() > until) throw new Error(`The request of ${subject} is ${status}; its systems: ${JSON.stringify(tasks)}`);
  }
  const { link } = await post<{ link: string }>(`/v1/requests/${request}/package`, {});
  const download = await asker(url)('POST', new URL(link).pathname);
  const files = unzipSync(download.bytes);
  const said = JSON.parse(strFromU8(files['package.json']!)) as Package;
  const again = await asker(url)('POST', new URL(link).pathname);
  return [
    `A data subject asks (clause 7.1): ${subject}, in person, with a passport`,
    ...said.systems.map(
      ({ title, outcome, records }) =>
        `  ${title.padEnd(12)}${outcome}: ${records} records of its PostgreSQL database, by its mapping file`,
    ),
    `  the ledger  ${said.collections.length} collections, ${said.uses.length} uses, ${said.disclosures.length} disclosures, ${said.consents.length} consent events`,
    `  package     ${Object.keys(files).length} files (JSON, CSV, a page in Thai), encrypted under a link that opened once; the second time: ${again.status}`,
  ].join('\n');
}
