import { both, code, en, heading, paragraph, row, title, type Bilingual, type Block, type Line } from '@attesta/pdf';
import type { Activity, Happened, ProcessingRecord, RetentionLine, Titled } from './processing-activities.js';

export interface ProcessingContent {
  record: ProcessingRecord;
  /** Position of the log that it is of, and when it was drawn up. */
  position: number;
  at: string;
}

/** Everything that stands on the pages of a record of processing, in order. */
export const contentOf = ({ record, position, at }: ProcessingContent): Block[] => [
  title('Record of processing activities', 'บันทึกรายการกิจกรรมการประมวลผลข้อมูลส่วนบุคคล'),
  row('Law', 'กฎหมาย', [code('PDPA s.39; GDPR Art. 30'), ...record.laws.flatMap(named)]),
  row('Policy', 'นโยบาย', [en(record.policy.title), code(`${record.policy.id} ${record.policy.version}`)]),
  row('Drawn up', 'จัดทำเมื่อ', [code(at), ...both(atPosition(position))]),
  ...record.controllers.flatMap(controllerBlocks),
  ...record.activities.flatMap(activityBlocks),
  heading('Personal data', 'ข้อมูลส่วนบุคคลที่เก็บรวบรวม'),
  row(
    'Categories',
    'ประเภทข้อมูล',
    record.categories.flatMap((one) => [...named(one), ...(one.sensitive ? both(SENSITIVE) : [])]),
  ),
  row('Collected on', 'โอกาสที่เก็บรวบรวม', record.occasions.flatMap(named)),
  row('Collected by', 'วิธีการเก็บรวบรวม', record.methods.flatMap(named)),
  row('Categories of people', 'ประเภทเจ้าของข้อมูล', both(NOT_IN_POLICY)),
  heading('Recipients', 'ผู้รับข้อมูล'),
  ...record.recipients.map((one) => row(one.title, one.titleTh, partyLines(one))),
  heading('Rights and how to use them', 'สิทธิและวิธีการใช้สิทธิ'),
  ...record.rights.map((right) => row(right.title, right.titleTh, Object.values(right.citations).map(code))),
  heading('Requests that were refused', 'การปฏิเสธคำขอหรือการคัดค้าน'),
  ...refusalBlocks(record),
  heading('Security measures', 'มาตรการรักษาความมั่นคงปลอดภัย'),
  paragraph(NOT_IN_POLICY),
  row('Backups are kept for', 'ระยะเวลาเก็บข้อมูลสำรอง', [code(record.backupsKeptFor)]),
];

const NOT_IN_POLICY: Bilingual = { en: 'The policy does not say.', th: 'ไม่ได้ระบุไว้ในนโยบาย' };
const NEVER: Bilingual = { en: 'never', th: 'ไม่เคย' };
const SENSITIVE: Bilingual = { en: 'sensitive (PDPA s.26, GDPR Art. 9)', th: 'ข้อมูลอ่อนไหว (มาตรา 26)' };

function controllerBlocks({ name, country, contact, address, email, phone, url }: ProcessingRecord['controllers'][number]): Block[] {
  const reach = [contact, address, email, phone, url].filter((line) => line !== null);
  return [
    heading('Controller', 'ผู้ควบคุมข้อมูลส่วนบุคคล'),
    row('Name', 'ชื่อ', [en(`${name} (${country})`)]),
    row(
      'Representative or data protection officer',
      'ตัวแทนหรือเจ้าหน้าที่คุ้มครองข้อมูลส่วนบุคคล',
      reach.length > 0 ? reach.map(en) : both(NOT_IN_POLICY),
    ),
  ];
}

function activityBlocks(activity: Activity): Block[] {
  const { bases, categories, recipients, retention } = activity;
  return [
    heading(`Purpose: ${activity.title}`, `วัตถุประสงค์: ${activity.titleTh}`),
    ...(activity.clauses.length > 0 ? [row('Notice', 'ประกาศ', [code(`clauses ${activity.clauses.join(', ')}`)])] : []),
    row(
      'Bases',
      'ฐานทางกฎหมาย',
      bases.length > 0 ? bases.flatMap((one) => [...both({ en: one.title, th: one.titleTh }), code(one.law)]) : both(NOT_IN_POLICY),
    ),
    row(
      'Data, by the log',
      'ข้อมูลที่ประมวลผลจริง',
      categories.length > 0 ? categories.flatMap((one) => counted(one, one.happened)) : both(NEVER),
    ),
    row(
      'Given to, by the log',
      'ผู้รับข้อมูลจริง',
      recipients.length > 0 ? recipients.flatMap((one) => counted(one, one.happened)) : both(NEVER),
    ),
    row('Kept', 'ระยะเวลาเก็บรักษา', retention.length > 0 ? retention.map((one) => code(keptFor(one))) : both(NOT_IN_POLICY)),
    row('Collected', 'เก็บรวบรวม', both(times(activity.collected))),
    row('Used', 'ใช้', both(times(activity.used))),
    row('Disclosed', 'เปิดเผย', both(times(activity.disclosed))),
  ];
}

function partyLines({ role, country, abroad }: ProcessingRecord['recipients'][number]): Line[] {
  const where = country === null ? '' : `, ${country}`;
  return [
    code(`${role}${where}`),
    ...(abroad.length > 0
      ? both({ en: `transfer abroad under ${abroad.join(', ')}`, th: `การโอนไปต่างประเทศตาม ${abroad.join(', ')}` })
      : []),
  ];
}

function refusalBlocks({ refusals }: ProcessingRecord): Block[] {
  const refused = refusals.filter(({ refused: { count } }) => count > 0);
  if (refused.length === 0) return [paragraph({ en: 'None.', th: 'ไม่มี' })];
  return refused.map((ground) =>
    row(ground.title, ground.titleTh, [
      code(ground.law),
      ...both({ en: `${ground.refused.count} times`, th: `${ground.refused.count} ครั้ง` }),
      code(`positions ${ground.refused.positions.join(', ')}`),
    ]),
  );
}

/** A rule in short. */
export const keptFor = ({ rule, duration, trigger, ground, law, categories }: RetentionLine): string =>
  `${duration} from ${trigger} (${ground}: ${law}; ${rule})${categories ? `: ${categories.join(', ')}` : ''}`;

function times({ count, first, last }: Happened): Bilingual {
  if (!first || !last) return NEVER;
  const span = `${first.day} (${first.position}) – ${last.day} (${last.position})`;
  return { en: `${count} entries, ${span}`, th: `${count} รายการ ${span}` };
}

const counted = (one: Titled, happened: Happened): Line[] =>
  both({ en: `${one.title}: ${times(happened).en}`, th: `${one.titleTh}: ${times(happened).th}` });
const named = ({ id, title: name, titleTh }: Titled): Line[] => both({ en: `${name} (${id})`, th: `${titleTh} (${id})` });
const atPosition = (position: number): Bilingual => ({ en: `log position ${position}`, th: `ตำแหน่งในบันทึก ${position}` });
