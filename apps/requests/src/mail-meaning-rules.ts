import type { Right } from './mail-meaning.js';

/** Patterns are tried on lower-case NFKC text with straight apostrophes, one sentence at a time. */
export interface RightRule {
  right: Exclude<Right, 'consent-withdrawal'>;
  /** Rights whose words this one also uses: a machine-readable copy is still a copy. */
  covers?: readonly Right[];
  patterns: readonly RegExp[];
}

/** No messages any more (notice 8.1): marketing, on the channels that the sentence names. */
export interface StopRule {
  /** What is meant where the whole mail names no channel; without it, all channels. */
  channel?: string;
  patterns: readonly RegExp[];
}

const FILL = String.raw`(?:(?:all|any|every|each|of|the|and|or|permanently|immediately|completely|please|entire|whole|both) ){0,4}`;
const WORD = String.raw`(?!(?:from|in|on|at|for|to|with|by|into|as|that|which)\b)[\w-]+ `;
const DATA = String.raw`(?:my (?:${WORD}){0,3}(?:data|information|info|records)\b(?! plan)|(?:(?:personal|private) )?(?:data|information|info|records|everything) (?:[\w-]+ ){0,5}(?:about|on|concerning|of) me\b)`;
const MINE = String.raw`(?:${DATA}|my (?:${WORD}){0,3}(?:account|profile|details)\b)`;
const FIELD = String.raw`(?:data|information|info|details|records?|name|surname|address|phone(?: number)?|mobile(?: number)?|telephone number|e-?mail(?: address)?|date of birth|birth ?date|birthday|gender)`;
const MESSAGES = String.raw`(?:e-?mails?|newsletters?|sms(?:es)?|texts?|text messages|calls|phone calls|messages|promotions?|promotional \w+|marketing|advertising|advertisements?|ads|adverts|offers|spam|push notifications?|notifications|letters|line messages)`;
const AUTHORITY = String.raw`(?:authority|pdpc|regulator|commission|commissioner|personal data|my data|privacy|data protection|ombudsman)`;
const CHANGE = String.raw`(?:correct|rectify|amend|fix|update|change)`;

const en = (...patterns: string[]): RegExp[] => patterns.map((pattern) => new RegExp(String.raw`\b(?:${pattern})`, 'gu'));
const th = (...patterns: string[]): RegExp[] => patterns.map((pattern) => new RegExp(pattern.normalize('NFKC'), 'gu'));

/** Clauses 7.1 to 7.5, 7.7 and 7.8. */
export const RIGHT_RULES: readonly RightRule[] = [
  {
    right: 'access',
    patterns: [
      ...en(
        String.raw`cop(?:y|ies) of ${FILL}${DATA}`,
        String.raw`(?:what|which) (?:(?:personal|kinds? of|other|sort of) )*(?:data|information|info) (?:do |does |have )?(?:you|your company|the company|m-med) (?:hold|have|keep|store|process|collect|collected|know)`,
        String.raw`(?:access to|to access|to see|to view|to obtain|to receive|send me|give me|show me|provide me with) ${FILL}${DATA}`,
        String.raw`(?:right (?:of|to) access|subject access request|data access request|dsar\b)`,
        String.raw`(?:where|how) (?:did )?you (?:get|got|obtain|obtained) ${FILL}${DATA}`,
      ),
      ...th(
        'ขอ(?:ใช้สิทธิ)?(?:ใน)?(?:การ)?(?:เข้าถึง|ดู|ทราบ)(?:และ)?(?:ขอ)?(?:รับ)?(?:สำเนา)?ข้อมูล',
        'สิทธิ(?:ใน)?(?:การ)?เข้าถึง',
        '(?:ขอ|ส่ง|รับ)(?:รับ)?สำเนา(?:ของ)?ข้อมูล',
        '(?:เก็บ|มี|ใช้|รวบรวม)(?:รวบรวม)?ข้อมูล(?:ส่วนบุคคล)?(?:ใด|อะไร)',
        'ข้อมูล(?:ส่วนบุคคล)?(?:อะไร|ใด)บ้าง',
        'ได้ข้อมูล\\S{0,30}มาจากไหน',
      ),
    ],
  },
  {
    right: 'portability',
    covers: ['access'],
    patterns: [
      ...en(
        String.raw`data portability`,
        String.raw`right (?:to|of) (?:data )?portability`,
        String.raw`machine[- ]readable`,
        String.raw`(?:transfer|transmit|port|move) ${FILL}${DATA} (?:[\w-]+ ){0,2}to\b`,
        String.raw`port ${FILL}${DATA}`,
      ),
      ...th(
        '(?:โอนย้าย|โอน|ส่งต่อ)ข้อมูล\\S{0,40}\\s?(?:ไปยัง|ไปที่|ให้แก่|ให้กับ)',
        'สิทธิ(?:ใน)?(?:การ)?(?:ขอ)?(?:ให้)?(?:รับและ)?โอน(?:ย้าย)?',
        'ขอ(?:ให้)?โอนย้ายข้อมูล',
        'อ่าน(?:หรือใช้งาน)?(?:ได้)?(?:โดยทั่วไป)?(?:ได้)?ด้วยเครื่อง',
      ),
    ],
  },
  {
    right: 'rectification',
    patterns: [
      ...en(
        String.raw`${CHANGE} ${FILL}(?:(?:mistakes?|errors?|spelling) (?:in|of|with) )?my (?:${WORD}){0,2}${FIELD}\b(?! (?:plan|preferences?|subscriptions?|settings|notifications?))`,
        String.raw`(?:correction|rectification) (?:of|to) ${FILL}my\b`,
        String.raw`right to rectification`,
        String.raw`my (?:${WORD}){0,2}${FIELD} (?:[\w-]+ ){0,4}(?:is|are|was) (?:wrong|incorrect|misspell?ed|misspelt|outdated|out of date|not correct|not right|inaccurate|spell?ed wrong)`,
      ),
      ...th(
        '(?:แก้ไข|แก้|เปลี่ยน|ปรับปรุง|อัปเดต|อัพเดท|อัพเดต)(?:แปลง)?(?:ข้อมูล|ชื่อ|นามสกุล|ที่อยู่|เบอร์|หมายเลขโทรศัพท์|อีเมล|วันเกิด)',
        '(?:ข้อมูล|ชื่อ|นามสกุล|ที่อยู่|เบอร์|อีเมล|วันเกิด)\\S{0,40}(?:ไม่ถูกต้อง|สะกดผิด|ผิดพลาด|ไม่เป็นปัจจุบัน)',
      ),
    ],
  },
  {
    right: 'objection',
    patterns: [...en('object to', 'objection to', 'right to object', 'i oppose'), ...th('คัดค้าน')],
  },
  {
    right: 'restriction',
    patterns: [
      ...en(
        String.raw`(?:restrict|limit|suspend|freeze) ${FILL}(?:processing|use|usage) of ${FILL}${MINE}`,
        String.raw`(?:restrict|freeze) ${FILL}${DATA}`,
        String.raw`restriction of (?:the )?(?:processing|use)`,
        String.raw`right to restrict`,
        String.raw`(?:restrict|limit|suspend) how you use ${FILL}${MINE}`,
      ),
      ...th('(?:ระงับ|จำกัด)(?:การ)?(?:ใช้|ประมวลผล|การใช้)(?:หรือเปิดเผย)?(?:ข้อมูล)?', 'สิทธิ(?:ใน)?(?:การ)?(?:ขอ)?(?:ให้)?ระงับ'),
    ],
  },
  {
    right: 'erasure',
    patterns: [
      ...en(
        String.raw`(?:delete|erase|remove|destroy|wipe|purge|anonymi[sz]e) ${FILL}${MINE}`,
        String.raw`(?:deletion|erasure|removal|destruction|anonymi[sz]ation) of ${FILL}${MINE}`,
        String.raw`(?:delete|erase|remove) me from (?:your|the|all) (?:${WORD}){0,2}(?:databases?|systems?|records|files)`,
        String.raw`right (?:to|of) (?:erasure|be forgotten|deletion)`,
      ),
      ...th(
        '(?:ลบ|ทำลาย)(?:หรือ(?:ลบ|ทำลาย))?(?:ทิ้ง)?(?:ข้อมูล|บัญชี|ประวัติ|โปรไฟล์)',
        'สิทธิ(?:ใน)?(?:การ)?(?:ขอ)?(?:ให้)?(?:ลบ|ที่จะถูกลืม)',
        'ไม่สามารถระบุตัว(?:ตน|บุคคล)?',
      ),
    ],
  },
  {
    right: 'complaint',
    patterns: [
      ...en(
        String.raw`complain(?:t|ts|ing)?\b.{0,120}?\b${AUTHORITY}\b`,
        String.raw`${AUTHORITY}\b.{0,60}?\bcomplain(?:t|ts|ing)?\b`,
        String.raw`report you to the (?:[\w-]+ ){0,3}${AUTHORITY}\b`,
      ),
      ...th(
        'ร้องเรียน.{0,80}?(?:ข้อมูลส่วนบุคคล|ข้อมูลของ|สคส|คณะกรรมการ|สำนักงาน|pdpc|ความเป็นส่วนตัว)',
        '(?:สคส|คณะกรรมการคุ้มครองข้อมูล).{0,40}?ร้องเรียน',
      ),
    ],
  },
];

/** Clause 8.1. */
export const STOP_RULES: readonly StopRule[] = [
  {
    channel: 'email',
    patterns: [
      ...en(
        String.raw`unsubscribe\b(?! (?:link|button|page|option|form))`,
        String.raw`(?:remove|delete) (?:me|my name|my (?:e-?mail )?address|my e-?mail) from (?:your|the|this|that|all) (?:${WORD}){0,3}lists?\b`,
        String.raw`take me off (?:your|the|this|that|all) (?:${WORD}){0,3}lists?\b`,
      ),
      ...th('(?:ลบ|ถอน|เอา)(?:ชื่อ|อีเมล)\\S{0,30}ออกจากรายชื่อ', 'ยกเลิกการสมัคร(?:สมาชิก)?(?:รับ)?(?:จดหมาย)?(?:ข่าว|อีเมล)'),
    ],
  },
  {
    patterns: [
      ...en(
        String.raw`opt (?:me )?out of`,
        String.raw`(?:stop|cease|quit) (?:(?:sending|giving) me|sending|e-?mailing|texting|calling|messaging|phoning|spamming|contacting) (?:me\b|(?:me )?(?:your |any |these |those |all |more )*(?:${WORD})?${MESSAGES}\b)`,
        String.raw`(?:stop|cancel|end) (?:all |any |the |my |your |these |this |those |of )*(?:${WORD})?${MESSAGES}\b`,
        String.raw`(?<!\byou )(?:do not|don't|dont|never) (?:(?:ever|please|again) )?(?:send me|e-?mail me|text me|call me|phone me|message me|spam me|contact me)\b`,
        String.raw`(?:no longer|do not|don't|dont) (?:want|wish|like|care)(?: to)? (?:receive|get|be sent|see|hear|have|any|your|more|these)\b.{0,40}?\b${MESSAGES}\b`,
        String.raw`no more ${FILL}(?:${WORD}){0,2}${MESSAGES}\b`,
      ),
      ...th(
        '(?:ยกเลิก|เลิก|งด|หยุด)(?:การ)?(?:รับ|ติดตาม)(?:ข่าวสาร|ข่าว|อีเมล|อีเมล์|เมล|sms|เอสเอ็มเอส|ข้อความ|โปรโมชั่น|โปรโมชัน|โฆษณา|จดหมายข่าว|การแจ้งเตือน)',
        'ไม่(?:ต้องการ|ประสงค์|อยาก|ขอ|สะดวก)(?:จะ|ที่จะ)?(?:ได้)?รับ(?:ข่าวสาร|ข่าว|อีเมล|อีเมล์|เมล|sms|เอสเอ็มเอส|ข้อความ|โปรโมชั่น|โปรโมชัน|โฆษณา|จดหมายข่าว|การแจ้งเตือน|สาย|โทรศัพท์)',
        '(?:หยุด|เลิก|งด|อย่า|ห้าม|ไม่ต้อง)(?:การ)?(?:ส่ง|โทร)(?:หา|มา|ข่าวสาร|ข่าว|อีเมล|อีเมล์|เมล|sms|เอสเอ็มเอส|ข้อความ|โปรโมชั่น|โปรโมชัน|โฆษณา|จดหมายข่าว|จดหมาย|การตลาด|ศัพท์)',
      ),
    ],
  },
];

/** Clauses 7.6, 8.2 and 8.3. What follows tells which consent. */
export const CONSENT_RULES: readonly RegExp[] = [
  ...en(
    String.raw`(?:withdraw|revoke|cancel|take back|rescind) (?:all (?:of )?)?(?:my |the |any |every |previous |prior |marketing )*consents?\b`,
    String.raw`withdrawal of (?:all (?:of )?)?(?:my |the |any )*consents?\b`,
    String.raw`(?:no longer|do not|don't|dont) (?:consent|agree) to\b`,
    String.raw`stop (?:using|processing) ${FILL}${DATA} for (?=(?:direct )?(?:marketing|advertising|personali[sz]ation|analytics|research))`,
  ),
  ...th('(?:ถอน|เพิกถอน|ยกเลิก)(?:การให้)?(?:คำ)?ความยินยอม(?:ทั้งหมด)?', '(?:ถอน|เพิกถอน)คำยินยอม(?:ทั้งหมด)?', 'ไม่(?:ให้ความ)?ยินยอม(?:ให้)?(?=\\S)'),
];

export const CHANNELS: Readonly<Record<string, RegExp>> = {
  email: /\be-?mail(?:s|ing|ed)?\b|\bnewsletters?\b|\bmailing list\b|อีเมล|จดหมายข่าว|เมล(?!็)/u,
  sms: /\bsms(?:es)?\b|\btext(?:s|ing|ed)?\b|เอสเอ็มเอส|ข้อความสั้น/u,
  voice: /\b(?:call(?:s|ing|ed)?|phon(?:e|ing) me|telemarketing)\b|โทร(?!ศัพท์มือถือ)/u,
  push: /\bpush\b|\bapp notifications?\b|แจ้งเตือน/u,
  letter: /\b(?:letters|post(?:al)?|paper mail)\b|ไปรษณีย์/u,
  line: /\bline (?:messages?|app|account)\b|\b(?:by|via|on|through) line\b|ไลน์|ทางline/u,
};

export const PURPOSES: Readonly<Record<string, RegExp>> = {
  marketing:
    /\bmarketing\b|\bpromotion(?:s|al)?\b|\badvert(?:s|ising|isements?)\b|\bads\b|\boffers\b|\bnewsletters?\b|การตลาด|โปรโมชั่น|โปรโมชัน|โฆษณา|ข่าวสาร|จดหมายข่าว/u,
  'analytics-cookies': /\bcookies?\b|\banalytics\b|คุกกี้/u,
  'location-features': /\blocations?\b|\bgps\b|ตำแหน่งที่ตั้ง|ตำแหน่ง/u,
  personalisation: /\bpersonali[sz](?:ation|ed|ing)\b|\bprofiling\b|\brecommendations\b|ปรับ(?:แต่ง)?(?:เนื้อหา|บริการ)ให้เหมาะ/u,
  'research-and-improvement': /\bresearch\b|\bsurveys?\b|วิจัย|แบบสำรวจ/u,
};

/** Every consent: what may stand between the words of a withdrawal and the end of its sentence for it to be about all of them. */
export const NOTHING_MORE =
  /^(?:[\s.,!;:-]|\b(?:for|to|of|on|in|from|that|i|have|gave|given|give|with|immediately|now|today|please|effective|completely|entirely|all|any|everything|every|the|my|your|you|personal|data|information|processing|process|use|using|collection|collecting|disclosure|storage|and|or|purposes?|kinds?|as|thank|thanks|regards|kind|best|hereby)\b|ทั้งหมด|ทุก(?:อย่าง|เรื่อง|ประการ|วัตถุประสงค์|ช่องทาง)|ที่(?:เคย)?(?:ได้)?(?:ให้ไว้|ให้)|การ|เก็บ|รวบรวม|ใช้|เปิดเผย|ประมวลผล|และ|หรือ|ใน|ต่อ|ข้อมูล(?:ส่วนบุคคล)?|ของ(?:ข้าพเจ้า|ดิฉัน|ฉัน|ผม)|ครับ|ค่ะ|คะ|ขอบคุณ|ด้วย)*$/u;
export const EVERYTHING = /\ball (?:of )?(?:my |the |previous |prior )*consents\b|ความยินยอมทั้งหมด|คำยินยอมทั้งหมด/u;
/** Of messages: on every channel. */
export const EVERY_CHANNEL =
  /\b(?:everything|all (?:of )?(?:your |the )?(?:marketing|messages|communications?|lists|channels|promotions|mailings))\b|ทุกช่องทาง|ทั้งหมด/u;

/** Somebody wants how an answer is to reach them, not which channel is to stop. */
export const ASIDES =
  /\b(?:confirm|reply|answer|respond|contact me|inform me|let me know|tell me|write)(?: [\w']+){0,5} (?:by|via|through|on|to) (?:my |an? |return )?(?:e-?mail|sms|text|phone|post|letter|line)\b|(?:แจ้ง|ยืนยัน|ตอบ|ติดต่อ)(?:กลับ|ผล)?(?:มา)?(?:ทาง|ผ่าน)(?:อีเมล|sms|โทรศัพท์|ไลน์)/gu;

/** Before what is asked for, in the same sentence. */
export const NEGATION =
  /\b(?:(?:do|does|did|would|should|could|must|can|will|shall|am|is|are|was|were|have|has|had)(?: not|n't)|dont|wont|cannot|cant|never|not|no(?!,| longer\b)|without|instead of|rather than|neither|nor|nobody|refuse(?:s|d)? to|against|changed my mind|forget about)\b/u;
/** Thai has no spaces between words, and a space between clauses. */
export const NEGATION_TH = new RegExp(
  '(?:ไม่(?!พอใจ)|อย่า|ห้าม|มิได้|มิให้)\\S{0,40}$|(?:ไม่ต้องการ(?:ให้)?|ไม่ต้อง|อย่า|ห้าม|ไม่ได้(?:ต้องการ|ขอ)?|ไม่อยาก(?:ให้)?|แทนที่จะ|แทนการ|ยกเลิก(?:การ|คำขอ))\\s?\\S{0,15}$'.normalize(
    'NFKC',
  ),
  'u',
);

/** In the same sentence: a question, something past or imagined, somebody else's matter, an exception. A person has to read it. */
export const DOUBT =
  /\b(?:what happens|what if|how (?:do|can|could|would|to|long)|why|whether|if|unless|in case|suppose|already|(?:did|have|has|had) (?:you|they|somebody|someone)|thank(?:s| you) for|someone|somebody|hacker|friend|my (?:wife|husband|son|daughter|mother|father|boss|client)|except(?:ion)?|excluding|but (?:not|keep|still)|keep|still (?:want|like|wish)|(?:only|just) (?:want|send)|other than|apart from|aside from|(?:is|are) (?:fine|ok|okay|welcome)|before|until|at night|weekends?|joke|joking|maybe|perhaps|might|think(?:ing)? about|consider(?:ing)?|for example|threat(?:en|ened)?|polic(?:y|ies)|procedures?|your process|process (?:for|of|to)|(?<!as )possible|(?:ask|asking|question|questions|curious|wonder|wondering) (?:about|if)|enquir(?:y|e|ing)|inquir(?:y|e|ing)|(?:cancel|undo|reverse|withdraw|revoke|retract|ignore|disregard)(?: \w+){0,3} (?:requests?|deletion|erasure|withdrawal)|(?:e-?mails?|messages|sms|texts|calls) (?:about|regarding|concerning) (?:my|the|an?))\b/u;
export const DOUBT_TH = new RegExp(
  '(?:แล้ว|หรือยัง|อย่างไร|ยังไง|ทำไม|ถ้า|หาก|ขอบคุณที่|ยกเว้น|แต่ยัง|แต่ขอ|ยังต้องการ|ยังอยาก|ยังรับ|ของ(?:สามี|ภรรยา|ลูก|แม่|พ่อ|เพื่อน|ลูกค้า|พนักงาน|คนอื่น|ผู้อื่น)|ก่อน|อาจจะ|เพื่อน|สมมติ|ขั้นตอน|วิธี|สอบถาม|ขอถาม|นโยบาย)'.normalize(
    'NFKC',
  ),
  'u',
);
/** Anywhere: the writer takes back what the mail said before. */
export const RETRACTION =
  /\b(?:no way|no wait|never ?mind|changed my mind|on second thoughts?|actually|(?:just )?kidding|leave it|(?:do not|don't|dont) (?:do|delete|erase|remove|touch|stop|unsubscribe|cancel)\b)|เปลี่ยนใจ|ไม่เอาแล้ว|ล้อเล่น/u;
/** A question is a request where it asks us to do something. Of what we hold it always is. */
export const QUESTION = /\?$/u;
export const POLITE = /\b(?:can|could|would|will) you\b|(?:ได้ไหม|ได้มั้ย|ได้หรือไม่)/u;
/** With everything at once it cannot be that something is left out. */
export const LIMITED = /\b(?:only|just|except|excluding|keep|but)\b|เท่านั้น|เฉพาะ|ยกเว้น|แต่/u;
