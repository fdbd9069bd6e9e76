/** For specs: works the exports that wait in the database named, in a process of its own, and prints by how much its memory grew (kB). */
import { TestLedger } from '@attesta/testing';
import { PostgresFeed } from '@attesta/transport';
import { TestErasures } from './audit-rig.js';
import { Audit } from './audit.js';
import { ExportWorker } from './exports-worker.js';
import { policy } from './policy-rig.js';

const ledger = new TestLedger();
const audit = await Audit.open({
  databaseUrl: process.argv[2]!,
  feed: new PostgresFeed(ledger),
  policy,
  directory: new TestErasures(),
  fetchLog: ledger.fetchLog,
  verifierKey: ledger.key.verifierKey,
  onError: (error) => process.stderr.write(String(error)),
});
const worker = new ExportWorker(audit);
const before = process.resourceUsage().maxRSS;
while (await worker.work());
process.stdout.write(String(process.resourceUsage().maxRSS - before));
await audit.close();
