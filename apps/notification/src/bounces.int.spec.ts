import { randomBytes } from 'node:crypto';
import { signal } from '@attesta/testing';
import fc from 'fast-check';
import { createTransport } from 'nodemailer';
import { bounceOf, BounceServer, takesNoMail, type Bounce, type BounceServerOptions } from './bounces.js';
import { returnPathOf } from './return-path.js';

const PATHS = { domain: 'bounces.shop.example', key: randomBytes(32) };
const MESSAGE = '0191f3a2-5b7c-7d41-9c55-2f6f1a0b3c4d';
const TO = returnPathOf(MESSAGE, PATHS);

interface Recipient {
  action?: string;
  status?: string;
  diagnostic?: string;
}

/** As Postfix writes it. */
function notification(
  recipients: Recipient[],
  {
    part = 'message/delivery-status',
    extra = '',
    end = '\r\n',
    human = 'ขออภัย ส่งไม่ถึง',
    status,
  }: Partial<{ part: string; extra: string; end: string; human: string; status: string }> = {},
): Buffer {
  const groups = recipients.map(({ action, status: code, diagnostic }, index) =>
    [
      `Final-Recipient: rfc822; somchai${index}@mail.example`,
      `Original-Recipient: rfc822;somchai${index}@mail.example`,
      ...(action === undefined ? [] : [`Action: ${action}`]),
      ...(code === undefined ? [] : [`Status: ${code}`]),
      'Remote-MTA: dns; mx.mail.example',
      ...(diagnostic === undefined ? [] : [`Diagnostic-Code: ${diagnostic}`]),
    ].join('\n'),
  );
  const text = `Return-Path: <>
From: MAILER-DAEMON@mx.shop.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: ${TO}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="9B095B5ADSN=_01D9/mx.shop.example"
Message-Id: <20260301090000.9B095B5A@mx.shop.example>

This is a MIME-encapsulated message.

--9B095B5ADSN=_01D9/mx.shop.example
Content-Description: Notification
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

${human}

--9B095B5ADSN=_01D9/mx.shop.example
Content-Description: Delivery report
Content-Type: ${part}${extra}

${status ?? ['Reporting-MTA: dns; mx.shop.example\nX-Postfix-Queue-ID: 9B095B5A\nArrival-Date: Sun,  1 Mar 2026 09:00:00 +0000 (UTC)', ...groups].join('\n\n')}

--9B095B5ADSN=_01D9/mx.shop.example
Content-Description: Undelivered Message
Content-Type: text/rfc822-headers

Subject: =?UTF-8?B?4LiX4LiU4Liq4Lit4Lia?=
Action: delivered
Status: 2.0.0

--9B095B5ADSN=_01D9/mx.shop.example--
`;
  return Buffer.from(text.replaceAll('\n', end));
}

const read = (...given: Parameters<typeof notification>) => bounceOf(notification(...given), TO, PATHS);
const bounced = (status: string | undefined, permanent: boolean): Bounce => ({
  message: MESSAGE,
  outcome: 'bounced',
  permanent,
  ...(status !== undefined && { status }),
});

describe('a delivery status notification', () => {
  test.each<[string, Recipient[], Bounce | undefined]>([
    [
      'an unknown address',
      [{ action: 'failed', status: '5.1.1', diagnostic: 'smtp; 550 5.1.1 <somchai0@mail.example>: User unknown' }],
      bounced('5.1.1', true),
    ],
    ['an unknown host', [{ action: 'Failed', status: '5.1.2' }], bounced('5.1.2', true)],
    ['a host without mail', [{ action: 'failed', status: '5.1.10' }], bounced('5.1.10', true)],
    ['a disabled mailbox', [{ action: 'failed', status: '5.2.1' }], bounced('5.2.1', true)],
    ['a full mailbox', [{ action: 'failed', status: '5.2.2' }], bounced('5.2.2', false)],
    ['an unwanted message', [{ action: 'failed', status: '5.7.1' }], bounced('5.7.1', false)],
    ['a sender that is not wanted', [{ action: 'failed', status: '5.1.8' }], bounced('5.1.8', false)],
    ['a delivery that took too long', [{ action: 'failed', status: '4.4.7 (delivery time expired)' }], bounced('4.4.7', false)],
    ['a failure that says no more', [{ action: 'failed', status: '5.0.0' }], bounced('5.0.0', false)],
    ['a failure without a status', [{ action: 'failed' }], bounced(undefined, false)],
    ['a failure with the status of a success', [{ action: 'failed', status: '2.0.0' }], bounced(undefined, false)],
    ['a status that is none', [{ action: 'failed', status: '5.1.1111' }], bounced(undefined, false)],
    [
      'what only the other system says',
      [{ action: 'failed', status: '5.0.0', diagnostic: 'smtp; 550-5.1.1 The email account does not exist' }],
      bounced('5.1.1', true),
    ],
    ['a delay', [{ action: 'delayed', status: '4.4.1' }], undefined],
    ['a relay', [{ action: 'relayed', status: '2.0.0' }], undefined],
    [
      'a delivery',
      [{ action: 'delivered', status: '2.1.5' }],
      { message: MESSAGE, outcome: 'delivered', permanent: false, status: '2.1.5' },
    ],
    ['a list', [{ action: 'expanded', status: '2.0.0' }], { message: MESSAGE, outcome: 'delivered', permanent: false, status: '2.0.0' }],
    [
      'several that failed',
      [
        { action: 'failed', status: '5.1.1' },
        { action: 'failed', status: '5.1.1' },
      ],
      bounced('5.1.1', true),
    ],
    [
      'several of which one is full',
      [
        { action: 'failed', status: '5.1.1' },
        { action: 'failed', status: '5.2.2' },
      ],
      bounced('5.1.1', false),
    ],
    [
      'several of which one is delayed',
      [
        { action: 'delayed', status: '4.2.1' },
        { action: 'failed', status: '5.1.1' },
      ],
      bounced('5.1.1', false),
    ],
    [
      'several of which one arrived',
      [
        { action: 'failed', status: '5.1.1' },
        { action: 'delivered', status: '2.0.0' },
      ],
      { message: MESSAGE, outcome: 'delivered', permanent: false, status: '2.0.0' },
    ],
    ['nobody', [], undefined],
    ['somebody, without saying what happened', [{ status: '5.1.1' }], undefined],
  ])('tells of %s', (_what, recipients, expected) => {
    expect(read(recipients)).toEqual(expected);
    expect(read(recipients, { end: '\n' })).toEqual(expected);
  });

  it('is read folded, encoded, and of international addresses', () => {
    const fields = 'Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: utf-8; สมชาย@ไทย.example\r\nAction:\r\n failed\r\nStatus:\r\n\t5.1.1';
    const unfolded = fields.replaceAll('\r\n', '\n');
    expect(read([], { status: unfolded, part: 'message/global-delivery-status' })).toEqual(bounced('5.1.1', true));
    const base64 = Buffer.from(fields).toString('base64').replace(/.{76}/g, '$&\n');
    expect(read([], { status: base64, extra: '\nContent-Transfer-Encoding: base64' })).toEqual(bounced('5.1.1', true));
    const quoted = unfolded.replace(/[\u0080-\uffff]/g, '=E0').replace('failed', 'fai=\nle=64');
    expect(read([], { status: quoted, extra: '\nContent-Transfer-Encoding: quoted-printable' })).toEqual(bounced('5.1.1', true));
  });

  it('is of no effect on another message than that of the return path', () => {
    const raw = notification([{ action: 'failed', status: '5.1.1' }]);
    for (const to of ['dpo@shop.example', TO.replace('0191', '0192'), returnPathOf(MESSAGE, { ...PATHS, key: randomBytes(32) })]) {
      expect(bounceOf(raw, to, PATHS)).toBeUndefined();
    }
  });
});

test.each([
  ['nothing', ''],
  ['a reply', 'From: a@b.example\r\nSubject: Re: x\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n'],
  [
    'a vacation notice',
    'From: a@b.example\r\nAuto-Submitted: auto-replied\r\nContent-Type: text/plain\r\n\r\nไม่อยู่\r\n\r\nAction: failed\r\n',
  ],
  [
    'a report in a reply',
    notification([{ action: 'failed', status: '5.1.1' }])
      .toString()
      .replace('multipart/report', 'multipart/mixed'),
  ],
  ['a read receipt', notification([{ action: 'failed', status: '5.1.1' }], { part: 'message/disposition-notification' }).toString()],
  ['a complaint', notification([{ action: 'failed', status: '5.1.1' }], { part: 'message/feedback-report' }).toString()],
  [
    'a report without a boundary',
    notification([{ action: 'failed' }])
      .toString()
      .replace(/boundary="[^"]*"/, 'x=y'),
  ],
])('%s is no notification', (_what, raw) => {
  expect(bounceOf(Buffer.from(raw), TO, PATHS)).toBeUndefined();
});

describe('hostile mail', () => {
  const MIB = 1024 * 1024;
  const whole = notification([{ action: 'failed', status: '5.1.1' }]);
  const head = 'Content-Type: multipart/report; boundary=b\r\n\r\n';
  const fill = (piece: string) => Buffer.alloc(25 * MIB, piece);
  const part = '\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n';

  it.each<[string, Buffer, Bounce | undefined]>([
    ['a long explanation', notification([{ action: 'failed', status: '5.1.1' }], { human: 'ก'.repeat(8 * MIB) }), bounced('5.1.1', true)],
    ['the whole message sent back', Buffer.concat([whole, fill('x')]), bounced('5.1.1', true)],
    ['a header without end', Buffer.concat([Buffer.from('Content-Type: multipart/report; '), fill('x')]), undefined],
    ['a header of spaces', Buffer.concat([Buffer.from('Content-Type: multipart/report;'), fill(' ')]), undefined],
    ['folds without end', Buffer.concat([Buffer.from('Content-Type: multipart/report;'), fill('\r\n ')]), undefined],
    ['boundaries without end', Buffer.concat([Buffer.from(head), fill('\r\n--b')]), undefined],
    ['parts without end', Buffer.concat([Buffer.from(head), fill('\r\n--b\r\n\r\n')]), undefined],
    ['what is almost a boundary', Buffer.concat([Buffer.from(head), fill('--b--b')]), undefined],
    ['lines that begin like a boundary', Buffer.concat([Buffer.from(head), fill('\n--bx')]), undefined],
    ['a boundary that is no word', Buffer.concat([Buffer.from('Content-Type: multipart/report; boundary="'), fill('"b\\')]), undefined],
    ['groups without end', Buffer.concat([Buffer.from(head + part), fill('\r\n\r\nx:y')]), undefined],
    ['empty lines without end', Buffer.concat([Buffer.from(head + part), fill('\n \t')]), undefined],
    ['colons', Buffer.concat([Buffer.from(head + part), fill(':')]), undefined],
    ['zeros', Buffer.concat([Buffer.from(head), fill('\0')]), undefined],
  ])('is answered at once: %s', (_what, raw, expected) => {
    const began = performance.now();
    expect(bounceOf(raw, TO, PATHS)).toEqual(expected);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('is answered, whatever it is', () => {
    const piece = fc.constantFrom(
      '--b',
      '--b--',
      '\r\n',
      '\n',
      ' ',
      ':',
      'Content-Type: multipart/report; boundary=b',
      'Content-Type: message/delivery-status',
      'Action: failed',
      'Status: 5.1.1',
      '\0',
      'ก',
      '"',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 60 }), (pieces) => {
        bounceOf(Buffer.from(pieces.join('')), TO, PATHS);
      }),
      { numRuns: 2_000 },
    );
    for (let length = 0; length < whole.length; length += 7) bounceOf(whole.subarray(0, length), TO, PATHS);
  });
});

test('only an address that takes no mail is dead', () => {
  expect(['5.1.0', '5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1'].every(takesNoMail)).toBe(true);
  expect([undefined, '4.1.1', '2.1.5', '5.1.7', '5.1.8', '5.2.2', '5.4.4', '5.7.1', '5.0.0', '15.1.1'].some(takesNoMail)).toBe(false);
});

describe('a bounce server', () => {
  const open: BounceServer[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((server) => server.close()));
  });
  async function serving(options: Partial<BounceServerOptions> = {}) {
    const heard: Bounce[] = [];
    const server = await BounceServer.open({
      port: 0,
      host: '127.0.0.1',
      ...PATHS,
      onBounce: async (bounce) => void heard.push(bounce),
      ...options,
    });
    open.push(server);
    const send = (raw: Buffer, to: string | string[] = TO) =>
      createTransport({ host: '127.0.0.1', port: server.port, ignoreTLS: true }).sendMail({ envelope: { from: '', to }, raw });
    return { server, heard, send };
  }
  const failed = notification([{ action: 'failed', status: '5.1.1' }]);

  it('hears of bounces and nothing else', async () => {
    const { heard, send } = await serving();
    await send(failed);
    await send(Buffer.from('Subject: Re\r\n\r\nขอบคุณ'));
    await send(failed, TO.toUpperCase());
    expect(heard).toEqual([bounced('5.1.1', true), bounced('5.1.1', true)]);
  });

  it('refuses unread what is not for a return path of ours', async () => {
    const { heard, send } = await serving();
    for (const to of ['dpo@shop.example', `bounces@${PATHS.domain}`, TO.replace('0191f3a2', '0191f3a3'), `${TO}.evil.example`]) {
      await expect(send(failed, to)).rejects.toMatchObject({ responseCode: 550 });
    }
    expect(heard).toEqual([]);
  });

  it('is told again of what could not be kept', async () => {
    let calls = 0;
    const heard: Bounce[] = [];
    const errors: unknown[] = [];
    const { send } = await serving({
      async onBounce(bounce) {
        calls += 1;
        if (calls === 1) throw new Error('no database');
        heard.push(bounce);
      },
      onError: (error) => errors.push(error),
    });
    await expect(send(failed)).rejects.toMatchObject({ responseCode: 451 });
    await send(failed);
    expect(heard).toHaveLength(1);
    expect(errors.map(String).join()).not.toMatch(/somchai|@/);
  });

  it('takes 25 MiB, and serves others meanwhile', async () => {
    const [called, kept] = [signal(), signal()];
    const heard: Bounce[] = [];
    const { send } = await serving({
      async onBounce(bounce) {
        heard.push(bounce);
        if (heard.length > 1) return;
        called.done();
        await kept.promise;
      },
    });
    const large = send(Buffer.concat([failed, Buffer.alloc(25 * 1024 * 1024 - failed.length, `${'x'.repeat(76)}\r\n`)]));
    await called.promise;
    await send(failed);
    expect(heard).toHaveLength(2);
    kept.done();
    await large;
  });
});
