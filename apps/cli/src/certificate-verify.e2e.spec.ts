import fs from 'node:fs';
import { certificateText, type DestructionCertificate } from '@attesta/disposal';
import { certificatePdf } from '@attesta/retention/certificate-pdf';
import { attesta, temporaryDirectory } from './cli-rig.js';
import { newKey } from './served-log-rig.js';

const sample = JSON.parse(
  fs.readFileSync(new URL('../../../libs/disposal/src/fixtures/certificate.v1.json', import.meta.url), 'utf8'),
) as DestructionCertificate;
const text = certificateText(sample);
const { verifierKey } = sample.evidence;

describe('attesta verify of a certificate of destruction', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let pdf: Buffer;
  beforeAll(async () => {
    pdf = await certificatePdf(sample);
  });
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => directory.remove());
  const verify = (content: string | Uint8Array, name: string, ...args: string[]) => {
    directory.file(name, content);
    return attesta(['verify', name, ...args], { cwd: directory.path });
  };
  const changed = (change: (certificate: DestructionCertificate) => void) => {
    const certificate = structuredClone(sample);
    change(certificate);
    return certificate;
  };

  it('says what was destroyed, how, why, and what survives', async () => {
    const run = await verify(text, 'certificate.json', '--key', verifierKey);
    expect(run).toMatchObject({ code: 0, err: '' });
    for (const line of [
      'VERIFIED',
      'What: contact, address, preferences of one person, destroyed in part',
      'When: 2026-03-01T09:00:12.000Z, at position 12',
      'Keys: contact.1, address.1',
      'Basis: Civil and Commercial Code s.193/30 (contract-claims)',
      'Survives: preferences, legal-hold, matter 2026/17',
      'Survives: address, crm, Revenue Code s.87/3, until 2027-04-01T00:00:00.000Z',
      'System: crm, done',
      'ledger.example/log, 20 entries',
      'the key you gave',
      'It does not cover',
    ])
      expect(run.out).toContain(line);
    expect(run.out).not.toContain('pages');
  });

  it('says that the key came with the certificate when none is pinned, and knows a certificate by its content', async () => {
    expect((await verify(text, 'downloaded')).out).toContain('the key that came in the certificate itself');
    expect((await verify(text, 'downloaded', '--json')).json()).toMatchObject({
      ok: true,
      keyFrom: 'certificate',
      key: verifierKey,
      checkpoint: { size: 20 },
      statement: { number: sample.statement.number },
      cosigners: [],
      problems: [],
    });
  });

  it('finds what was changed, by name, and how to go on', async () => {
    const run = await verify(certificateText(changed(({ statement }) => (statement.outcome = 'complete'))), 'certificate.json');
    expect(run).toMatchObject({ code: 1, err: '' });
    expect(run.out).toMatch(/^NOT VERIFIED\n/);
    expect(run.out).toContain('Wrong: /statement/outcome: the certificate says "complete", and it has to be "partial" | fix: ');
    expect(run.out).not.toMatch(/Proved:|What:/);
    const other = await verify(text, 'certificate.json', '--key', newKey().verifierKey);
    expect(other.code).toBe(1);
    expect(other.out).toContain('the key in the certificate is not the key you gave');
    expect((await verify(JSON.stringify(sample, null, 2), 'certificate.json')).out).toContain('give it as it was downloaded');
  });

  it('takes the PDF as well, and sees that its pages show the certificate', async () => {
    const run = await verify(pdf, 'certificate.pdf', '--key', verifierKey);
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(run.out).toContain('What: contact, address, preferences of one person');
    expect(run.out).toContain('Proved: the pages of the PDF show this certificate and nothing else.');
    expect((await verify(pdf, 'renamed', '--json')).json()).toMatchObject({ ok: true, statement: { number: sample.statement.number } });
  });

  it('does not take a PDF whose pages say something else than the certificate attached to it', async () => {
    const lies = changed(({ statement }) => {
      statement.outcome = 'complete';
      statement.survivors = [];
    });
    const honest = certificateText(sample);
    const lie = await certificatePdf(lies);
    const attached = certificateText(lies);
    const forged = Buffer.concat([
      lie.subarray(0, lie.indexOf('/Type /EmbeddedFile')),
      Buffer.from(`/Type /EmbeddedFile\n/Length ${Buffer.byteLength(honest)}\n>>\nstream\n${honest}`),
      lie.subarray(lie.indexOf(attached) + Buffer.byteLength(attached)),
    ]);
    const run = await verify(forged, 'certificate.pdf', '--key', verifierKey);
    expect(run.code).toBe(1);
    expect(run.out).toContain('the pages are not those that this program draws of it');
    expect(run.out).not.toMatch(/Proved:|What:/);
    expect((await verify(lie, 'certificate.pdf')).out).toContain('/statement/outcome');
  });

  it('does not take a PDF of which a byte was changed', async () => {
    for (const at of [20, 30_000, pdf.length - 500]) {
      const other = Buffer.from(pdf);
      other[at] = other[at]! ^ 1;
      expect((await verify(other, 'certificate.pdf')).code).not.toBe(0);
    }
  });

  it.each([
    ['a PDF that carries nothing', '%PDF-1.7\nhello', 'carries no certificate'],
    ['a PDF that carries two', () => Buffer.concat([pdf, pdf]), 'carries no certificate'],
    ['bytes that are no text', Buffer.concat([Buffer.from('{"evidence":'), Buffer.of(0xff)]), 'not valid UTF-8'],
  ])('says what is the matter with %s', async (_what, content, message) => {
    const run = await verify(typeof content === 'function' ? content() : content, 'certificate');
    expect(run).toMatchObject({ code: 2, out: '' });
    expect(run.err).toContain(message);
    expect(run.err).toMatch(/\n {2}fix: /);
  });
});
