import type { Entry, Related } from '@attesta/events';
import { canonical } from '@attesta/proof';
import type { Vault } from '@attesta/vault';
import type { SealerDraft } from './fence.js';

/**
 * Whether an entry is the event that a draft was made of, though its keys were closed since, or somebody in it was forgotten and is somebody new by
 * now. Values that can still be opened are compared; of those that cannot nobody can tell, and who sends again what was sealed is right.
 */
export async function isSameEvent(stored: { bytes: Buffer; cipher: Buffer[] }, draft: SealerDraft, vault: Vault): Promise<boolean> {
  const entry = JSON.parse(stored.bytes.toString('utf8')) as Entry;
  const mine = JSON.parse(draft.before + entry.recordedAt + draft.middle + draft.after) as Entry;
  const [theirs, ours] = [entry.sealed ?? [], mine.sealed ?? []];
  const [them, us] = [peopleOf(entry, entry.subject?.id), peopleOf(mine, draft.subject?.id)];
  if (entry.type !== mine.type || entry.time !== mine.time || said(entry) !== said(mine)) return false;
  if (them.length !== us.length || theirs.length !== ours.length) return false;
  const strangers = them.filter((who, i) => who !== us[i]);
  if (strangers.length === 0 && theirs.every(({ key }, i) => key === ours[i]!.key)) return false;
  await vault.ensure(strangers.map((who) => ({ who, classes: [] })));
  if (!strangers.every((who) => vault.cached(who, [])?.forgotten)) return false;

  const values = draft.checked.abouts.flatMap(({ personal }) => [...personal.values()]);
  const same = await Promise.all(
    theirs.map(async (part, i) => {
      const { subject, key, nonce } = ours[i]!;
      if (classOf(part.key) !== classOf(key)) return false;
      if (part.key === key && part.subject === subject) return part.nonce === nonce;
      const opened = await vault.open(part, stored.cipher[i], entry);
      return opened.status === 'open' ? canonical(opened.values) === canonical(values[i]) : opened.status !== 'altered';
    }),
  );
  return same.every(Boolean);
}

const relatedIn = ({ data }: Entry): Related[] => (data.related ?? []) as Related[];

const peopleOf = (entry: Entry, subject: string | undefined): string[] => [
  ...(subject === undefined ? [] : [subject]),
  ...relatedIn(entry).map((one) => one.subject),
];

/** What it says, whoever of. */
const said = (entry: Entry): string => canonical({ ...entry.data, related: relatedIn(entry).map(({ role }) => role ?? '') });

const classOf = (key: string): string => key.slice(0, key.lastIndexOf('.'));
