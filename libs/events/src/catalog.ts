import type { Static } from '@sinclair/typebox';
import { collectionRecorded, disclosureRecorded, outboundLinkRecorded, useRecorded } from './catalog/collection.js';
import {
  consentCaptured,
  consentDeferred,
  consentExpired,
  consentGiven,
  consentInvalidated,
  consentRefused,
  consentRenewed,
  consentRequested,
  consentRevoked,
  consentWithdrawn,
  consequencesCommunicated,
  serviceEnded,
  withdrawalAcknowledged,
} from './catalog/consent.js';
import { identifierLinked, identifierUnlinked } from './catalog/identifier.js';
import { noticeAcknowledged, noticeCommunicated, noticePublished, purposeQuarantined, purposeRegistered } from './catalog/notice.js';
import { accessRecorded, findingRaised, findingResolved, keyDestroyed } from './catalog/oversight.js';
import {
  ageAttested,
  guardianEnded,
  guardianRecorded,
  objectionDecided,
  objectionRaised,
  objectionWithdrawn,
  restrictionLifted,
  restrictionPlaced,
} from './catalog/rights.js';
import { EventRegistry } from './registry.js';

const catalog = [
  collectionRecorded,
  useRecorded,
  disclosureRecorded,
  outboundLinkRecorded,
  consentCaptured,
  consentGiven,
  consentRenewed,
  consentWithdrawn,
  consentRevoked,
  consentRefused,
  consentExpired,
  consentInvalidated,
  consentRequested,
  consentDeferred,
  withdrawalAcknowledged,
  consequencesCommunicated,
  serviceEnded,
  objectionRaised,
  objectionDecided,
  objectionWithdrawn,
  restrictionPlaced,
  restrictionLifted,
  ageAttested,
  guardianRecorded,
  guardianEnded,
  noticePublished,
  noticeCommunicated,
  noticeAcknowledged,
  purposeQuarantined,
  purposeRegistered,
  identifierLinked,
  identifierUnlinked,
  accessRecorded,
  findingRaised,
  findingResolved,
  keyDestroyed,
] as const;

type Catalog = (typeof catalog)[number];

/** Event type name -> its data, e.g. `EventTypes['attesta.use.recorded.v1']`. */
export type EventTypes = { [D in Catalog as D['type']]: Static<D['dataSchema']> };
export type EventType = keyof EventTypes;

/** Every event type that Attesta knows. */
export const events = new EventRegistry(catalog);
