import type { CollectionRecorded, DisclosureRecorded } from '@attesta/events';
import { report, type Draft } from '@attesta/sdk';

export const NOTICE_VERSION = '2022-08-10';

type Extras = { time?: string; id?: string };

/** A collection on the website under contract, but for what the clause is about. */
export function collected(subject: string, about: Partial<CollectionRecorded>, extras: Extras = {}): Draft {
  return report.collection(
    subject,
    {
      categories: ['contact'],
      purposes: ['service-fulfilment'],
      basis: 'contract',
      occasion: 'interaction',
      method: 'online-form',
      channel: 'web',
      origin: 'subject',
      noticeVersion: NOTICE_VERSION,
      ...about,
    },
    extras,
  );
}

/** A disclosure under contract, started by the controller, but for what the clause is about. */
export function disclosed(subject: string, about: Partial<DisclosureRecorded> & Pick<DisclosureRecorded, 'recipient'>): Draft {
  return report.disclosure(subject, {
    categories: ['contact'],
    purposes: ['service-fulfilment'],
    basis: 'contract',
    initiator: 'controller',
    ...about,
  });
}

export function consented(subject: string, purpose: string, status: 'given' | 'withdrawn', method = 'preference-center'): Draft {
  return report.consent(subject, { purposes: [purpose], status, method, noticeVersion: NOTICE_VERSION, language: 'en' });
}

type LinkKind = 'device' | 'visitor' | 'third-party-account';

export function linked(person: string, identity: string, kind: LinkKind, rule = 'login'): Draft {
  return report.identifierLinked(person, { kind, rule, related: [{ subject: identity, role: 'linked' }] });
}

export function unlinked(person: string, identity: string, kind: LinkKind): Draft {
  return report.identifierUnlinked(person, { kind, rule: 'user-request', related: [{ subject: identity, role: 'linked' }] });
}
