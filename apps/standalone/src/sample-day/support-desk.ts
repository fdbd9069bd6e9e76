import { report, type Draft } from '@attesta/sdk';
import { later, type Day, type Scene } from './day.js';
import { NOTICE } from './notice.js';
import { accountOf, PEOPLE, type Person } from './people.js';
import { abroad, disclosed, toAuthority } from './recipients.js';

const person = (i: number): Person => PEOPLE[i]!;
const account = (i: number): string => accountOf(person(i));
const fromSubject = { origin: 'subject', noticeVersion: NOTICE.version } as const;

/** Counter, telephone, letters, and the data protection officer's desk: everything with paper or a voice in it. */
export const supportDesk: Scene[] = [
  {
    at: '08:30',
    service: 'support-desk',
    way: 'sdk-batch',
    story: 'Paper membership forms of the last fortnight are typed in: they happened then and are recorded now (2.2)',
    events: (day) => [12, 13, 16, 18, 22].map((i, n) => paperForm(day, i, 13 - 2 * n)),
  },
  {
    at: '09:20',
    service: 'support-desk',
    way: 'sdk',
    story: 'Identity papers, an agreement and a bank account for refunds (1.1, 2.3)',
    events: (day) => [
      identityPaper(day, 6),
      identityPaper(day, 15),
      report.collection(
        account(6),
        {
          ...fromSubject,
          categories: ['identity', 'bank-account'],
          purposes: ['service-fulfilment'],
          basis: 'contract',
          occasion: 'agreement',
          method: 'document',
          channel: 'in-person',
          context: { agreement: 'reseller-2026-14' },
          personal: { identity: { name: person(6).name }, 'bank-account': { bank: 'KBank', accountNumber: '012-3-45678-9' } },
        },
        day.on('agreement-6', '09:50'),
      ),
    ],
  },
  {
    at: '10:20',
    service: 'support-desk',
    way: 'sdk',
    story: 'Calls, mails, complaints, a visit, a service at the counter (2.3 to 2.5, 2.7)',
    events: (day) => [
      contact(day, 4, 'phone', '10:20'),
      contact(day, 9, 'phone', '10:35'),
      contact(day, 20, 'phone', '10:50'),
      contact(day, 2, 'email', '11:15'),
      contact(day, 24, 'email', '11:40'),
      complaint(day, 8, 'complaint', '13:05'),
      complaint(day, 17, 'feedback', '13:30'),
      report.collection(
        account(21),
        {
          ...fromSubject,
          categories: ['identity', 'communications'],
          purposes: ['support-and-maintenance'],
          basis: 'contract',
          occasion: 'visit',
          method: 'in-person',
          channel: 'in-person',
          context: { visit: 'counter-118' },
        },
        day.on('counter-21', '14:00'),
      ),
      report.collection(
        account(15),
        {
          ...fromSubject,
          categories: ['identity', 'payment'],
          purposes: ['service-fulfilment'],
          basis: 'contract',
          occasion: 'on-site-service',
          method: 'on-site-provider',
          channel: 'in-person',
          context: { order: 'order-2101' },
          personal: { identity: { name: person(15).name }, payment: { terminal: 'front-2', approved: true } },
        },
        day.on('on-site-15', '14:20'),
      ),
    ],
  },
  {
    at: '11:00',
    service: 'support-desk',
    way: 'sdk',
    story: 'A consultation: health data by explicit consent alone (PDPA s.26)',
    events: (day) => [
      report.consent(
        account(4),
        {
          purposes: ['service-fulfilment'],
          status: 'given',
          method: 'paper-form',
          noticeVersion: NOTICE.version,
          language: 'th',
          categories: ['health'],
          explicit: true,
        },
        day.on('health-consent-4', '11:00'),
      ),
    ],
  },
  {
    at: '11:20',
    service: 'support-desk',
    way: 'sdk',
    story: 'The consultation form',
    events: (day) => [
      report.collection(
        account(4),
        {
          ...fromSubject,
          categories: ['health'],
          purposes: ['service-fulfilment'],
          basis: 'explicit-consent',
          consent: day.position('health-consent-4'),
          occasion: 'form',
          method: 'paper-form',
          channel: 'paper',
          context: { form: 'consultation' },
          personal: { health: { allergy: 'เพนิซิลลิน', bloodGroup: 'B' } },
        },
        day.on('health-4', '11:20'),
      ),
    ],
  },
  {
    at: '13:00',
    service: 'support-desk',
    way: 'sdk-batch',
    story: 'A group company and an advertiser supply data about people (1.6)',
    events: (day) => [
      ...[12, 15, 18].map((i) => supplied(day, i, 'group-company', ['contact', 'third-party-activity'])),
      ...[19, 22].map((i) => supplied(day, i, 'advertiser', ['third-party-activity'])),
    ],
  },
  {
    at: '15:00',
    service: 'support-desk',
    way: 'sdk-batch',
    story: 'Two of them are told where the data came from (PDPA s.25)',
    events: (day) =>
      [12, 15].map((i) =>
        report.noticeCommunicated(
          account(i),
          {
            version: NOTICE.version,
            language: NOTICE.language,
            channel: 'email',
            template: 'third-party-source',
            about: 'third-party-source',
            covers: [day.position(`supplied-${i}`)],
          },
          day.on(`told-${i}`, later('15:00', i)),
        ),
      ),
  },
  {
    at: '15:20',
    service: 'support-desk',
    way: 'sdk-batch',
    story: 'Everybody else who receives data, with country and ground (2.7, 4.5, 4.9, 5.3; PDPA s.28)',
    events: (day) => [
      ...[0, 3, 8].map((i) => abroad(day, i, 'group-company-abroad', 'service-fulfilment', 'contract', 'group-policy')),
      ...[1, 5, 16].map((i) => abroad(day, i, 'message-delivery', 'communication', 'contract', 'appropriate-safeguards')),
      ...[2, 13, 24].map((i) => abroad(day, i, 'cloud-hosting', 'statistics-and-records', 'legitimate-interest', 'appropriate-safeguards')),
      ...[4, 9].map((i) => disclosed(day, i, 'call-center', ['contact', 'communications'], 'support-and-maintenance')),
      ...[6, 15].map((i) => disclosed(day, i, 'on-site-payment', ['payment'], 'service-fulfilment')),
      disclosed(day, 6, 'bank', ['bank-account'], 'service-fulfilment'),
      disclosed(day, 17, 'professional-adviser', ['feedback'], 'service-fulfilment'),
    ],
  },
  {
    at: '16:00',
    service: 'support-desk',
    way: 'structured',
    story: 'Authorities ask with a citation, and get what the law says (4.8)',
    events: (day) => [
      toAuthority(day, 13, 'revenue-department', ['transaction', 'identity'], 'Revenue Code s.86/4: full tax invoice'),
      toAuthority(day, 21, 'revenue-department', ['transaction', 'identity'], 'Revenue Code s.86/4: full tax invoice'),
      toAuthority(day, 2, 'police', ['device', 'page-view'], 'Computer Crime Act B.E. 2550 s.18, order 114/2569'),
    ],
  },
  {
    at: '16:20',
    service: 'support-desk',
    way: 'sdk',
    story: 'A letter to the data protection officer withdraws a consent (1.7, 7.6)',
    events: (day) => [
      report.consent(
        account(6),
        {
          purposes: ['research-and-improvement'],
          status: 'withdrawn',
          method: 'letter',
          noticeVersion: NOTICE.version,
          language: 'th',
          evidence: { kind: 'letter', digest: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c' },
        },
        day.on('letter-6', '16:20'),
      ),
    ],
  },
];

function paperForm(day: Day, i: number, daysAgo: number): Draft {
  const { name, address, phone } = person(i);
  return report.collection(
    account(i),
    {
      ...fromSubject,
      categories: ['identity', 'address', 'contact'],
      purposes: ['service-fulfilment'],
      basis: 'contract',
      occasion: 'form',
      method: 'paper-form',
      channel: 'paper',
      context: { form: 'membership' },
      personal: { identity: { name }, address: { address }, contact: { phone } },
    },
    day.on(`paper-${i}`, '15:30', daysAgo),
  );
}

function identityPaper(day: Day, i: number): Draft {
  const { name, birthDate, nationalId } = person(i);
  return report.collection(
    account(i),
    {
      ...fromSubject,
      categories: ['identity', 'official-identifier'],
      purposes: ['identity-and-security'],
      basis: 'legitimate-interest',
      occasion: 'document',
      method: 'document',
      channel: 'in-person',
      context: { document: 'id-card-copy' },
      personal: { identity: { name, birthDate }, 'official-identifier': { nationalId } },
    },
    day.on(`id-card-${i}`, later('09:20', i)),
  );
}

function contact(day: Day, i: number, by: 'phone' | 'email', clock: string): Draft {
  const { email, phone } = person(i);
  return report.collection(
    account(i),
    {
      ...fromSubject,
      categories: ['contact', 'communications'],
      purposes: ['support-and-maintenance'],
      basis: 'contract',
      occasion: 'interaction',
      method: by,
      channel: by,
      personal: {
        contact: by === 'phone' ? { phone } : { email },
        communications: { summary: by === 'phone' ? 'สอบถามสถานะพัสดุ' : 'ขอใบเสร็จรับเงินใหม่' },
      },
    },
    day.on(`${by}-${i}`, clock),
  );
}

function complaint(day: Day, i: number, occasion: 'complaint' | 'feedback', clock: string): Draft {
  return report.collection(
    account(i),
    {
      ...fromSubject,
      categories: ['feedback'],
      purposes: ['support-and-maintenance'],
      basis: 'contract',
      occasion,
      method: 'online-form',
      channel: 'web',
      personal: { feedback: { text: occasion === 'complaint' ? 'สินค้าชำรุดระหว่างขนส่ง' : 'บริการดีมาก' } },
    },
    day.on(`${occasion}-${i}`, clock),
  );
}

function supplied(day: Day, i: number, originParty: string, categories: string[]): Draft {
  return report.collection(
    account(i),
    {
      categories,
      purposes: ['fraud-prevention'],
      basis: 'legitimate-interest',
      occasion: 'partner-supply',
      method: 'partner-feed',
      channel: 'partner',
      origin: 'third-party',
      originParty,
      personal: { 'third-party-activity': { activity: 'bought-vitamins' } },
    },
    day.on(`supplied-${i}`, later('13:00', i)),
  );
}
