import { both, code, en, heading, paragraph, row, th, title, type Block, type Line } from '@attesta/pdf';
import type { BreachReport, Resting, Titled } from './breach-report.js';
import { NOT_GIVEN, REPORT_WORDS } from './breach-report-words.js';

/** Everything that stands on the pages of a report, in order. */
export function contentOf(report: BreachReport): Block[] {
  const { discovered, deadline, notNotified, closed } = report;
  return [
    title('Notification of a personal data breach', 'การแจ้งเหตุการละเมิดข้อมูลส่วนบุคคล'),
    row('To', 'เรียน', named(report.authority)),
    row('Law', 'กฎหมาย', [...named(report.jurisdiction), ...(deadline?.citation == null ? [] : [code(deadline.citation)])]),
    row('Number', 'เลขที่', [code(report.breach)]),
    row('Kind', 'ประเภทการแจ้ง', both(REPORT_WORDS[report.phase])),
    row('As of', 'ข้อมูล ณ วันที่', [code(report.asOf)]),
    ...controllerBlocks(report),
    heading('When', 'วันเวลา'),
    row('Happened', 'วันเวลาที่เกิดเหตุ', occurred(report)),
    row('Became known', 'วันเวลาที่ทราบเหตุ', [code(discovered.at), ...rests(discovered)]),
    ...(deadline ? [row('To be told before', 'กำหนดเวลาแจ้ง', [code(deadline.due)])] : []),
    ...factBlocks(report),
    ...assessmentBlocks(report),
    ...peopleBlocks(report),
    heading('What the authority was told', 'การแจ้งต่อหน่วยงาน'),
    ...noticeBlocks(report),
    ...delayBlocks(report),
    ...(notNotified ? [row('Need not be told', 'เหตุที่ไม่ต้องแจ้ง', [...free(notNotified.reason), ...rests(notNotified)])] : []),
    ...(closed ? [row('Closed', 'ปิดเรื่อง', [code(closed.saidAt), ...free(closed.reason), ...rests(closed)])] : []),
    paragraph({
      en: 'Log positions name the sealed entries of the ledger that say so; what has none is not sealed yet.',
      th: 'ตำแหน่งในบันทึกคือรายการที่ผนึกไว้ซึ่งระบุข้อความนั้น ส่วนข้อความที่ไม่มีตำแหน่งยังไม่ได้ผนึก',
    }),
  ];
}

function controllerBlocks({ controller: { name, country, contact, address, email, phone } }: BreachReport): Block[] {
  const reach = [contact, address, email, phone].filter((line) => line !== null);
  return [
    heading('Who tells it', 'ผู้แจ้ง'),
    row('Controller', 'ผู้ควบคุมข้อมูลส่วนบุคคล', [en(`${name} (${country})`)]),
    row('Contact', 'เจ้าหน้าที่คุ้มครองข้อมูลส่วนบุคคลและช่องทางติดต่อ', reach.length > 0 ? reach.flatMap(free) : both(NOT_GIVEN)),
  ];
}

function occurred({ facts: { occurredFrom, occurredUntil } }: BreachReport): Line[] {
  if (occurredFrom === null && occurredUntil === null) return both(NOT_GIVEN);
  return [code(`${occurredFrom ?? '…'} – ${occurredUntil ?? '…'}`)];
}

function factBlocks({ facts }: BreachReport): Block[] {
  return [
    heading('What happened', 'ลักษณะของเหตุการละเมิด'),
    row(
      'Nature',
      'ประเภทของการละเมิด',
      facts.nature.flatMap((nature) => both(REPORT_WORDS[nature])),
    ),
    row('Description', 'สาระสำคัญโดยสังเขป', [...free(facts.description), ...rests(facts)]),
    row('Cause', 'สาเหตุ', freeOr(facts.cause)),
    row('Data', 'ประเภทข้อมูลส่วนบุคคล', facts.categories.flatMap(named)),
    row('People', 'ลักษณะของเจ้าของข้อมูลส่วนบุคคล', freeOr(facts.whom)),
    row('Number of people', 'จำนวนเจ้าของข้อมูลส่วนบุคคล', approximately(facts.people)),
    row('Number of records', 'จำนวนรายการข้อมูล', approximately(facts.records)),
  ];
}

function assessmentBlocks({ assessment }: BreachReport): Block[] {
  const heads = heading('Risk and measures', 'ความเสี่ยงและมาตรการ');
  if (!assessment) return [heads, paragraph(NOT_GIVEN)];
  return [
    heads,
    row('Risk', 'ระดับความเสี่ยง', [...both(REPORT_WORDS[assessment.risk]), ...rests(assessment)]),
    row('Why', 'เหตุผลของการประเมิน', free(assessment.reasons)),
    row('Likely consequences', 'ผลกระทบที่อาจเกิดขึ้น', free(assessment.consequences)),
    row('Measures taken', 'มาตรการที่ดำเนินการแล้ว', free(assessment.measures)),
    row('Measures planned', 'มาตรการที่จะดำเนินการ', freeOr(assessment.planned)),
  ];
}

function peopleBlocks({ people: { required, orders, exemption } }: BreachReport): Block[] {
  return [
    heading('What people were told', 'การแจ้งเจ้าของข้อมูลส่วนบุคคล'),
    paragraph(
      required
        ? { en: 'The risk is high: people have to be told.', th: 'มีความเสี่ยงสูง จึงต้องแจ้งเจ้าของข้อมูลส่วนบุคคล' }
        : { en: 'The risk was not found to be high.', th: 'ไม่พบว่ามีความเสี่ยงสูง' },
    ),
    ...orders.map((order) => row('Ordered', 'สั่งให้แจ้งเมื่อ', [code(order.saidAt), ...toWhom(order), ...outcome(order), ...rests(order)])),
    ...(exemption
      ? [
          row('Exemption', 'ข้อยกเว้น', [
            ...both(REPORT_WORDS[exemption.ground]),
            ...free(exemption.explanation),
            ...(exemption.publicCommunication === null ? [] : free(exemption.publicCommunication)),
            ...rests(exemption),
          ]),
        ]
      : []),
  ];
}

type Order = BreachReport['people']['orders'][number];

function toWhom({ people, categories, collectedFrom, collectedUntil }: Order): Line[] {
  if (people !== null) return both({ en: `${people} people who were named`, th: `บุคคลที่ระบุไว้ ${people} ราย` });
  const span = collectedFrom === null && collectedUntil === null ? [] : [code(`${collectedFrom ?? '…'} – ${collectedUntil ?? '…'}`)];
  const data = (categories ?? []).join(', ');
  return [...both({ en: `everybody of whom this was collected: ${data}`, th: `ทุกคนที่มีการเก็บรวบรวมข้อมูลนี้: ${data}` }), ...span];
}

function outcome({ told }: Order): Line[] {
  if (!told) return both({ en: 'under way', th: 'กำลังดำเนินการ' });
  return [
    ...both({
      en: `told ${told.told}, without an address ${told.unreachable}, failed ${told.failed}`,
      th: `แจ้งแล้ว ${told.told} ราย ไม่มีช่องทางติดต่อ ${told.unreachable} ราย ไม่สำเร็จ ${told.failed} ราย`,
    }),
    ...rests(told),
  ];
}

function noticeBlocks({ notified }: BreachReport): Block[] {
  if (notified.length === 0) return [paragraph({ en: 'Nothing yet.', th: 'ยังไม่มี' })];
  return notified.map((notice) =>
    row('Told', 'แจ้งเมื่อ', [
      code(notice.at),
      ...both(REPORT_WORDS[notice.phase]),
      ...(notice.inTime === null
        ? []
        : both(notice.inTime ? { en: 'in time', th: 'ภายในกำหนด' } : { en: 'after the deadline', th: 'เกินกำหนด' })),
      ...(notice.reference === null ? [] : [code(notice.reference)]),
      ...rests(notice),
    ]),
  );
}

function delayBlocks({ delay }: BreachReport): Block[] {
  if (!delay) return [];
  const late =
    delay.seconds === null
      ? both({ en: 'The deadline has passed.', th: 'เกินกำหนดเวลาแล้ว' })
      : both({ en: `Late by ${spanOf(delay.seconds, EN_UNITS)}`, th: `ล่าช้า ${spanOf(delay.seconds, TH_UNITS)}` });
  return [
    row('Reason for the delay', 'เหตุผลของความล่าช้า', [...late, ...(delay.explanation === null ? both(NOT_GIVEN) : free(delay.explanation))]),
  ];
}

const EN_UNITS = ['h', 'min', 's'] as const;
const TH_UNITS = ['ชั่วโมง', 'นาที', 'วินาที'] as const;
const spanOf = (seconds: number, [hours, minutes, rest]: readonly [string, string, string]): string =>
  `${Math.floor(seconds / 3600)} ${hours} ${Math.floor((seconds % 3600) / 60)} ${minutes} ${seconds % 60} ${rest}`;

const approximately = (n: number | null): Line[] => (n === null ? both(NOT_GIVEN) : both({ en: `about ${n}`, th: `ประมาณ ${n}` }));
const named = ({ id, title, titleTh }: Titled): Line[] => both({ en: `${title} (${id})`, th: `${titleTh} (${id})` });
const rests = ({ position }: Resting<object>): Line[] =>
  position === null ? [] : both({ en: `log position ${position}`, th: `ตำแหน่งในบันทึก ${position}` });

/** What somebody wrote, in whatever language, line by line. */
const free = (text: string): Line[] => text.split('\n').map((line) => (/\p{Script=Thai}/u.test(line) ? th(line) : en(line)));
const freeOr = (text: string | null): Line[] => (text === null ? both(NOT_GIVEN) : free(text));
