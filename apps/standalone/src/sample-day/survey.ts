import { report } from '@attesta/sdk';
import { later, type Scene } from './day.js';
import { NOTICE } from './notice.js';
import { accountOf, PEOPLE } from './people.js';

const account = (i: number): string => accountOf(PEOPLE[i]!);
const ANSWERED = [2, 4, 6, 10, 13, 16, 19, 21];
const survey = { survey: 'satisfaction-q4' };

/** The survey team: voluntary, by consent, with one contractor who runs it (3.1). */
export const surveys: Scene[] = [
  {
    at: '11:30',
    service: 'survey',
    way: 'batch',
    story: 'People agree to take part',
    events: (day) =>
      ANSWERED.map((i) =>
        report.consent(
          account(i),
          {
            purposes: ['research-and-improvement'],
            status: 'given',
            method: 'survey',
            noticeVersion: NOTICE.version,
            language: 'th',
            validFor: 'P1Y',
          },
          day.on(`survey-agreed-${i}`, later('11:30', i)),
        ),
      ),
  },
  {
    at: '12:00',
    service: 'survey',
    way: 'batch',
    story: 'They answer, and the contractor who runs the survey gets the answers',
    events: (day) =>
      ANSWERED.flatMap((i) => {
        const lawful = {
          purposes: ['research-and-improvement'],
          basis: 'consent',
          consent: day.position(`survey-agreed-${i}`),
          context: survey,
        };
        return [
          report.collection(
            account(i),
            {
              ...lawful,
              categories: ['survey-answer', 'demographics'],
              occasion: 'survey',
              method: 'survey',
              channel: 'web',
              origin: 'subject',
              noticeVersion: NOTICE.version,
              personal: {
                'survey-answer': { satisfied: 1 + (i % 5), wish: 'ส่งเร็วขึ้น' },
                demographics: { ageGroup: i % 2 === 0 ? '35-44' : '45-54' },
              },
            },
            day.on(`answered-${i}`, later('12:00', i)),
          ),
          report.disclosure(
            account(i),
            { ...lawful, categories: ['survey-answer'], recipient: 'survey-contractor', initiator: 'controller', channel: 'system' },
            day.on(`answers-sent-${i}`, later('12:10', i)),
          ),
        ];
      }),
  },
  {
    at: '17:00',
    service: 'survey',
    way: 'binary',
    story: 'Aggregate figures: about nobody in particular (4.6, 4.9)',
    events: (day) => [
      {
        type: 'attesta.use.recorded.v1',
        data: {
          categories: ['survey-answer', 'demographics'],
          purposes: ['research-and-improvement'],
          basis: 'legitimate-interest',
          operation: 'aggregate-satisfaction',
          system: 'survey-reports',
        },
        ...day.on('aggregate-survey', '17:00'),
      },
      {
        type: 'attesta.use.recorded.v1',
        data: {
          categories: ['transaction'],
          purposes: ['statistics-and-records'],
          basis: 'legitimate-interest',
          operation: 'monthly-sales-figures',
          system: 'reports',
        },
        ...day.on('aggregate-sales', '17:05'),
      },
    ],
  },
  {
    at: '19:00',
    service: 'survey',
    way: 'structured',
    story: 'One person changes their mind (7.6)',
    events: (day) => [
      report.consent(
        account(16),
        {
          purposes: ['research-and-improvement'],
          status: 'withdrawn',
          method: 'preference-center',
          noticeVersion: NOTICE.version,
          language: 'th',
        },
        day.on('survey-withdrawn-16', '19:00'),
      ),
    ],
  },
];
