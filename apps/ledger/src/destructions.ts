import type { Vault } from '@attesta/vault';

import type { Sealer } from './sealer.js';

/** CloudEvents source of what the ledger itself reports. */
export const LEDGER_SOURCE = '//attesta/ledger';

/**
 * Seals a key.destroyed event for every destruction the log does not know yet: right after one, and at each start, in case a crash came between.
 * The event's id is the destruction's, so telling twice seals once.
 * @returns position by destruction id
 */
export async function tellDestructions(vault: Vault, sealer: Sealer): Promise<Map<string, number>> {
  const positions = new Map<string, number>();
  for (const { id, at, subject, keys, whole, reason, actor } of await vault.untold()) {
    const [receipt] = await sealer.submit(
      [
        {
          specversion: '1.0',
          id,
          source: LEDGER_SOURCE,
          type: 'attesta.key.destroyed.v1',
          time: at,
          subject,
          ...(actor !== null && { actor }),
          data: { keys: keys.map((key) => ({ subject, key })), scope: whole ? 'subject' : 'class', reason, method: 'crypto-shredding' },
        },
      ],
      { transport: 'internal' },
    );
    if (receipt?.position === undefined)
      throw new Error('the destruction of keys could not be sealed; it is tried again at the next start');
    await vault.told(id);
    positions.set(id, receipt.position);
  }
  return positions;
}
