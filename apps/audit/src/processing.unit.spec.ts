import { htmlOf, pdfOf } from '@attesta/pdf';
import type { Policy } from '@attesta/policy';
import { policy } from './policy-rig.js';
import { processingRecord, type ProcessingRecord } from './processing-activities.js';
import { contentOf } from './processing-content.js';
import { processingCsv } from './processing-csv.js';
import type { Count } from './tally.js';

const counts: Count[] = [
  { kind: 'processing', day: '2026-03-05', key: 'marketing collected', n: 2, first: 7 },
  { kind: 'processing', day: '2026-03-01', key: 'marketing collected', n: 1, first: 9 },
  { kind: 'processing', day: '2026-03-01', key: 'unheard-of used', n: 1, first: 4 },
  { kind: 'category', day: '2026-03-01', key: 'marketing health', n: 1, first: 9 },
  { kind: 'recipient', day: '2026-03-01', key: 'marketing app-publisher', n: 3, first: 9 },
];
const record = processingRecord(policy, counts, new Map([['harms-others', [5, 3]]]));
const of = (id: string, { activities }: ProcessingRecord = record) => activities.find((activity) => activity.id === id)!;

/** The policy with a title that means harm. */
function named(title: string): Policy {
  const purposes = new Map(policy.purposes);
  purposes.set('marketing', { ...purposes.get('marketing')!, title, title_th: title });
  return { ...policy, purposes };
}

describe('the record of processing activities', () => {
  it('adds days up, with the first entry and one of the last day', () => {
    expect(of('marketing').collected).toEqual({
      count: 3,
      first: { day: '2026-03-01', position: 9 },
      last: { day: '2026-03-05', position: 7 },
    });
    expect(of('marketing').categories).toMatchObject([{ id: 'health', sensitive: true, happened: { count: 1 } }]);
    expect(of('marketing').recipients).toMatchObject([{ id: 'app-publisher', happened: { count: 3 } }]);
  });

  it('lists what was processed for a purpose that the policy does not have', () => {
    expect(of('unheard-of')).toMatchObject({ title: 'unheard-of', bases: [], used: { count: 1 } });
    expect(record.activities).toHaveLength(policy.purposes.size + 1);
  });

  it('names transfers abroad, refusals, and what the law asks for and the policy does not say', () => {
    expect(record.recipients.filter(({ abroad }) => abroad.length > 0).map(({ country }) => country)).not.toContain('TH');
    expect(record.refusals.find(({ id }) => id === 'harms-others')?.refused).toEqual({ count: 2, positions: [5, 3] });
    expect(record.notInPolicy).toEqual(['categories-of-people', 'security-measures']);
    expect(record.controllers).toMatchObject([{ name: 'M MED', contact: 'Data Protection Officer' }]);
  });

  it('as CSV has a row for each purpose, Thai, and no formula', () => {
    const csv = processingCsv(record);
    expect(csv.startsWith('\uFEFFpurpose,title,title_th,')).toBe(true);
    expect(csv.trimEnd().split('\r\n')).toHaveLength(record.activities.length + 1);
    expect(csv).toContain('การตลาด');
    for (const formula of ['=1+1', '+1', '-1', '@SUM(A1)', ' =1+1', '\t=1+1', '\uFF1D1']) {
      const cell = processingCsv(processingRecord(named(formula), [], new Map()))
        .split('\r\n')
        .find((line) => line.startsWith('marketing,'))!;
      expect(cell).toContain(`'${formula}`);
    }
  });

  it('as HTML needs nothing else, escapes what it is given, and speaks both languages', () => {
    const content = {
      record: processingRecord(named('<script>alert(1)</script>'), counts, new Map()),
      position: 9,
      at: '2026-03-06T00:00:00.000Z',
    };
    const html = htmlOf('Record', contentOf(content));
    expect(html).not.toMatch(/<script|src=|href=/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('<span lang="th">บันทึกรายการกิจกรรมการประมวลผลข้อมูลส่วนบุคคล</span>');
    expect(html).toContain('3 entries, 2026-03-01 (9) – 2026-03-05 (7)');
  });

  it('as PDF is the same bytes for the same record', async () => {
    const blocks = contentOf({ record, position: 9, at: '2026-03-06T00:00:00.000Z' });
    const attachment = { name: 'a.json', description: 'x', json: '{}' };
    const draw = () => pdfOf({ title: 'Record', number: 'm-med 9', at: new Date('2026-03-06T00:00:00Z'), blocks, attachment });
    const pdf = await draw();
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.equals(await draw())).toBe(true);
  });
});
