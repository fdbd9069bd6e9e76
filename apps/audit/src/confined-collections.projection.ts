import type { CollectionRecorded } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import { confinedMethods } from './fact-index.js';
import { defineRegister } from './register.js';

export const CONFINED = 'confined-collections';

/** The few collections whose method confines their data to some recipients, such as surveys (notice clause 3.1); findings ask for them. */
export const confinedCollections = (policy: Policy) => {
  const confined = new Set(confinedMethods(policy));
  return defineRegister({
    name: CONFINED,
    table: 'confined_collection',
    columns: { position: 'int8', subject: 'uuid', method: 'text', categories: 'texts' },
    order: [],
    rows({ position, entry, name, data }) {
      const { method, categories } = data as CollectionRecorded;
      if (name !== 'attesta.collection.recorded' || !confined.has(method)) return [];
      return [{ position, subject: entry.subject!.id, method, categories }];
    },
  });
};
