import type { Contacts, Erasures, LedgerDirectory } from './directory.js';

const TIMEOUT_MS = 5_000;

type Token = () => string | Promise<string>;

/** The ledger's directory over HTTP, for a service in a process of its own. */
export function httpDirectory(url: string, token: Token): LedgerDirectory {
  const ask = asking(`${url.replace(/\/$/, '')}/v1/directory`, token, "The ledger's directory");
  return {
    subjectsOf: async (refs, enrol) => ((await ask('subjects', { refs, enrol })) as { subjects: Record<string, string | null> }).subjects,
    refsOf: async (subjects) => ((await ask('refs', { subjects })) as { refs: Record<string, string[]> }).refs,
    erasures: async (after, limit) => (await ask('erasures', { after, limit })) as Erasures,
    contactsOf: async (wanted) => ((await ask('contacts', { wanted })) as { contacts: Contacts }).contacts,
  };
}

/** Where whoever made requests may be answered, from the requests service over HTTP; requests without such an address are left out. */
export function httpReplyAddresses(url: string, token: Token): (requests: readonly string[]) => Promise<Record<string, { email: string }>> {
  const ask = asking(`${url.replace(/\/$/, '')}/v1/requests`, token, 'The requests service');
  return async (requests) => ((await ask('reply-addresses', { requests })) as { addresses: Record<string, { email: string }> }).addresses;
}

const asking =
  (base: string, token: Token, who: string) =>
  async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${base}/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`${who} answered ${response.status}`);
    }
    return response.json();
  };
