import { Failure } from './failure.js';
import type { Cli } from './options.js';
import { restorable } from './restorable.js';
import { count, type Screen } from './screen.js';
import { withRestoreTarget } from './restore-target.js';

export interface HomeOptions {
  home?: string;
  json?: true;
}
export type RestoreOptions = HomeOptions & { replace?: true };

export async function restore(service: string, options: RestoreOptions, { screen, terminal }: Cli): Promise<void> {
  const known = restorable(service);
  await withRestoreTarget(service, options, terminal, async (target) => {
    if (!options.replace && (await target.isFilled()))
      throw new Failure(
        `the database of ${service} is not empty`,
        'Restore loses what it alone holds (docs/restore.md). If that is lost anyhow, run the same with --replace.',
      );
    const urls = await target.recreate();
    const bar = screen.progress('restoring', 'entries');
    let restored;
    try {
      const onProgress = (applied: number, size: number) => bar.update(applied, size);
      restored = await known.restore({ ...urls, policy: target.policy, entries: target.log, onProgress }, () => target.keys());
    } finally {
      bar.stop();
    }
    const digests = await target.digest();
    if (options.json) return screen.json({ service, ...restored, digests });
    const { entries, own, unsaid } = restored;
    screen.print(`Restored ${service} from ${count(entries, 'entry', 'entries')}, ${count(own, 'event')} of its own among them.`);
    if (unsaid > 0) screen.print(`It had not come to say ${count(unsaid, 'event')}; they go to the ledger when it starts.`);
    printDigests(digests, screen);
  });
}

export async function digest(service: string, options: HomeOptions, { screen, terminal }: Cli): Promise<void> {
  restorable(service);
  await withRestoreTarget(service, options, terminal, async (target) => {
    if (!(await target.isFilled()))
      throw new Failure(`the database of ${service} is empty, or not there`, `Restore it: attesta restore ${service}.`);
    const digests = await target.digest();
    if (options.json) screen.json({ service, digests });
    else printDigests(digests, screen);
  });
}

function printDigests(digests: Readonly<Record<string, string>>, screen: Screen): void {
  for (const [name, value] of Object.entries(digests)) screen.print(`  ${name.padEnd(20)} ${value}`);
}
