import type { Entry } from '@attesta/events';
import { canonical } from '@attesta/proof';
import type { Vault } from '@attesta/vault';
import type { SealerDraft } from './fence.js';

/**
 * Whether an entry is the event that a draft was made of, sealed under keys that were closed since. Values that can still be opened are compared; of
 * those that cannot, nobody can tell, and who sends again what was sealed is right.
 */
export async function isSameEvent(stored: { bytes: Buffer; cipher: Buffer[] }, draft: SealerDraft, vault: Vault): Promise<boolean> {
  const entry = JSON.parse(stored.bytes.toString('utf8')) as Entry;
  const mine = JSON.parse(draft.before + entry.recordedAt + draft.middle + draft.after) as Entry;
  const [theirs, ours] = [entry.sealed ?? [], mine.sealed ?? []];
  if (entry.type !== mine.type || entry.time !== mine.time || entry.subject?.id !== draft.subject?.id) return false;
  if (theirs.length !== ours.length || canonical(entry.data) !== canonical(mine.data)) return false;
  if (theirs.every(({ key }, i) => key === ours[i]!.key)) return false;
  const values = draft.checked.abouts.flatMap(({ personal }) => [...personal.values()]);
  const same = await Promise.all(
    theirs.map(async (part, i) => {
      const { subject, key, nonce } = ours[i]!;
      if (part.subject !== subject || classOf(part.key) !== classOf(key)) return false;
      if (part.key === key) return part.nonce === nonce;
      const opened = await vault.open(part, stored.cipher[i], entry);
      return opened.status === 'open' ? canonical(opened.values) === canonical(values[i]) : opened.status !== 'altered';
    }),
  );
  return same.every(Boolean);
}

const classOf = (key: string): string => key.slice(0, key.lastIndexOf('.'));
