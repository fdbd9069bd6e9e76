import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { certificateText, verifyCertificate, type DestructionCertificate } from '@attesta/disposal';
import { nodePrimitives } from '@attesta/proof/node';
import { extractText, getDocumentProxy } from 'unpdf';
import { ATTACHMENT, certificatePdf } from './certificate-pdf.js';

const sample = JSON.parse(
  fs.readFileSync(new URL('../../../libs/disposal/src/fixtures/certificate.v1.json', import.meta.url), 'utf8'),
) as DestructionCertificate;

/** What is copied out of the pages, without line breaks; sara am comes as its two signs. */
async function textIn(pdf: Buffer): Promise<string> {
  const { text } = await extractText(new Uint8Array(pdf), { mergePages: true });
  return text.replaceAll(/\s+/g, '');
}
const written = (text: string) => text.replaceAll('\u0e33', '\u0e4d\u0e32').replaceAll(/\s+/g, '');

describe('the PDF of a certificate', () => {
  let pdf: Buffer;
  let text: string;
  beforeAll(async () => {
    pdf = await certificatePdf(sample);
    text = await textIn(pdf);
  });

  it.each([
    ['number', sample.statement.number],
    ['outcome', 'Partial: something survives, and is named below'],
    ['outcome in Thai', 'บางส่วน: ยังมีข้อมูลคงอยู่ตามที่ระบุไว้ด้านล่าง'],
    ['data', 'Telephone number and e-mail (contact)'],
    ['data in Thai', 'ข้อมูลติดต่อ (contact)'],
    ['basis', 'Civil and Commercial Code s.193/30 (contract-claims)'],
    ['keys', 'contact.1, address.1'],
    ['survivors with reasons', 'legal hold'],
    ['survivors with reasons in Thai', 'การระงับการทำลายตามกฎหมาย'],
    ['what systems answered', 'keeps address: tax invoices (Revenue Code s.87/3)'],
    ['position and time', '12, 2026-03-01T09:00:12.000Z'],
    ['signature', sample.evidence.checkpoint.split('\n')[2]!],
    ['key of the log', sample.evidence.verifierKey],
  ])('says the %s', (_what, said) => {
    expect(text).toContain(written(said));
  });

  it('says the method and its legal caveat in both languages', () => {
    const { methods, caveats, pseudonym, signature } = sample.texts;
    const pages = text.replaceAll(/0192f0c1-7b2a-7abc-8def-0000000000d1\d\/\d/g, '');
    for (const { en, th } of [...methods, ...caveats, pseudonym, signature]) {
      expect(pages).toContain(written(en));
      expect(pages).toContain(written(th));
    }
  });

  it('names the person nowhere', () => {
    expect(text).not.toContain('00000000-0000-4000-8000-000000000007');
  });

  it('is the same bytes for the same certificate, and other bytes for another', async () => {
    expect(await certificatePdf(structuredClone(sample))).toEqual(pdf);
    const other = structuredClone(sample);
    other.statement.parts++;
    expect(await certificatePdf(other)).not.toEqual(pdf);
  });

  it('is what it was when certificates were first given out: those are compared with what is drawn of them now', () => {
    // Thai is broken into lines as the runtime's ICU knows words: of another one nobody here knows the bytes.
    const digest = createHash('sha256').update(pdf).digest('hex');
    if (process.versions.icu?.startsWith('78.')) expect(digest).toBe('cd043eb4087d37adefef887c27175138013d031610a5ac64711238cc1c847a91');
  });

  it('carries the certificate, which verifies', async () => {
    const document = await getDocumentProxy(new Uint8Array(pdf));
    const attachments = (await document.getAttachments()) as Record<string, { content: Uint8Array }>;
    expect(Object.keys(attachments)).toEqual([ATTACHMENT]);
    const attached = Buffer.from(attachments[ATTACHMENT]!.content).toString();
    expect(attached).toBe(certificateText(sample));
    expect(verifyCertificate(attached, { primitives: nodePrimitives }).problems).toEqual([]);
  });

  it('has room for the longest certificate', async () => {
    const long = structuredClone(sample);
    long.statement.keys = Array.from({ length: 100 }, (_, i) => `contact.${i + 1}`);
    long.statement.survivors = Array.from({ length: 128 }, (_, i) => ({
      category: 'contact',
      ground: `rule-${i}`,
      reason: 'ตามกฎหมาย'.repeat(30),
      law: 'x'.repeat(200),
    }));
    long.statement.positions.removed = Array.from({ length: 3000 }, (_, i) => i);
    const said = await textIn(await certificatePdf(long));
    expect(said).toContain('contact.100');
    expect(said).toContain('rule-127');
    expect(said).toContain('(3000)');
  });
});
