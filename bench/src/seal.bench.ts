import type { Ledger } from '@attesta/ledger';
import { subjectRef } from '@attesta/vault';
import { eventFactory } from './sample-events.js';

/** Events through the whole path in the ledger, `batch` at a time, `under way` batches at once. @returns events per second */
export async function sealThroughput(ledger: Ledger, { seconds, batch = 500, underWay = 4, subjects = 100_000 }: { seconds: number; batch?: number; underWay?: number; subjects?: number }): Promise<number> {
  const { pepper } = ledger.secrets;
  const refs = Array.from({ length: subjects }, (_, i) => subjectRef(pepper, 'account', `c-${i}`));
  for (let i = 0; i < refs.length; i += 5000) {
    await ledger.vault.ensure(refs.slice(i, i + 5000).map((who) => ({ who, classes: ['identity'] })));
  }
  const make = eventFactory(subjects, (i) => refs[i]!);
  const started = performance.now();
  const until = started + seconds * 1000;
  let sealed = 0;
  await Promise.all(
    Array.from({ length: underWay }, async () => {
      while (performance.now() < until) {
        const items = Array.from({ length: batch }, () => ({ ok: true as const, event: make() }));
        const receipts = await ledger.sealer.receive(items, { channel: 'internal' });
        for (const receipt of receipts) if (receipt.status !== 'sealed') throw new Error(`${receipt.status}: ${JSON.stringify(receipt.problems)}`);
        sealed += batch;
      }
    }),
  );
  return sealed / ((performance.now() - started) / 1000);
}
