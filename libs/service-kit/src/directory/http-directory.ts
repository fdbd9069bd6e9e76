import type { Erasures, LedgerDirectory } from './directory.js';

const TIMEOUT_MS = 5_000;

/** The ledger's directory over HTTP, for a service in a process of its own. */
export function httpDirectory(url: string, token: () => string | Promise<string>): LedgerDirectory {
  const ask = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${url.replace(/\/$/, '')}/v1/directory/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`The ledger's directory answered ${response.status}`);
    }
    return response.json();
  };
  return {
    subjectsOf: async (refs, enrol) => ((await ask('subjects', { refs, enrol })) as { subjects: Record<string, string | null> }).subjects,
    refsOf: async (subjects) => ((await ask('refs', { subjects })) as { refs: Record<string, string[]> }).refs,
    erasures: async (after, limit) => (await ask('erasures', { after, limit })) as Erasures,
  };
}
