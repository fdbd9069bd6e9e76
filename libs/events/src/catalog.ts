import type { Static } from '@sinclair/typebox';
import { collectionRecorded, disclosureRecorded, outboundLinkRecorded, useRecorded } from './catalog/collection.js';
import { consentCaptured, consentGiven, consentWithdrawn } from './catalog/consent.js';
import { identifierLinked, identifierUnlinked } from './catalog/identifier.js';
import { noticeAcknowledged, noticeCommunicated, noticePublished } from './catalog/notice.js';
import { accessRecorded, findingRaised, findingResolved, keyDestroyed } from './catalog/oversight.js';
import { EventRegistry } from './registry.js';

const catalog = [
  collectionRecorded,
  useRecorded,
  disclosureRecorded,
  outboundLinkRecorded,
  consentCaptured,
  consentGiven,
  consentWithdrawn,
  noticePublished,
  noticeCommunicated,
  noticeAcknowledged,
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
