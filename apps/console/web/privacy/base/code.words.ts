import { defineWords } from '../../kit/words.js';

export const useCodeWords = defineWords(
  'privacy-code',
  {
    sent: 'We have sent a code to the e-mail address that came with the request, if we know it.',
    sentTo: 'We have sent a code to {{email}}, if we know this address.',
    code: 'The six-digit code',
    codeHelp: 'It may take a minute. Look in the folder for unwanted mail too.',
    codeShort: 'The code has six digits.',
    confirm: 'Confirm',
    notThere: 'Nothing arrived, or the code is too old?',
    another: 'Send another code',
    anotherSent: 'Another code is under way. Only the newest one counts.',
  },
  {
    sent: 'เราได้ส่งรหัสไปยังอีเมลที่ระบุในคำขอแล้ว หากเป็นอีเมลที่เรารู้จัก',
    sentTo: 'เราได้ส่งรหัสไปที่ {{email}} แล้ว หากเป็นอีเมลที่เรารู้จัก',
    code: 'รหัสหกหลัก',
    codeHelp: 'อาจใช้เวลาประมาณหนึ่งนาที โปรดดูในโฟลเดอร์จดหมายขยะด้วย',
    codeShort: 'รหัสมีตัวเลขหกหลัก',
    confirm: 'ยืนยัน',
    notThere: 'ไม่ได้รับรหัส หรือรหัสหมดอายุ',
    another: 'ส่งรหัสใหม่',
    anotherSent: 'กำลังส่งรหัสใหม่ ใช้ได้เฉพาะรหัสล่าสุด',
  },
);
