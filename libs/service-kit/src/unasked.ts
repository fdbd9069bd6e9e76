const unasked = (): Promise<never> => Promise.reject(new Error('Nobody is asked while a database is restored.'));

/** What a service has of others while its database is built from the ledger's log: nothing. */
export const UNASKED = {
  feed: { subscribe: unasked },
  directory: { subjectsOf: unasked, refsOf: unasked, erasures: unasked, contactsOf: unasked },
  pepper: new Uint8Array(32),
  fetchLog: unasked,
  verifierKey: unasked,
};
