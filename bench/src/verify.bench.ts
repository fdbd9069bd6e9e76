import fs from 'node:fs/promises';
import path from 'node:path';
import { LogReader, verifyLog } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { atLeast, number, type Bench } from './bench.js';
import { exportLog } from './export-log.js';

/** What an auditor's computer does with a copy of the log in files: every entry, chain, tile and signature, re-derived. */
export const verify: Bench = {
  name: 'verify',
  async run(workshop) {
    const { ledger } = await workshop.log(workshop.largest);
    const directory = workshop.scratch('auditors_copy');
    try {
      workshop.say('copying the log into files ...');
      const size = await exportLog(ledger, directory);
      const check = () =>
        verifyLog(nodePrimitives, new LogReader(nodePrimitives, (file) => fs.readFile(path.join(directory, file))), {
          key: ledger.verifierKey,
        });
      const started = performance.now();
      const report = await check();
      const seconds = (performance.now() - started) / 1000;
      if (!report.ok || report.checked !== size) throw new Error(`the log does not verify: ${JSON.stringify(report.problems.slice(0, 3))}`);
      const row = atLeast(`full verification of ${number(size)} entries from files`, size / seconds, 'entries/s', 150_000);
      return [{ ...row, note: `${number(report.subjects)} subject chains followed` }];
    } finally {
      await fs.rm(directory, { recursive: true, force: true });
    }
  },
};
