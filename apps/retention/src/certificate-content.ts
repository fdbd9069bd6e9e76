import type { CertificateStatement, DestructionCertificate } from '@attesta/disposal';
import { both, code, en, heading, paragraph, row, th, title, type Bilingual, type Block, type Line } from '@attesta/pdf';

type Survivor = CertificateStatement['survivors'][number];
type Answer = CertificateStatement['systems'][number];

/** More positions than this are told as a number: all of them stand in the attached certificate. */
const MOST_POSITIONS = 20;

const WORDS: Readonly<Record<string, Bilingual>> = {
  complete: { en: 'Complete: of what was to be destroyed nothing is left', th: 'ครบถ้วน: ไม่มีข้อมูลที่ต้องทำลายหลงเหลืออยู่' },
  partial: { en: 'Partial: something survives, and is named below', th: 'บางส่วน: ยังมีข้อมูลคงอยู่ตามที่ระบุไว้ด้านล่าง' },
  schedule: { en: 'The retention period ended', th: 'สิ้นสุดระยะเวลาเก็บรักษา' },
  'erasure-request': { en: 'The data subject asked for erasure', th: 'เจ้าของข้อมูลส่วนบุคคลขอให้ลบ' },
  minor: { en: 'Data of a minor that should not have been collected', th: 'ข้อมูลของผู้เยาว์ที่ไม่ควรเก็บรวบรวม' },
  review: { en: 'A review decided it', th: 'ผลการทบทวน' },
  subject: { en: 'The whole person, and who the pseudonym was', th: 'ข้อมูลทั้งหมดของบุคคล รวมถึงการเชื่อมโยงกับนามแฝง' },
  class: { en: 'Data of the retention classes named here', th: 'ข้อมูลในชั้นการเก็บรักษาที่ระบุไว้' },
  'not-required': { en: 'Not required (clause 5.1), none given', th: 'ไม่ต้องแจ้งล่วงหน้า (ข้อ 5.1) และไม่ได้แจ้ง' },
  'requested-by-subject': { en: 'The data subject asked for it', th: 'เจ้าของข้อมูลส่วนบุคคลเป็นผู้ขอ' },
  destroy: { en: 'Destruction', th: 'การทำลาย' },
  anonymise: {
    en: 'Anonymisation: what tells who it was about was destroyed',
    th: 'การทำให้ไม่สามารถระบุตัวบุคคลได้: ทำลายสิ่งที่บอกว่าเป็นข้อมูลของใคร',
  },
  done: { en: 'done', th: 'ดำเนินการแล้ว' },
  'nothing-held': { en: 'held nothing', th: 'ไม่มีข้อมูล' },
  overridden: { en: 'settled by the data protection officer', th: 'เจ้าหน้าที่คุ้มครองข้อมูลส่วนบุคคลเป็นผู้วินิจฉัย' },
  'legal-hold': { en: 'legal hold', th: 'การระงับการทำลายตามกฎหมาย' },
};

/** Everything that stands on the pages of a certificate, in order. */
export function contentOf(certificate: DestructionCertificate): Block[] {
  const { statement, texts, evidence } = certificate;
  return [
    title('Certificate of destruction of personal data', 'ใบรับรองการทำลายข้อมูลส่วนบุคคล'),
    row('Number', 'เลขที่', [code(statement.number)]),
    row('Outcome', 'ผลการดำเนินการ', both(worded(statement.outcome))),
    row('Recorded', 'วันเวลาที่บันทึก', [code(statement.recordedAt.completed)]),
    ...whatWent(certificate),
    ...whatStays(certificate),
    heading('How it was destroyed', 'วิธีการทำลาย'),
    ...texts.methods.map(paragraph),
    ...keys(statement),
    row('Parts', 'จำนวนส่วนข้อมูล', [
      en(`${statement.parts} in all; of ${statement.partsRemoved} of them the ciphertext was removed by itself`),
      th(`ทั้งหมด ${statement.parts} ส่วน ในจำนวนนี้ลบข้อมูลที่เข้ารหัสเป็นรายส่วน ${statement.partsRemoved} ส่วน`),
    ]),
    ...systems(statement),
    heading('What that is worth in law', 'ข้อจำกัดทางกฎหมาย'),
    ...texts.caveats.map(paragraph),
    ...backups(certificate),
    paragraph(texts.pseudonym),
    heading('Proof', 'หลักฐาน'),
    paragraph(texts.signature),
    ...positions(statement),
    row('Checkpoint', 'จุดตรวจสอบ', evidence.checkpoint.trimEnd().split('\n').filter(Boolean).map(code)),
    row('Key of the log', 'กุญแจของบันทึก', [code(evidence.verifierKey)]),
    row('To verify', 'วิธีตรวจสอบ', [
      en('This file carries certificate.json with every entry and proof. Without any network, and without trusting the company:'),
      th('ไฟล์นี้แนบ certificate.json ซึ่งมีรายการและหลักฐานทั้งหมด ตรวจสอบได้โดยไม่ต้องใช้เครือข่ายและไม่ต้องเชื่อถือบริษัท:'),
      code('attesta verify <this file> --key <key of the log, from elsewhere>'),
    ]),
  ];
}

function whatWent(certificate: DestructionCertificate): Block[] {
  const { statement, informative } = certificate;
  const { collected } = statement;
  return [
    row(
      'Data',
      'ข้อมูล',
      statement.categories.flatMap((category) => both(titleOf(category, certificate))),
    ),
    row('Retention classes', 'ชั้นการเก็บรักษา', [en(informative.classes.map(({ id, title }) => `${title} (${id})`).join('; '))]),
    row('Scope', 'ขอบเขต', both(worded(statement.scope))),
    ...(collected ? [row('Collected', 'เก็บรวบรวมเมื่อ', [code(`${collected.from} – ${collected.until}`)])] : []),
    row('Action', 'การดำเนินการ', both(worded(statement.action))),
    row('Cause', 'สาเหตุ', [...both(worded(statement.cause)), ...(statement.request === undefined ? [] : [code(statement.request)])]),
    ...(statement.basis.length > 0
      ? [
          row(
            'Basis',
            'ฐานทางกฎหมาย',
            statement.basis.map(({ rule, law }) => en(`${law} (${rule})`)),
          ),
        ]
      : []),
    row('Prior notice', 'การแจ้งล่วงหน้า', both(worded(statement.priorNotice))),
  ];
}

function whatStays(certificate: DestructionCertificate): Block[] {
  const { survivors } = certificate.statement;
  const nothing: Bilingual = { en: 'Nothing of it.', th: 'ไม่มี' };
  return [
    heading('What survives, and why', 'ข้อมูลที่ยังคงอยู่ และเหตุผล'),
    ...(survivors.length === 0 ? [paragraph(nothing)] : survivors.map((one) => survivorRow(one, titleOf(one.category, certificate)))),
  ];
}

function survivorRow({ ground, law, reason, hold, until }: Survivor, category: Bilingual): Block {
  const why = worded(ground);
  const rest = [law, reason].filter((text) => text !== undefined).map(en);
  const end = until === undefined ? { en: 'no end yet', th: 'ยังไม่มีกำหนดสิ้นสุด' } : { en: `until ${until}`, th: `จนถึง ${until}` };
  return row(category.en, category.th, [...both(why), ...rest, ...(hold === undefined ? [] : [code(hold)]), ...both(end)]);
}

function keys({ keys: destroyed }: CertificateStatement): Block[] {
  return destroyed.length === 0 ? [] : [row('Keys destroyed', 'กุญแจที่ถูกทำลาย', [code(destroyed.join(', '))])];
}

function systems({ systems: answers }: CertificateStatement): Block[] {
  return answers.length === 0 ? [] : [row('Systems', 'ระบบที่เชื่อมต่อ', answers.flatMap(answerLines))];
}

function answerLines({ system, outcome, kept = [] }: Answer): Line[] {
  const { en: english, th: thai } = worded(outcome);
  return [
    en(`${system}: ${english}`),
    th(`${system}: ${thai}`),
    ...kept.map(({ category, reason, law }) => en(`keeps ${category}: ${reason}${law === undefined ? '' : ` (${law})`}`)),
  ];
}

function backups({ informative }: DestructionCertificate): Block[] {
  const { backups: kept, policy } = informative;
  const { keptFor, until } = kept;
  return [
    row('Backups', 'ข้อมูลสำรอง', [
      en(`kept for ${keptFor}: the last that can hold it is overwritten by ${until}`),
      th(`เก็บไว้ ${keptFor} ชุดสุดท้ายที่อาจมีข้อมูลนี้จะถูกเขียนทับภายใน ${until}`),
    ]),
    row('Policy', 'นโยบาย', [
      en(`${policy.id}, version ${policy.version}. Titles, and how long backups are kept, come from it: they are not sealed.`),
      th(`${policy.id} ฉบับ ${policy.version} ชื่อข้อมูลและระยะเวลาเก็บข้อมูลสำรองมาจากนโยบายนี้ ซึ่งไม่ได้ผนึกไว้`),
    ]),
  ];
}

function positions({ log, fence, positions: at, recordedAt }: CertificateStatement): Block[] {
  const removed = at.removed.slice(0, MOST_POSITIONS).join(', ') + (at.removed.length > MOST_POSITIONS ? `, … (${at.removed.length})` : '');
  const destroyed = [at.destroyed, recordedAt.destroyed].filter((one) => one !== undefined).join(', ');
  return [
    row('Log', 'บันทึก', [code(log)]),
    row('Started at', 'เริ่มที่ตำแหน่ง', [code(`${at.started}, ${recordedAt.started}`)]),
    ...(fence === undefined ? [] : [row('Nothing sealed under the keys from', 'ไม่มีการผนึกด้วยกุญแจตั้งแต่ตำแหน่ง', [code(String(fence))])]),
    ...(destroyed === '' ? [] : [row('Keys destroyed at', 'ทำลายกุญแจที่ตำแหน่ง', [code(destroyed)])]),
    ...(removed === '' ? [] : [row('Parts removed at', 'ลบส่วนข้อมูลที่ตำแหน่ง', [code(removed)])]),
    row('Completed at', 'เสร็จสิ้นที่ตำแหน่ง', [code(`${at.completed}, ${recordedAt.completed}`)]),
  ];
}

function titleOf(category: string, { informative }: DestructionCertificate): Bilingual {
  const { title, title_th = title } = informative.categories.find(({ id }) => id === category) ?? { title: category };
  return { en: `${title} (${category})`, th: `${title_th} (${category})` };
}

/** The words for a value of the statement; what has none, as the id of a rule, stands for itself. */
const worded = (value: string): Bilingual => (Object.hasOwn(WORDS, value) ? WORDS[value]! : { en: value, th: value });
