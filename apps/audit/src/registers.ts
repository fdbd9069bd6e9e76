import type { Policy } from '@attesta/policy';
import { accesses } from './access-log.projection.js';
import { amendments } from './amendments.projection.js';
import { breaches } from './breaches.projection.js';
import { choices } from './choices.projection.js';
import { collections } from './collections.projection.js';
import { commonTriggers } from './common-triggers.projection.js';
import { confinedCollections } from './confined-collections.projection.js';
import { consents } from './consents.projection.js';
import { disclosures } from './disclosures.projection.js';
import { disposalEvents } from './disposal-events.projection.js';
import { disposals } from './disposals.projection.js';
import { findingEvents } from './findings.projection.js';
import { flags } from './flags.projection.js';
import { holdEvents } from './holds.projection.js';
import { links } from './links.projection.js';
import { messages } from './messages.projection.js';
import { outboundLinks } from './recipients.projection.js';
import type { Register } from './register.js';
import { requestEvents } from './requests.projection.js';
import { sourceNotices, thirdPartySources } from './third-party-sources.projection.js';
import { subjects, timeline } from './timeline.projection.js';

/** Every register whose rows follow from single entries. Findings are judged from these, and are a register of their own. */
export const registersOf = (policy: Policy): Register[] => [
  timeline,
  subjects,
  links,
  collections,
  disclosures(policy),
  outboundLinks,
  accesses,
  consents,
  flags,
  amendments,
  confinedCollections(policy),
  thirdPartySources(policy),
  sourceNotices,
  disposals,
  messages,
  breaches,
  findingEvents,
  requestEvents,
  disposalEvents,
  holdEvents,
  choices,
  commonTriggers,
];
