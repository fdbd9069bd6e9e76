import { hash } from 'node:crypto';
import { readMail, type MailProblem, type MailReadingOptions, type ReadMail } from './mail-reading.js';
import { composed, lines, tis620 } from './mail-rig.js';

async function read(raw: Buffer, options?: MailReadingOptions): Promise<ReadMail> {
  const mail = await readMail(raw, options);
  if (!mail.readable) throw new Error(`not readable: ${JSON.stringify(mail.problems)}`);
  return mail;
}
const codes = async (raw: Buffer, options?: MailReadingOptions): Promise<MailProblem['code'][]> =>
  (await readMail(raw, options)).problems.map(({ code }) => code);

const THAI = 'ขอลบข้อมูลส่วนบุคคลของข้าพเจ้าทั้งหมด';
const HEAD = ['From: Somchai <somchai@mail.example>', 'Message-ID: <m-1@mail.example>', 'Subject: x', 'MIME-Version: 1.0'];

describe('reading a mail', () => {
  it('gives the sender, the text and the thread', async () => {
    const mail = await read(
      await composed({
        from: 'Somchai Jaidee <Somchai@Mail.Example>',
        subject: 'My data',
        text: 'Please send me a copy.',
        messageId: '<m-2@mail.example>',
        inReplyTo: '<m-1@shop.example>',
        references: ['<m-0@shop.example>', '<m-1@shop.example>'],
        date: new Date('2026-02-03T04:05:06Z'),
      }),
    );
    expect(mail).toMatchObject({
      messageId: 'm-2@mail.example',
      from: 'somchai@mail.example',
      fromName: 'Somchai Jaidee',
      date: new Date('2026-02-03T04:05:06Z'),
      subject: 'My data',
      text: 'Please send me a copy.',
      inReplyTo: 'm-1@shop.example',
      references: ['m-0@shop.example', 'm-1@shop.example'],
      attachments: [],
      authentication: 'none',
      autoSubmitted: false,
      problems: [],
    });
  });

  it.each(['quoted-printable', 'base64'] as const)('reads Thai in UTF-8, %s', async (textEncoding) => {
    const mail = await read(await composed({ from: 'สมชาย <s@mail.example>', subject: THAI, text: THAI, textEncoding }));
    expect(mail).toMatchObject({ subject: THAI, text: THAI, fromName: 'สมชาย' });
  });

  it.each(['TIS-620', 'windows-874', 'iso-8859-11'])('reads Thai in %s', async (charset) => {
    const word = `=?${charset}?B?${Buffer.from(tis620('ลบข้อมูล'), 'latin1').toString('base64')}?=`;
    const raw = lines(
      'From: s@mail.example',
      `Subject: ${word}`,
      `Content-Type: text/plain; charset=${charset}`,
      'Content-Transfer-Encoding: 8bit',
      '',
      tis620(THAI),
    );
    expect(await read(raw)).toMatchObject({ subject: 'ลบข้อมูล', text: THAI });
  });

  it.each([
    ['alone', { html: '<p>Delete <b>my</b> data &amp; account</p><script>alert("stop")</script><style>p{}</style>' }],
    [
      'with a picture',
      { html: '<p>Delete <b>my</b> data &amp; account</p>', attachments: [{ cid: 'a@b', content: 'x', filename: 'a.png' }] },
    ],
  ])('makes text of HTML %s and runs nothing', async (_how, parts) => {
    expect((await read(await composed(parts))).text).toBe('Delete my data & account');
  });

  it('takes the plain text where there is both', async () => {
    expect((await read(await composed({ text: 'plain', html: '<p>rich</p>' }))).text).toBe('plain');
  });

  it('measures attachments, renames what a name could do, and looks into none', async () => {
    const content = Buffer.from('PK\u0003\u0004 forty-two petabytes of zeros, they say');
    const mail = await read(
      await composed({
        text: 'see attached',
        attachments: [
          { filename: '../../etc/cron.d/\u202egpj.exe', content, contentType: 'application/zip' },
          { filename: 'page.html', content: '<script>steal()</script>', contentType: 'text/html' },
          { filename: `${'n'.repeat(300)}.pdf`, content: 'p', contentType: 'application/pdf' },
          { filename: 'forwarded.eml', content: 'Subject: inner\r\n\r\nwithdraw my consent', contentType: 'message/rfc822' },
        ],
      }),
    );
    expect(mail.text).toBe('see attached');
    expect(mail.attachments.map(({ name }) => name)).toEqual([
      'etc_cron.d_gpj.exe',
      'page.html',
      `${'n'.repeat(116)}.pdf`,
      'forwarded.eml',
    ]);
    expect(mail.attachments[0]).toMatchObject({ type: 'application/zip', bytes: content.length, digest: hash('sha256', content, 'hex') });
  });

  it('strips what cannot be seen, and keeps lines', async () => {
    const mail = await read(await composed({ subject: 'a\u202eb', text: 'one\u0000\u0007\u001b[31m\ttwo\u200b\u0085three\ud83d\ude00' }));
    expect(mail).toMatchObject({ subject: 'ab', text: 'one[31m\ttwo\nthree\ud83d\ude00' });
  });

  it('cuts long text at a whole character and says so', async () => {
    const mail = await read(await composed({ text: `${'x'.repeat(19_999)}\u{1f600}` }));
    expect(mail.text).toBe('x'.repeat(19_999));
    expect(mail.problems.map(({ code }) => code)).toEqual(['text-cut']);
  });
});

describe('the sender', () => {
  it.each([
    ['several addresses', ['From: a@mail.example, b@mail.example'], 'several-senders'],
    ['several From headers', ['From: a@mail.example', 'From: b@mail.example'], 'several-senders'],
    ['a group', ['From: us: a@mail.example, b@mail.example;'], 'several-senders'],
    ['nobody', ['Subject: x'], 'no-sender'],
    ['an empty group', ['From: undisclosed:;'], 'no-sender'],
    ['an address of no domain', ['From: root@localhost'], 'no-sender'],
    ['a line break in it', ['From: =?utf-8?Q?a=40b=2Eexample=0D=0ABcc:_x=40y=2Eexample?='], 'no-sender'],
  ])('is nobody for %s', async (_what, header, code) => {
    const mail = await read(lines(...header, 'Message-ID: <m@x>', '', 'hello'));
    expect(mail.from).toBeUndefined();
    expect(mail.problems.map((problem) => problem.code)).toContain(code);
  });

  it('keeps an international domain as it is sent to, so that no letter looks like another', async () => {
    expect((await read(lines('From: a@xn--shp-5cd.example', '', 'x'))).from).toBe('a@xn--shp-5cd.example');
  });

  it('names a mail without a Message-ID by its content', async () => {
    const raw = lines('From: a@mail.example', '', 'x');
    expect((await read(raw)).messageId).toBe(`${hash('sha256', raw, 'hex')}@no-message-id.invalid`);
    expect(await codes(raw)).toEqual(['no-message-id']);
  });
});

describe('automatic mail', () => {
  it.each([
    ['Auto-Submitted: auto-replied (vacation)', true],
    ['Auto-Submitted: auto-generated; owner-email="x@y"', true],
    ['Auto-Submitted: no', false],
    ['Precedence: bulk', true],
    ['Precedence: first-class', false],
    ['List-Id: News <news.shop.example>', true],
    ['List-Unsubscribe: <mailto:x@y.example>', true],
    ['Return-Path: <>', true],
    ['Return-Path: <somchai@mail.example>', false],
    ['Content-Type: multipart/report; report-type=delivery-status; boundary=b', true],
    ['X-Autoreply: yes', true],
  ])('%s: %s', async (header, expected) => {
    expect((await read(lines(...HEAD, header, '', 'delete my data'))).autoSubmitted).toBe(expected);
  });

  it.each(['mailer-daemon@mail.example', 'no-reply@mail.example', 'bounces+1@mail.example'])('comes from %s', async (from) => {
    expect((await read(lines(`From: ${from}`, '', 'x'))).autoSubmitted).toBe(true);
  });
});

describe('what is not read', () => {
  const part = (boundary: string, ...content: string[]) => [`--${boundary}`, ...content];
  const mixed = (boundary: string) => `Content-Type: multipart/mixed; boundary="${boundary}"`;

  it('is too big', async () => {
    expect(await codes(await composed({ text: 'x'.repeat(5_000) }), { limits: { bytes: 1_000 } })).toEqual(['too-big']);
  });

  it('has 5,000 parts', async () => {
    const parts = Array.from({ length: 5_000 }, () => part('b', 'Content-Type: text/plain', '', 'x')).flat();
    expect(await codes(lines(...HEAD, mixed('b'), '', ...parts, '--b--'))).toEqual(['too-many-parts']);
  });

  it('has 5,000 parts whose boundary is written so that a line is not enough to know it', async () => {
    const parts = Array.from({ length: 5_000 }, () => part('bb', 'Content-Type: text/plain', '', 'x')).flat();
    const header = ['Content-Type: multipart/mixed; boundary*0=b;', ' boundary*1=b'];
    expect(await codes(lines(...HEAD, ...header, '', ...parts, '--bb--'))).toEqual(['too-many-parts']);
  });

  it.each([30, 3_000])('is nested %d deep', async (depth) => {
    const opened = Array.from({ length: depth }, (_, level) => [mixed(`b${level}`), '', `--b${level}`]).flat();
    const [code] = await codes(lines(...HEAD, ...opened, 'Content-Type: text/plain', '', 'x'));
    expect(code).toBe('nested-too-deep');
  });

  it('has headers without end', async () => {
    expect(await codes(lines(...HEAD, `X: ${'y'.repeat(200_000)}`, '', 'x'))).toEqual(['headers-too-big']);
    expect(await codes(lines(...HEAD, ...Array.from({ length: 20_000 }, () => 'References: <a@b>'), '', 'x'))).toEqual(['headers-too-big']);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(100_000)],
    ['an image', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
    ['text', Buffer.from('delete my data')],
  ])('is %s', async (_what, raw) => {
    expect(await codes(raw)).toEqual(['not-a-mail']);
  });

  it('takes too long', async () => {
    const raw = await composed({ text: 'x', attachments: [{ filename: 'a', content: Buffer.alloc(4_000_000) }] });
    expect(await codes(raw, { limits: { milliseconds: 1 } })).toEqual(['too-slow']);
  });

  it.each([
    ['nested HTML', `<html>${'<b>'.repeat(100_000)}deep`],
    ['endless HTML', `<p>${'word '.repeat(400_000)}`],
  ])('HTML is not made text when it is %s, and the rest is read', async (_what, html) => {
    const mail = await read(await composed({ html, subject: 'still there' }));
    expect(mail).toMatchObject({ subject: 'still there', text: '' });
    expect(mail.problems.map(({ code }) => code)).toEqual(['html-unreadable']);
  });
});

// 10 MB of the worst shapes: nothing here may take longer than the tests' own time, nor end the process.
describe('hostile mail of full size', () => {
  const fill = (unit: string) => unit.repeat(Math.floor(9_000_000 / unit.length));
  const plain = (encoding: string, body: string, type = 'text/plain; charset=utf-8') =>
    lines(...HEAD, `Content-Type: ${type}`, `Content-Transfer-Encoding: ${encoding}`, '', body);
  it.each([
    ['one line', plain('8bit', fill('x'))],
    ['empty lines', plain('8bit', fill('\r\n'))],
    ['boundaries that are none', plain('8bit', fill('--b\r\n'))],
    ['flowed text', plain('8bit', fill('a \r\n'), 'text/plain; format=flowed; delsp=yes')],
    ['base64', plain('base64', fill('QUFB'))],
    ['base64 of rubbish', plain('base64', fill('!@#$%\r\n'))],
    ['quoted-printable', plain('quoted-printable', fill('=E0=B8=A5=\r\n'))],
    ['Thai', plain('8bit', fill(tis620('ลบข้อมูล ')), 'text/plain; charset=tis-620')],
    ['a nonsense charset', plain('8bit', fill('abc '), 'text/plain; charset=x-utf-9000')],
    ['HTML tags', plain('8bit', fill('<a><!--'), 'text/html')],
    ['declared boundaries', plain('8bit', fill('boundary=a\r\n'))],
  ])('%s', async (_what, raw) => {
    const before = performance.now();
    const mail = await readMail(raw);
    expect(performance.now() - before).toBeLessThan(20_000);
    expect(mail.readable ? mail.text.length : 0).toBeLessThanOrEqual(20_000);
  });

  it.each([
    ['encoded words', 'Subject: ', '=?utf-8?Q?=41?= '],
    ['addresses', 'From: ', 'a@b.example, '],
    ['comments', 'From: ', '('],
    ['quotes', 'From: ', '"\\'],
    ['references', 'References: ', '<a@b> '],
    ['results', 'Authentication-Results: mx.shop.example; ', 'dkim=pass ('],
    ['parameters', 'Content-Type: text/plain; ', 'a*0*=b; '],
  ])('headers of %s', async (_what, name, unit) => {
    const raw = lines('From: a@mail.example', name + unit.repeat(Math.floor(120_000 / unit.length)), '', 'x');
    const before = performance.now();
    await readMail(raw, { trustedServers: ['mx.shop.example'] });
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  it('survives a mail cut and corrupted anywhere', async () => {
    const whole = await composed({
      subject: THAI,
      text: THAI,
      html: `<p>${THAI}</p>`,
      attachments: [{ filename: 'a.bin', content: 'abc' }],
    });
    for (let at = 0; at < whole.length; at += 37) {
      const broken = Buffer.from(whole);
      broken.fill(at % 256, at, at + 5);
      expect((await readMail(broken)).digest).toHaveLength(64);
      expect((await readMail(whole.subarray(0, at))).digest).toHaveLength(64);
    }
  });
});
