import type { CloudEvent } from '@attesta/events';
import { parseCheckpoint } from '@attesta/proof';
import type { Ledger } from '@attesta/ledger';
import { subjectRef } from '@attesta/vault';
import { number } from './bench.js';
import { mixedFactory } from './sample-events.js';
import type { Workshop } from './workshop.js';

export interface GrownLog {
  ledger: Ledger;
  /** Refs of the people in it. */
  people: string[];
}

const MOST_PEOPLE = 100_000;
const BATCH = 500;

/** People known to the vault, so that a row measures sealing and not first meetings. */
export async function knownPeople({ secrets, vault }: Ledger, n: number): Promise<string[]> {
  const refs = Array.from({ length: n }, (_, i) => subjectRef(secrets.pepper, 'account', `c-${i}`));
  for (let i = 0; i < refs.length; i += 5000) {
    await vault.ensure(refs.slice(i, i + 5000).map((who) => ({ who, classes: ['identity'] })));
  }
  return refs;
}

/** Seals one batch. @throws Error when an event is not sealed: a benchmark of refusals would be fast */
export async function sealBatch(ledger: Ledger, make: () => CloudEvent, n: number): Promise<number[]> {
  const items = Array.from({ length: n }, () => ({ ok: true as const, event: make() }));
  const receipts = await ledger.sealer.receive(items, { channel: 'internal' });
  return receipts.map(({ status, position, problems }) => {
    if (status !== 'sealed') throw new Error(`${status}: ${JSON.stringify(problems)}`);
    return position!;
  });
}

/** Seals exactly n events, several batches under way at once. */
export async function sealMany(ledger: Ledger, make: () => CloudEvent, n: number, underWay = 4): Promise<void> {
  let left = n;
  await Promise.all(
    Array.from({ length: underWay }, async () => {
      while (left > 0) {
        const batch = Math.min(BATCH, left);
        left -= batch;
        await sealBatch(ledger, make, batch);
      }
    }),
  );
}

/** Grows a log through the ledger itself; one person in ten entries. */
export async function growLog(workshop: Workshop, size: number): Promise<GrownLog> {
  workshop.say(`growing a log of ${number(size)} entries ...`);
  const ledger = await workshop.ledger(`log${size}`);
  workshop.cleanup.defer(() => ledger.close());
  const people = await knownPeople(ledger, Math.min(MOST_PEOPLE, Math.ceil(size / 10)));
  await sealMany(ledger, mixedFactory(people), size);
  await covered(ledger, size);
  return { ledger, people };
}

/** Size of the newest checkpoint; 0 before the first. */
export async function checkpointSize({ files }: Ledger): Promise<number> {
  const note = await files.checkpoint();
  return note === undefined ? 0 : parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1)).size;
}

/** Resolves when a signed checkpoint covers the first `size` entries. */
export async function covered(ledger: Ledger, size: number): Promise<void> {
  while ((await checkpointSize(ledger)) < size) await new Promise((wake) => setTimeout(wake, 50));
}
