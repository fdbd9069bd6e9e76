import type { Policy } from '@attesta/policy';
import type { Body } from './due.js';
import type { Values } from './templates.js';

/**
 * What a template is given: ids of the policy as a reader knows them, in their language. Everything else stays as it is.
 * @param request its number is what a person refers to
 */
export function valuesOf(policy: Policy, template: string, body: Body, language: 'en' | 'th', request: string | null): Values {
  const reference = request === null ? {} : { reference: referenceOf(request) };
  const title = (item: { id: string; title: string; title_th?: string | undefined } | undefined, id: string): string =>
    item === undefined ? id : language === 'th' ? (item.title_th ?? item.title) : item.title;
  const purposes = (ids: unknown) => (ids as string[] | undefined)?.map((id) => ({ title: title(policy.purposes.get(id), id) }));
  const services = (all: { service: string; effect: 'ends' | 'limited' }[]) =>
    all.map(({ service, effect }) => ({ title: title(policy.services.get(service), service), effect }));
  const categories = (ids: string[]) => ids.map((id) => title(policy.categories.get(id), id)).join(', ');
  const { authority, consequences } = body as { authority?: string; consequences?: string[] };
  const known = {
    ...reference,
    ...(authority !== undefined && { authority: title(policy.parties.get(authority), authority) }),
    ...(typeof body.right === 'string' && { right: title(policy.rights.get(body.right), body.right) }),
  };
  switch (template) {
    case 'request-received':
      return {
        ...defined(body),
        ...known,
        ...(consequences && {
          consequences: services(consequences.map((service) => ({ service, effect: policy.services.get(service)?.effect ?? 'limited' }))),
        }),
      };
    case 'consequences': {
      const { services: ended } = body as { services: { service: string; effect: 'ends' | 'limited' }[] };
      return { withdrawn: purposes(body.purposes) ?? [], services: services(ended) };
    }
    case 'notice-changed': {
      const { url, purposes: told, ...rest } = body as { url?: string; purposes?: string[] };
      return { ...defined(rest), ...(isLink(url) && { url }), ...(told && { purposes: purposes(told) ?? [] }) };
    }
    case 'third-party-source': {
      const { items } = body as { items: { party: string | null; categories: string[]; date: string }[] };
      return {
        items: items.map(({ party, categories: ids, date }) => ({
          from: party === null ? ANOTHER[language] : title(policy.parties.get(party), party),
          what: categories(ids),
          date,
        })),
        purposes: purposes(body.purposes) ?? [],
      };
    }
    case 'breach':
      return { ...defined(body), ...reference };
    default:
      return { ...defined(body), ...known };
  }
}

/** Who gave the data, where the entry does not say. */
const ANOTHER = { en: 'a third party', th: 'บุคคลภายนอก' } as const;

/** As templates take links: whatever else a notice names is left out, and the notice is told all the same. */
function isLink(url: string | undefined): boolean {
  if (url === undefined || url.length > 2_000 || !URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  return protocol === 'https:' && username === '' && password === '';
}

/** What a request is called in subject lines: an answer that still has it there belongs to the request. */
export const referenceOf = (request: string): string => `[REQ-${request}]`;

const defined = (body: Body): Values => Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as Values;
