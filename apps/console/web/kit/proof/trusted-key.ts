/**
 * The key that this browser checks the log with: the one the operator pinned, else the first that the log gave here, kept for ever after. A log
 * that later shows another key is not believed.
 */
export async function trustedKey(pinned: string | null): Promise<{ key: string; pinned: boolean; changed: boolean }> {
  const given = (await (await fetch('/log/key', { cache: 'no-store' })).text()).trim();
  const kept = pinned?.trim() ?? localStorage.getItem(KEPT) ?? undefined;
  if (kept === undefined) localStorage.setItem(KEPT, given);
  return { key: kept ?? given, pinned: pinned !== null, changed: kept !== undefined && kept !== given };
}

const KEPT = 'attesta.logKey';
