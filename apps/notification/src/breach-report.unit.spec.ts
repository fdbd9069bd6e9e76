import { canonical } from '@attesta/proof';
import { extractText, getDocumentProxy } from 'unpdf';
import { breachReportHtml } from './breach-report-html.js';
import { ATTACHMENT, breachReportPdf } from './breach-report-pdf.js';
import { reportOf, type BreachReport } from './breach-report.js';
import { assessed, DISCOVERED, DUE, facts, HOUR, policy, recorded, words } from './breach-rig.js';
import { decide, record, type Command } from './breach.decider.js';
import { evolve, type BreachState } from './breach.state.js';

const ID = '00000000-0000-4000-8000-00000000dead';
const at = (hours: number) => Date.parse(DISCOVERED) + hours * HOUR;

/** A breach after commands, each an hour after the one before; the first `sealed` of its events have come back. */
function breach(commands: Command[], { from = 1, sealed = 0, change = {} } = {}) {
  const first = record(policy, { ...recorded, ...change }, at(from));
  let state = first.reduce<BreachState | undefined>((s, event) => evolve(s, event, at(from)), undefined)!;
  commands.forEach((command, n) => {
    const now = at(from + n + 1);
    state = decide(policy, state, command, now).reduce((s, event) => evolve(s, event, now), state);
  });
  const positions = Object.fromEntries(Array.from({ length: sealed }, (_, n) => [n, 100 + n]));
  return { id: ID, version: state.events, state, recorded_at: new Date(at(from)), positions };
}
const report = (...of: Parameters<typeof breach>) => reportOf(policy, breach(...of));

const late: Command = {
  kind: 'notify-authority',
  jurisdiction: 'th-pdpa',
  at: new Date(at(76.5)).toISOString(),
  phase: 'initial',
  reference: 'PDPC 7/2569',
  explanation: 'The supplier told us late.',
};
const whole = () =>
  report(
    [
      { kind: 'update', facts: { ...facts, people: 900 } },
      { kind: 'assess', assessment: { ...assessed('high', 'It was downloaded.'), planned: 'Passwords will be reset.' } },
      late,
      { kind: 'order-notice', notice: { words, people: 900 } },
      { kind: 'note-told', order: 0, told: { told: 890, unreachable: 9, failed: 1 } },
      {
        kind: 'close',
        reason: 'All is done.',
        unordered: 0,
        exemption: { ground: 'disproportionate', explanation: 'Ten have no address.', publicCommunication: 'website, 9 March' },
      },
    ],
    { from: 74, sealed: 9 },
  );

/** What is copied out of the pages, without line breaks; sara am comes as its two signs. */
async function textIn(pdf: Buffer): Promise<string> {
  const { text } = await extractText(new Uint8Array(pdf), { mergePages: true });
  return text.replaceAll(/\s+/g, '');
}
const written = (text: string) => text.replaceAll('\u0e33', '\u0e4d\u0e32').replaceAll(/\s+/g, '');

describe('the report for the authority', () => {
  it('is about one authority', () => {
    const both = breach([], { change: { jurisdictions: ['th-pdpa', 'eu-gdpr'] } });
    expect(reportOf(policy, both).authority.id).toBe('pdpc');
    expect(reportOf(policy, both, 'eu-gdpr')).toMatchObject({
      authority: { id: 'eu-authority' },
      deadline: { citation: 'GDPR Art. 33(1)' },
    });
    expect(() => reportOf(policy, breach([]), 'eu-gdpr')).toThrow(expect.objectContaining({ slug: 'invalid-fields' }));
  });

  it('says what is known by then, and what is not', () => {
    expect(report([])).toMatchObject({
      phase: 'initial',
      facts: { people: 1200, occurredUntil: null, categories: [{ id: 'contact' }, { id: 'transaction' }], position: null },
      deadline: { due: DUE },
      assessment: null,
      notified: [],
      delay: null,
    });
  });

  it('names the log position of what it rests on', () => {
    // recorded, two missed deadlines, updated, assessed, notified, ordered, told, closed
    expect(whole()).toMatchObject({
      discovered: { position: 100 },
      facts: { people: 900, position: 103 },
      assessment: { risk: 'high', position: 104 },
      notified: [{ inTime: false, position: 105 }],
      people: { orders: [{ position: 106, told: { told: 890, position: 107 } }], exemption: { position: 108 } },
      closed: { position: 108 },
    });
  });

  it.each<[string, BreachReport['delay'], () => BreachReport]>([
    ['none in time', null, () => report([{ ...late, at: DISCOVERED, explanation: undefined } as unknown as Command])],
    ['by how much, and why', { seconds: 4.5 * 3600, explanation: 'The supplier told us late.' }, whole],
    ['not yet why', { seconds: null, explanation: null }, () => report([], { from: 73 })],
  ])('says of a delay %s', (_, delay, of) => {
    expect(of().delay).toEqual(delay);
  });
});

describe('its pages', () => {
  const SAID: [what: string, text: string][] = [
    ['the authority', 'Office of the Personal Data Protection Committee (pdpc)'],
    ['the authority in Thai', 'สำนักงานคณะกรรมการคุ้มครองข้อมูลส่วนบุคคล (pdpc)'],
    ['who tells it', 'M MED (TH)'],
    ['how to reach the officer', 'dpo@m-med.example'],
    ['the nature', 'Confidentiality: data was accessed or disclosed without right'],
    ['what happened, as it was written', 'มีผู้เข้าถึงสำเนาข้อมูลได้โดยไม่มีสิทธิ'],
    ['the cause', 'A storage bucket was public.'],
    ['when it happened', '2026-02-27T15:00:00.000Z – …'],
    ['when it became known', DISCOVERED],
    ['the data', 'Telephone number and e-mail (contact)'],
    ['whom it concerns', 'customers'],
    ['how many', 'about 900'],
    ['how many records', 'about 3400'],
    ['the risk', 'A high risk to the rights and freedoms of people'],
    ['why', 'It was downloaded.'],
    ['likely consequences', 'Fraudulent messages'],
    ['measures', 'The bucket was closed.'],
    ['measures to come', 'Passwords will be reset.'],
    ['who was told', 'told 890, without an address 9, failed 1'],
    ['who was told in Thai', 'แจ้งแล้ว 890 ราย ไม่มีช่องทางติดต่อ 9 ราย ไม่สำเร็จ 1 ราย'],
    ['what the public was told', 'website, 9 March'],
    ['the delay', 'Late by 4 h 30 min 0 s'],
    ['the delay in Thai', 'ล่าช้า 4 ชั่วโมง 30 นาที 0 วินาที'],
    ['its reason', 'The supplier told us late.'],
    ['the reference', 'PDPC 7/2569'],
    ['log positions', 'log position 104'],
  ];
  let pdf: Buffer;
  let text: string;
  beforeAll(async () => {
    pdf = await breachReportPdf(whole());
    // Numbers of pages stand between paragraphs that a page parts.
    text = (await textIn(pdf)).replaceAll(new RegExp(`${ID}\\d/\\d`, 'g'), '');
  });

  it.each(SAID)('say %s', (_, said) => {
    expect(text).toContain(written(said));
    expect(breachReportHtml(whole())).toContain(said);
  });

  it('are the same bytes for the same report, and other bytes for another', async () => {
    expect(await breachReportPdf(structuredClone(whole()))).toEqual(pdf);
    expect(breachReportHtml(whole())).toBe(breachReportHtml(whole()));
    expect(await breachReportPdf(report([]))).not.toEqual(pdf);
  });

  it('carry the report for machines', async () => {
    const document = await getDocumentProxy(new Uint8Array(pdf));
    const attachments = (await document.getAttachments()) as Record<string, { content: Uint8Array }>;
    expect(Buffer.from(attachments[ATTACHMENT]!.content).toString()).toBe(canonical(whole()));
  });

  it('take markup for the text that it is', () => {
    const html = breachReportHtml(report([], { change: { description: '<script>alert("1")</script> & more' } }));
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; more');
  });

  it('have room for the longest report', async () => {
    const long = 'ข้อมูลส่วนบุคคล '.repeat(250);
    const said = await textIn(await breachReportPdf(report([], { change: { description: `${long}\nsecond line` } })));
    expect(said).toContain('secondline');
  });
});
