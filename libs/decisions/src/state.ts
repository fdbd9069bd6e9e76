import { amended, loadPolicy, type Amendment, type Policy, type PolicySource } from '@attesta/policy';
import type { PersonRecord } from './record.js';

/** What the consent service tells everybody who decides for themselves: the newest state under each key (topic `attesta.consent-state.v1`, compacted). */
export interface StateChange {
  /** A subject id, or POLICY_KEY. */
  key: string;
  /** Grows with every change, of whatever key; of one key only the newest counts. */
  changed: number;
  /** Null: forgotten. */
  state: PersonState | PolicyState | null;
}

export interface PersonState {
  /** The refs the person is known by, so that whoever holds the pepper finds them by identifier. */
  refs: string[];
  record: PersonRecord;
}

/** The policy file as data, and what was published and registered since. */
export interface PolicyState {
  source: PolicySource;
  amendments: Amendment[];
}

export const POLICY_KEY = 'policy';

/** The policy that a state carries. @throws PolicyError when it is none */
export const policyOf = ({ source, amendments }: PolicyState): Policy => amended(loadPolicy(source), amendments);
