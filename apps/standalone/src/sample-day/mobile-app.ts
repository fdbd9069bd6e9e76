import { report, type Draft } from '@attesta/sdk';
import { later, type Day, type Scene } from './day.js';
import { NOTICE } from './notice.js';
import { accountOf, PEOPLE } from './people.js';

const account = (i: number): string => accountOf(PEOPLE[i]!);
const device = (i: number): string => `device|m-${3301 + i}`;

const APP_USERS = [0, 3, 5, 7, 10, 11, 14, 18, 20, 23];
const LOCATED = [3, 7, 11, 20];
const SOCIAL = [0, 7, 14, 23];

/** The mobile application: devices, location, linked accounts, sharing. */
export const mobileApp: Scene[] = [
  {
    at: '09:05',
    service: 'mobile-app',
    way: 'sdk-batch',
    story: 'The application is installed and signed in to: device and account belong together from now on (1.4, 2.8)',
    events: (day) => APP_USERS.flatMap((i) => installation(day, i)),
  },
  {
    at: '09:40',
    service: 'mobile-app',
    way: 'batch',
    story: 'Location with consent; two people switch it off in their device (2.9)',
    events: (day) => LOCATED.map((i) => locationConsent(day, i, 'given', 'preference-center', '09:40')),
  },
  {
    at: '09:55',
    service: 'mobile-app',
    way: 'batch',
    story: 'Pharmacies nearby',
    events: (day) =>
      LOCATED.flatMap((i) => [
        report.collection(
          device(i),
          {
            categories: ['location'],
            purposes: ['location-features'],
            basis: 'consent',
            consent: day.position(`location-given-${i}`),
            occasion: 'location-service',
            method: 'location-sensor',
            channel: 'app',
            origin: 'subject',
            personal: { location: { latitude: 13.74 + i / 1000, longitude: 100.53 + i / 1000 } },
          },
          day.on(`located-${i}`, later('09:55', i)),
        ),
        report.use(
          account(i),
          {
            categories: ['location'],
            purposes: ['location-features'],
            basis: 'consent',
            consent: day.position(`location-given-${i}`),
            operation: 'find-pharmacies',
            system: 'store-finder',
          },
          day.on(`nearby-${i}`, later('09:56', i)),
        ),
      ]),
  },
  {
    at: '11:05',
    service: 'mobile-app',
    way: 'sdk',
    story: 'Accounts elsewhere are linked; what the other site sends says where it came from (1.5, 2.8)',
    events: (day) => SOCIAL.flatMap((i) => linkedAccount(day, i)),
  },
  {
    at: '12:30',
    service: 'mobile-app',
    way: 'structured',
    story: 'Friends and family: one event, several people, each with a part of their own (1.3)',
    events: (day) => [
      report.collection(
        account(0),
        {
          categories: ['connections', 'contact'],
          purposes: ['service-fulfilment'],
          basis: 'contract',
          occasion: 'service-access',
          method: 'app',
          channel: 'app',
          origin: 'subject',
          personal: { connections: { group: 'family', members: 2 } },
          related: [
            { subject: account(8), role: 'family-member', personal: { contact: { phone: PEOPLE[8]!.phone } } },
            { subject: account(22), role: 'family-member', personal: { contact: { phone: PEOPLE[22]!.phone } } },
          ],
        },
        day.on('family', '12:30'),
      ),
    ],
  },
  {
    at: '12:40',
    service: 'mobile-app',
    way: 'structured',
    story: 'Users share with others of their own accord (5.2)',
    events: (day) =>
      [0, 5].map((i) =>
        report.disclosure(
          account(i),
          {
            categories: ['transaction', 'location'],
            purposes: ['service-fulfilment'],
            basis: 'contract',
            recipient: 'other-user',
            initiator: 'subject',
            channel: 'app',
            related: [{ subject: account(i + 8), role: 'receiver' }],
          },
          day.on(`shared-${i}`, later('12:40', i)),
        ),
      ),
  },
  {
    at: '15:30',
    service: 'mobile-app',
    way: 'batch',
    story: 'How the application is used',
    events: (day) =>
      APP_USERS.map((i) =>
        report.collection(
          device(i),
          {
            categories: ['usage', 'device'],
            purposes: ['support-and-maintenance'],
            basis: 'legitimate-interest',
            occasion: 'service-access',
            method: 'app',
            channel: 'app',
            origin: 'subject',
            personal: { usage: { minutes: 3 + i } },
          },
          day.on(`usage-${i}`, later('15:30', i)),
        ),
      ),
  },
  {
    at: '17:10',
    service: 'mobile-app',
    way: 'sdk-batch',
    story: 'Location is switched off, an account is unlinked; a late delivery through the old link shows (1.5, 2.9)',
    events: (day) => [
      ...[7, 20].map((i) => locationConsent(day, i, 'withdrawn', 'device_setting', '17:10')),
      report.identifierUnlinked(
        account(14),
        { kind: 'third-party-account', provider: 'social-login', rule: 'user-request', related: [{ subject: social(14), role: 'linked' }] },
        day.on('unlinked-14', '17:20'),
      ),
      fromSocial(day, 14, 'after-unlink-14', '17:45'),
    ],
  },
];

const social = (i: number): string => `social-login|u-${910 + i}`;

function installation(day: Day, i: number): Draft[] {
  const at = later('09:05', i);
  return [
    report.collection(
      device(i),
      {
        categories: ['device'],
        purposes: ['service-fulfilment'],
        basis: 'contract',
        occasion: 'app-installation',
        method: 'app',
        channel: 'app',
        origin: 'subject',
        noticeVersion: NOTICE.version,
        personal: { device: { model: i % 2 === 0 ? 'Pixel 9' : 'Galaxy A56', os: 'Android 15', advertisingId: `ad-${9000 + i}` } },
      },
      day.on(`installed-${i}`, at),
    ),
    report.identifierLinked(
      account(i),
      { kind: 'device', rule: 'login', related: [{ subject: device(i), role: 'linked' }] },
      day.on(`device-${i}`, later(at, 1)),
    ),
  ];
}

function locationConsent(day: Day, i: number, status: 'given' | 'withdrawn', method: string, clock: string): Draft {
  return report.consent(
    account(i),
    { purposes: ['location-features'], status, method, noticeVersion: NOTICE.version, language: 'th', categories: ['location'] },
    day.on(`location-${status}-${i}`, later(clock, LOCATED.indexOf(i))),
  );
}

function linkedAccount(day: Day, i: number): Draft[] {
  return [
    report.identifierLinked(
      account(i),
      { kind: 'third-party-account', provider: 'social-login', rule: 'user-request', related: [{ subject: social(i), role: 'linked' }] },
      day.on(`social-${i}`, later('11:05', i)),
    ),
    fromSocial(day, i, `social-profile-${i}`, later('11:06', i)),
  ];
}

function fromSocial(day: Day, i: number, key: string, clock: string): Draft {
  return report.collection(
    account(i),
    {
      categories: ['linked-account'],
      purposes: ['service-fulfilment'],
      basis: 'contract',
      occasion: 'account-connection',
      method: 'account-link',
      channel: 'partner',
      origin: 'third-party',
      originParty: 'social-login',
      noticeVersion: NOTICE.version,
      personal: { 'linked-account': { profileName: PEOPLE[i]!.nameLatin } },
    },
    day.on(key, clock),
  );
}
