import type { PersonRecord, RecordedChoice } from './record.js';

/** Consent statuses of the W3C Data Privacy Vocabulary; `none` where nobody was ever asked. */
export type ConsentStatus =
  'none' | 'requested' | 'deferred' | 'refused' | 'given' | 'renewed' | 'expired' | 'withdrawn' | 'revoked' | 'invalidated';

/** Their names in the DPV. */
export const DPV: Readonly<Record<ConsentStatus, string | null>> = {
  none: null,
  requested: 'ConsentRequested',
  deferred: 'ConsentRequestDeferred',
  refused: 'ConsentRefused',
  given: 'ConsentGiven',
  renewed: 'RenewedConsentGiven',
  expired: 'ConsentExpired',
  withdrawn: 'ConsentWithdrawn',
  revoked: 'ConsentRevoked',
  invalidated: 'ConsentInvalidated',
};

export const inForce = (status: ConsentStatus): boolean => status === 'given' || status === 'renewed';

export interface Standing {
  status: ConsentStatus;
  /** The choice it rests on. */
  choice?: RecordedChoice;
  /** The no that no valid yes has followed. To be asked again, or to give an invalid yes, does not undo it. */
  no?: RecordedChoice;
}

export interface ConsentQuestion {
  purpose: string;
  /** Without one, a choice about any channel counts as a yes, and only one about all of them as a no. */
  channel?: string | undefined;
  /** Without one, likewise. */
  category?: string | undefined;
  /** The category needs explicit consent: what was given in general terms does not cover it. */
  sensitive?: boolean;
  /** Milliseconds. */
  at: number;
}

/** Where a consent stands at an instant. Pure over the record: the later choice prevails, an invalid yes changes nothing that held before it. */
export function standingOf(record: PersonRecord, question: ConsentQuestion): Standing {
  let standing: Standing = { status: 'none' };
  let force: RecordedChoice | undefined;
  let no: RecordedChoice | undefined;
  for (const choice of record.choices) {
    if (choice.purpose !== question.purpose || choice.at > question.at || !covers(choice, question)) continue;
    if (force && expired(force, choice.at)) force = undefined;
    switch (choice.status) {
      case 'given':
        if (choice.invalid !== undefined) {
          if (!force) standing = { status: 'invalidated', choice };
          break;
        }
        standing = { status: force ? 'renewed' : 'given', choice };
        force = choice;
        no = undefined;
        break;
      case 'refused':
      case 'withdrawn':
        force = undefined;
        no = choice;
        standing = { status: endedAs(choice), choice };
        break;
      case 'requested':
      case 'deferred':
        if (!force && standing.status !== 'refused') standing = { status: choice.status, choice };
    }
  }
  if (force && expired(force, question.at)) return { status: 'expired', choice: force };
  return no ? { ...standing, no } : standing;
}

const endedAs = ({ status, by }: RecordedChoice): ConsentStatus =>
  status === 'refused' ? 'refused' : by === 'controller' ? 'revoked' : 'withdrawn';

const expired = ({ expiresAt }: RecordedChoice, at: number) => expiresAt !== undefined && expiresAt <= at;

/** A yes covers what it names, or everything when it names nothing; so does a no, but a partial no is none about the whole. */
function covers({ status, channels, categories, explicit }: RecordedChoice, { channel, category, sensitive }: ConsentQuestion): boolean {
  const yes = status === 'given';
  if (channels !== undefined && (yes || channels.length > 0)) {
    if (channel === undefined ? !yes || channels.length === 0 : !channels.includes(channel)) return false;
  }
  if (categories !== undefined) {
    if (category === undefined ? !yes : !categories.includes(category)) return false;
  }
  return !(yes && sensitive === true && explicit !== true);
}
