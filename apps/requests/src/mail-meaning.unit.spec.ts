import { meaningOf, type MailMeaning, type Right } from './mail-meaning.js';

const said = (text: string, subject = 'Hello'): MailMeaning => meaningOf({ subject, text });
const ID = '0191f3a2-5b7c-7d41-9c55-2f6f1a0b3c4d';

describe('a right is asked for', () => {
  it.each<[Right, string]>([
    ['access', 'Please send me a copy of my personal data.'],
    ['access', 'What personal data do you hold about me?'],
    ['access', 'I would like to exercise my right of access under the PDPA.'],
    ['access', 'This is a subject access request.'],
    ['access', 'Can you tell me which information you have on me?'],
    ['access', 'I want to know where you got my personal information.'],
    ['access', 'ขอสำเนาข้อมูลส่วนบุคคลของดิฉันค่ะ'],
    ['access', 'ผมขอใช้สิทธิเข้าถึงข้อมูลส่วนบุคคลของผม'],
    ['access', 'อยากทราบว่าบริษัทเก็บข้อมูลอะไรของผมไว้บ้าง'],
    ['portability', 'I request a machine-readable copy of my data.'],
    ['portability', 'Please transfer my personal data to Bangkok Clinic.'],
    ['portability', 'I invoke my right to data portability.'],
    ['portability', 'ขอให้โอนย้ายข้อมูลของข้าพเจ้าไปยังโรงพยาบาลอื่น'],
    ['rectification', 'Please correct my address, I have moved.'],
    ['rectification', 'My date of birth is wrong in your system.'],
    ['rectification', 'Could you update my phone number to 02-555-0100?'],
    ['rectification', 'ขอแก้ไขที่อยู่ของดิฉันค่ะ'],
    ['rectification', 'นามสกุลของผมในระบบสะกดผิดครับ'],
    ['objection', 'I object to the use of my data for profiling.'],
    ['objection', 'ข้าพเจ้าขอคัดค้านการประมวลผลข้อมูลส่วนบุคคล'],
    ['restriction', 'Please restrict the processing of my data while you check it.'],
    ['restriction', 'ขอให้ระงับการใช้ข้อมูลของดิฉันชั่วคราว'],
    ['erasure', 'Please delete all my personal data.'],
    ['erasure', 'Delete my account'],
    ['erasure', 'Kindly erase everything you know about me.'],
    ['erasure', 'I request the deletion of all of my data.'],
    ['erasure', 'I want to exercise the right to be forgotten.'],
    ['erasure', 'Please remove me from your customer database.'],
    ['erasure', 'ขอลบข้อมูลส่วนบุคคลของผมทั้งหมดครับ'],
    ['erasure', 'กรุณาลบบัญชีผู้ใช้ของดิฉัน'],
    ['erasure', 'ขอใช้สิทธิขอให้ลบหรือทำลายข้อมูล'],
    ['erasure', 'Could you please delete my account?'],
    ['erasure', 'Please delete my data as soon as possible.'],
    ['erasure', 'Under section 33 PDPA please delete the personal data you hold about me.'],
    ['access', 'Pursuant to Article 15 GDPR, please provide me with a copy of all personal data concerning me.'],
    ['access', 'ตามมาตรา 30 ข้าพเจ้าขอเข้าถึงและขอรับสำเนาข้อมูลส่วนบุคคลที่เกี่ยวกับข้าพเจ้า'],
    ['erasure', 'I am not a customer of yours.\n\nPlease delete my data.'],
    ['complaint', 'I want to file a complaint with the data protection authority.'],
    ['complaint', 'I wish to complain about how you handle my personal data.'],
    ['complaint', 'ต้องการร้องเรียนเรื่องข้อมูลส่วนบุคคลต่อคณะกรรมการ'],
    ['consent-withdrawal', 'I withdraw my consent for the loyalty programme.'],
    ['consent-withdrawal', 'I withdraw my consent. This is about the shop in Phuket only.'],
    ['consent-withdrawal', 'ขอถอนความยินยอมเรื่องการเปิดเผยข้อมูลต่อโรงแรม'],
  ])('%s: %s', (right, text) => {
    expect(said(text)).toEqual({ kind: 'request', right });
  });

  it('in the subject alone', () => {
    expect(said('Thank you, Somchai', 'Delete my data please')).toEqual({ kind: 'request', right: 'erasure' });
    expect(said('', 'ขอลบข้อมูล')).toEqual({ kind: 'request', right: 'erasure' });
  });

  it('over a line break that the mail program made', () => {
    expect(said('Dear all,\nafter ten years I would like to ask you to please delete all of\nmy personal data.\nRegards')).toEqual({
      kind: 'request',
      right: 'erasure',
    });
  });
});

describe('a consent is withdrawn (8.1 to 8.3)', () => {
  const email = { kind: 'withdrawal', channels: ['email'], purposes: ['marketing'] };
  const sms = { ...email, channels: ['sms'] };
  const marketing = { kind: 'withdrawal', purposes: ['marketing'] };
  const all = { kind: 'withdrawal', all: true };
  it.each<[string, object]>([
    ['unsubscribe', email],
    ['Unsubscribe me please. My address is sms-fan@mail.example', email],
    ['Please remove me from your mailing list', email],
    ['Stop sending me emails!', email],
    ['I no longer want to receive your newsletter.', email],
    ["I don't want any more e-mails from you.", email],
    ['Please do not send me promotional emails any more', email],
    ['ยกเลิกการรับข่าวสารทางอีเมล', email],
    ['ไม่ต้องการรับอีเมลจากบริษัทอีกค่ะ', email],
    ['ยกเลิกการสมัครรับจดหมายข่าว', email],
    ['Please stop texting me', sms],
    ['Unsubscribe me from SMS only, and confirm by e-mail.', sms],
    ['หยุดส่งsmsมาครับ', sms],
    ['อย่าส่งเอสเอ็มเอสมาอีก', sms],
    ['Unsubscribe me from SMS and e-mail', { ...email, channels: ['email', 'sms'] }],
    ["Don't call me again.", { ...email, channels: ['voice'] }],
    ['หยุดโทรมาขายของ', { ...email, channels: ['voice'] }],
    ['Stop all marketing', marketing],
    ['Unsubscribe me from everything.', marketing],
    ['I withdraw my consent to marketing.', marketing],
    ['ขอถอนความยินยอมเรื่องการตลาด', marketing],
    ['ไม่ต้องการรับโปรโมชั่นทุกช่องทาง', marketing],
    ['I withdraw my consent to receive marketing by SMS.', sms],
    ['I revoke my consent to cookies', { kind: 'withdrawal', purposes: ['analytics-cookies'] }],
    ['I no longer agree to the use of my location', { kind: 'withdrawal', purposes: ['location-features'] }],
    ['Stop using my data for marketing', marketing],
    ['I hereby withdraw all my consents.', all],
    ['I withdraw my consent to the processing of my personal data.', all],
    ['I withdraw my consent.', all],
    ['ขอถอนความยินยอมทั้งหมด', all],
    ['ข้าพเจ้าขอถอนความยินยอมในการเก็บรวบรวม ใช้ และเปิดเผยข้อมูลส่วนบุคคลของข้าพเจ้า', all],
  ])('%s', (text, expected) => {
    expect(said(text)).toEqual(expected);
  });
});

describe('in doubt, a person asks', () => {
  it.each([
    ['Please do not delete my data.'],
    ["I don't want you to delete my account."],
    ['Never delete my personal data'],
    ['Please do not\ndelete my data'],
    ['Please do not, under any circumstances, delete my data.'],
    ["Don't unsubscribe me"],
    ['Do not let Dr. Smith delete my data.'],
    ['I have no objection to the use of my data'],
    ['I do not withdraw my consent'],
    ['Do not stop sending me emails'],
    ['กรุณาอย่าลบข้อมูลของดิฉัน'],
    ['ผมไม่ต้องการให้ลบข้อมูล'],
    ['ไม่ได้ขอให้ลบข้อมูล'],
    ['ยังไม่ถอนความยินยอม'],
    ['ห้าม ลบข้อมูล'],
    ['Please delete my data and send me a copy of my data first.'],
    ['Delete my account. Also unsubscribe me.'],
    ['ขอสำเนาข้อมูล และขอลบข้อมูลทั้งหมด'],
    ['If you do not answer I will complain to the authority about my data'],
    ['What happens if I delete my account?'],
    ['How do I withdraw my consent?'],
    ['Thank you for the help to delete my data'],
    ['Did you delete my data?'],
    ['ลบข้อมูลแล้วหรือยังครับ'],
    ['ถ้าลบบัญชีแต้มจะหายไหม'],
    ['ขอลบข้อมูลของสามี'],
    ['Unsubscribe me from e-mail but not from SMS'],
    ['Stop SMS, e-mail is fine'],
    ['ยกเลิกการรับsms แต่ยังรับอีเมล'],
    ["Please don't call me before 10 in the morning"],
    ['Your page has a button "Delete my data" and it is green.'],
    ["Please delete my wife's data"],
    ['Delete my data? No way!'],
    ['Please delete my data. Actually, please do not do that.'],
    ['I want to delete my data. On second thought, leave it.'],
    ['Cancel my request to delete my data'],
    ['Please undo the deletion of my account'],
    ['ขอยกเลิกการลบข้อมูล'],
    ['ยกเลิกคำขอลบข้อมูล'],
    ['ขอยกเลิกการถอนความยินยอม'],
    ['ขอลบข้อมูล\n\nเปลี่ยนใจ ไม่ต้องทำ'],
    ['What is your process for deletion of my data?'],
    ['Can I ask about my right to erasure?'],
    ['Does your policy say when you delete my data'],
    ['สอบถามวิธีลบบัญชี'],
    ['ขอทราบขั้นตอนการลบข้อมูล'],
    ['The unsubscribe link is broken'],
    ['Stop sending me emails about my order'],
    ['I want to complain about the soup'],
    ['Why do you not send me newsletters?'],
    ['Please change my data plan'],
    ['Please change my email preferences'],
    ['When does the shop open?'],
    ['สวัสดีครับ ร้านเปิดกี่โมง'],
    [''],
  ])('%s', (text) => {
    expect(said(text).kind).toBe('unclear');
  });

  it('says why', () => {
    expect(said('hello')).toEqual({ kind: 'unclear', because: 'nothing-recognised' });
    expect(said('Do not delete my data')).toEqual({ kind: 'unclear', because: 'in-doubt' });
    expect(said('Delete my data. Send me a copy of my data.')).toEqual({ kind: 'unclear', because: 'several-rights' });
  });
});

describe('what an earlier message says', () => {
  const erasure = { kind: 'request', right: 'erasure' };
  const unclear = { kind: 'unclear', because: 'nothing-recognised' };
  it.each([
    ['marked', 'Thanks!\n\n> Please delete my data\n> and unsubscribe me'],
    ['introduced', 'Thanks!\n\nOn Tue, 3 Feb 2026 at 11:05, Shop <dpo@shop.example> wrote:\n\nPlease delete my data'],
    ['introduced over two lines', 'Thanks!\n\nOn Tue, 3 Feb 2026 at 11:05, Shop\n<dpo@shop.example> wrote:\n> Please delete my data'],
    ['of Outlook', 'Thanks!\n\n-----Original Message-----\nFrom: Shop\nSent: Tuesday\n\nPlease delete my data'],
    ['of Outlook, with a line', 'Thanks!\n________________________________\nFrom: Shop <dpo@shop.example>\n\nPlease delete my data'],
    ['with headers alone', 'Thanks!\n\nFrom: Shop <dpo@shop.example>\nSubject: x\n\nPlease delete my data'],
    ['forwarded', 'FYI\n\n---------- Forwarded message ---------\nPlease delete my data'],
    ['in Thai', 'ขอบคุณครับ\n\nเมื่อ อ. 3 ก.พ. 2026 เวลา 11:05 Shop <dpo@shop.example> เขียนว่า:\n\nขอลบข้อมูล'],
    ['in Thai, otherwise', 'ขอบคุณครับ\n\nในวันที่ 3 ก.พ. 2569 Shop <dpo@shop.example> ได้เขียนว่า:\n> ขอลบข้อมูล'],
    ['in Thai, of Outlook', 'ขอบคุณครับ\n\nจาก: Shop\nส่งเมื่อ: 3 กุมภาพันธ์\n\nขอลบข้อมูล'],
    ['in a signature', 'Thanks!\n-- \nSomchai, who knows how to delete my data'],
  ])('is not asked for: %s', (_how, text) => {
    expect(said(text, 'Re: Delete my data')).toEqual(unclear);
  });

  it.each([
    ['above', 'Please delete my data\n\nOn Tue, Shop <dpo@shop.example> wrote:\n> Do you want us to send you a copy of your data?'],
    ['below', 'On Tue, Shop <dpo@shop.example> wrote:\n> You may unsubscribe\n> or write to us\n\nPlease delete my data'],
    ['in Thai', 'ขอลบข้อมูลครับ\n\nเมื่อ อ. 3 ก.พ. 2026 Shop <dpo@shop.example> เขียนว่า:\nยกเลิกการรับข่าวสาร'],
  ])('does not hide what is said %s it', (_where, text) => {
    expect(said(text, 'Re: hello')).toEqual(erasure);
  });
});

describe('an answer', () => {
  it.each([`Re: Your request [REQ-${ID}]`, `ตอบ: [REQ-${ID.toUpperCase()}] คำขอ`, `[REQ-${ID}] [REQ-${ID.replace('0', '1')}]`])(
    '%s',
    (subject) => {
      expect(said('Please delete my data', subject)).toEqual({ kind: 'reply', reference: ID });
    },
  );

  it.each([`REQ-${ID}`, '[REQ-17]', `[REQ-${ID}0]`])('is not %s', (subject) => {
    expect(said('', subject).kind).toBe('unclear');
  });
});

it('is quick whatever is written', () => {
  const units = [
    'my a ',
    'do not want any ',
    'complaint ',
    'remove me from your a a ',
    'ไม่',
    'ลบหรือ',
    'On ',
    '"',
    "don't send ",
    'data a b c d e ',
    '\n',
  ];
  for (const unit of [...units, 'stop all the my your these ', 'confirm a a a a a ', 'to of my your data ', 'withdraw my consent to ']) {
    const before = performance.now();
    said(unit.repeat(Math.ceil(20_000 / unit.length)));
    expect(performance.now() - before).toBeLessThan(2_000);
  }
});
