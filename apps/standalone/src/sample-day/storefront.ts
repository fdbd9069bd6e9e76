import { VERIFIED_ADDRESS } from '@attesta/events';
import { report, type Draft } from '@attesta/sdk';
import { later, type Day, type Scene } from './day.js';
import { NOTICE } from './notice.js';
import { accountOf, PEOPLE, type Person } from './people.js';
import { uses } from './uses.js';

const person = (i: number): Person => PEOPLE[i]!;
const visitor = (i: number): string => `cookie|v-${7001 + i}`;
const notice = { version: NOTICE.version, language: NOTICE.language };

const VISITORS = range(0, 14);
const NEWCOMERS = range(0, 11);
const BUYERS = [0, 1, 2, 3, 4, 5, 6, 8, 9, 12, 13, 15, 16, 17, 19, 21, 24];
/** Those who refused analytics cookies. */
const REFUSERS = new Set([2, 7, 11]);

/** The web shop: visitors, registrations, orders, promotions and what follows from them. */
export const storefront: Scene[] = [
  {
    at: '05:50',
    service: 'storefront',
    way: 'structured',
    story: 'The shop puts its privacy notice online',
    events: (day) => [
      report.noticePublished(
        { ...notice, digest: NOTICE.sha256, effectiveAt: '2022-08-10T00:00:00+07:00', uri: 'https://m-med.example/privacy' },
        day.on('notice', '05:50'),
      ),
      {
        type: 'attesta.notice.communicated.v1',
        data: { ...notice, channel: 'web', template: 'footer-link', about: 'notice' },
        ...day.on('notice-shown', '05:52'),
      },
    ],
  },
  {
    at: '06:10',
    service: 'storefront',
    way: 'batch',
    story: 'Visitors answer the cookie banner, then read pages and advertisements (2.3, 3.2, 3.3, 3.4)',
    events: (day) => VISITORS.flatMap((i) => visit(day, i)),
  },
  {
    at: '08:05',
    service: 'storefront',
    way: 'sdk-batch',
    story: 'People register and acknowledge the notice; the browser they came with and the address they proved become theirs (2.1, 3.2)',
    events: (day) => NEWCOMERS.flatMap((i) => registration(day, i)),
  },
  {
    at: '10:00',
    service: 'storefront',
    way: 'sdk-batch',
    story: 'Orders: the card payment goes to its provider, the parcel to the carrier (1.8, 2.5, 2.7)',
    events: (day) => BUYERS.flatMap((i, n) => order(day, i, n)),
  },
  {
    at: '13:20',
    service: 'storefront',
    way: 'sdk-batch',
    story: 'A promotion together with a partner (2.6)',
    events: (day) =>
      [1, 3, 5, 9].flatMap((i): Draft[] => {
        const common = { categories: ['contact'], purposes: ['marketing'], basis: 'consent', context: { promotion: 'vitamin-week' } };
        const consent = day.position(`marketing-${i}`);
        return [
          report.collection(
            accountOf(person(i)),
            {
              ...common,
              occasion: 'promotion',
              method: 'online-form',
              channel: 'web',
              origin: 'subject',
              noticeVersion: NOTICE.version,
              consent,
              personal: { contact: { email: person(i).email } },
            },
            day.on(`promotion-${i}`, later('13:20', i)),
          ),
          report.disclosure(
            accountOf(person(i)),
            { ...common, recipient: 'promotion-partner', initiator: 'controller', consent },
            day.on(`promotion-shared-${i}`, later('13:21', i)),
          ),
        ];
      }),
  },
  {
    at: '14:10',
    service: 'storefront',
    way: 'sdk-batch',
    story: 'What the company does with the data it has (4.1 to 4.10)',
    events: (day) => BUYERS.flatMap((i) => uses(day, i)),
  },
  {
    at: '16:45',
    service: 'storefront',
    way: 'binary',
    story: 'Links lead out of the shop; nothing about the visitor goes along (6.4)',
    events: (day) =>
      ['/articles/sleep', '/articles/diabetes', '/articles/vaccines', '/partners', '/help/payments', '/articles/first-aid'].map((page, i) =>
        report.outboundLink({ recipient: 'linked-site', page }, day.on(`outbound-${i}`, later('16:45', i))),
      ),
  },
  {
    at: '18:00',
    service: 'storefront',
    way: 'sdk-batch',
    story: 'People unsubscribe; one mail is on its way all the same, and stays visible as what it is (7.6, 8.1)',
    events: (day) => [
      ...[1, 9].map((i) =>
        report.consent(
          accountOf(person(i)),
          { purposes: ['marketing'], status: 'withdrawn', method: 'unsubscribe-link', noticeVersion: NOTICE.version, language: 'th' },
          day.on(`unsubscribed-${i}`, later('18:00', i)),
        ),
      ),
      report.use(
        accountOf(person(9)),
        {
          categories: ['contact'],
          purposes: ['marketing'],
          basis: 'consent',
          consent: day.position('marketing-9'),
          operation: 'send-newsletter',
          system: 'mailer',
        },
        day.on('mail-too-late', '18:40'),
      ),
    ],
  },
];

function visit(day: Day, i: number): Draft[] {
  const at = later('06:10', i * 7);
  const allowed = !REFUSERS.has(i);
  const consent = report.consent(
    visitor(i),
    {
      purposes: ['analytics-cookies'],
      status: allowed ? 'given' : 'refused',
      method: i === 11 ? 'gpc' : 'cookie-banner',
      noticeVersion: NOTICE.version,
      language: 'th',
    },
    day.on(`cookies-${i}`, at),
  );
  const seen = report.collection(
    visitor(i),
    {
      categories: ['page-view', 'device'],
      purposes: ['identity-and-security'],
      basis: 'legitimate-interest',
      occasion: 'visit',
      method: i % 3 === 2 ? 'content-and-ads' : 'page-view',
      channel: 'web',
      origin: 'subject',
      noticeVersion: NOTICE.version,
      context: { visit: `v${7001 + i}-1`, page: '/vitamins' },
      personal: { device: { ip: `198.51.100.${20 + i}`, os: i % 2 === 0 ? 'Android 15' : 'Windows 11' } },
    },
    day.on(`view-${i}`, later(at, 1)),
  );
  if (!allowed) return [consent, seen];
  return [
    consent,
    seen,
    report.collection(
      visitor(i),
      {
        categories: ['cookie'],
        purposes: ['analytics-cookies'],
        basis: 'consent',
        occasion: 'interaction',
        method: 'cookie',
        channel: 'web',
        origin: 'subject',
        noticeVersion: NOTICE.version,
        context: { page: '/vitamins' },
      },
      day.on(`cookie-${i}`, later(at, 2)),
    ),
  ];
}

function registration(day: Day, i: number): Draft[] {
  const { name, gender, birthDate, email, phone } = person(i);
  const subject = accountOf(person(i));
  const at = later('08:05', i * 9);
  const marketing = i % 2 === 1;
  const consentTo = (purpose: string, key: string, channels?: string[]) =>
    report.consent(
      subject,
      {
        purposes: [purpose],
        status: 'given',
        method: 'checkbox',
        noticeVersion: NOTICE.version,
        language: 'th',
        ...(channels && { channelPreferences: channels }),
      },
      day.on(`${key}-${i}`, later(at, 2)),
    );
  return [
    report.collection(
      subject,
      {
        categories: ['identity', 'contact', 'account'],
        purposes: ['service-fulfilment'],
        basis: 'contract',
        occasion: 'registration',
        method: 'online-form',
        channel: 'web',
        origin: 'subject',
        noticeVersion: NOTICE.version,
        context: { form: 'registration' },
        personal: { identity: { name, gender, birthDate }, contact: { email, phone } },
      },
      day.on(`registration-${i}`, at),
    ),
    report.noticeAcknowledged(subject, { ...notice, method: 'checkbox' }, day.on(`acknowledged-${i}`, later(at, 1))),
    report.identifierLinked(
      subject,
      { kind: 'visitor', rule: 'login', related: [{ subject: visitor(i), role: 'linked' }] },
      day.on(`login-${i}`, later(at, 1)),
    ),
    // The code that the shop mailed was typed in: whoever reads this mail is the person, in the privacy center too.
    report.identifierLinked(
      subject,
      { kind: 'contact', rule: VERIFIED_ADDRESS, related: [{ subject: `email|${email}`, role: 'linked' }] },
      day.on(`address-${i}`, later(at, 2)),
    ),
    consentTo('personalisation', 'personalisation'),
    ...(marketing ? [consentTo('marketing', 'marketing', i % 4 === 1 ? ['email'] : ['email', 'sms'])] : []),
  ];
}

function order(day: Day, i: number, n: number): Draft[] {
  const { name, address, phone } = person(i);
  const subject = accountOf(person(i));
  const at = later('10:00', n * 8);
  const context = { order: `order-${2041 + n}` };
  const lawful = { purposes: ['service-fulfilment'], basis: 'contract', context };
  return [
    report.collection(
      subject,
      {
        ...lawful,
        categories: ['transaction', 'payment', 'address'],
        occasion: 'transaction',
        method: 'checkout',
        channel: n % 3 === 0 ? 'app' : 'web',
        origin: 'subject',
        noticeVersion: NOTICE.version,
        personal: { transaction: { items: 1 + (n % 4), totalThb: 290 + n * 115 }, address: { recipient: name, address } },
      },
      day.on(`order-${i}`, at),
    ),
    // The buyer leaves for the provider's page and types the card number there: it never reaches us.
    report.disclosure(
      subject,
      { ...lawful, categories: ['payment'], recipient: 'payment-provider', initiator: 'subject', channel: 'web' },
      day.on(`card-payment-${i}`, later(at, 2)),
    ),
    report.disclosure(
      subject,
      {
        ...lawful,
        categories: ['address', 'contact'],
        recipient: 'logistics-provider',
        initiator: 'controller',
        channel: 'system',
        personal: { address: { recipient: name, address }, contact: { phone } },
      },
      day.on(`parcel-${i}`, later(at, 5)),
    ),
  ];
}

/** from up to but not including to. */
function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
