import { verifyCertificate, type CertificateReport, type CertificateStatement } from '@attesta/disposal';
import { toBase64 } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { readCertificate, type CertificateFile } from './certificate-file.js';
import type { Cli } from './options.js';
import { count, plain, type Screen } from './screen.js';

/** `attesta verify certificate.json`, or the PDF of it: a certificate of destruction. */
export async function verifyDestruction(file: string, key: string | undefined, json: true | undefined, cli: Cli): Promise<void> {
  const { screen, terminal, exit } = cli;
  const given = readCertificate(terminal.cwd, file);
  const report = await withPages(verifyCertificate(given.text, { primitives: nodePrimitives, verifierKey: key }), given);
  if (json) screen.json(asJson(report));
  else describe(report, given.pdf !== undefined, screen);
  exit(report.ok ? 0 : 1);
}

/** Pages that do not show what their certificate says would be read by people, and checked by nobody: they are drawn anew and compared. */
async function withPages(report: CertificateReport, { pdf }: CertificateFile): Promise<CertificateReport> {
  if (!pdf || !report.certificate) return report;
  const { certificatePdf } = await import('@attesta/retention/certificate-pdf');
  if (pdf.equals(await certificatePdf(report.certificate))) return report;
  const { certificate: _unread, ...rest } = report;
  const problem = {
    at: '',
    message: 'the certificate attached to the PDF is good, but the pages are not those that this program draws of it',
    fix: 'do not rely on the pages; verify certificate.json, which is attached to them, by itself',
  };
  return { ...rest, ok: false, problems: [problem] };
}

function describe(report: CertificateReport, isPdf: boolean, screen: Screen): void {
  const { ok, certificate, checkpoint, problems } = report;
  screen.print(screen.paint(ok ? 'good' : 'bad', ok ? 'VERIFIED' : 'NOT VERIFIED'));
  if (certificate) facts(certificate.statement).forEach((line) => screen.print(plain(line)));
  if (checkpoint) {
    screen.print(`Log: ${plain(checkpoint.origin)}, ${count(checkpoint.size, 'entry', 'entries')}, root ${toBase64(checkpoint.root)}`);
  }
  if (ok) {
    screen.print('Proved: every entry it rests on stands in this log, they bear each other out, and it says what they say.');
    if (isPdf) screen.print('Proved: the pages of the PDF show this certificate and nothing else.');
  }
  for (const { at, message, fix } of problems) screen.print(plain(`Wrong: ${at === '' ? '' : `${at}: `}${message} | fix: ${fix}`));
  screen.print();
  trusts(report).forEach((line) => screen.print(line));
}

function facts(statement: CertificateStatement): string[] {
  const { number, outcome, categories, scope, keys, parts, methods, basis, survivors, systems, positions, recordedAt } = statement;
  const whose = scope === 'subject' ? 'one person, as a whole' : 'one person';
  return [
    `What: ${categories.join(', ') || 'data'} of ${whose}, ${outcome === 'complete' ? 'destroyed completely' : 'destroyed in part'}`,
    `When: ${recordedAt.completed}, at position ${positions.completed}`,
    `How: ${methods.join(', ') || 'who the person was is forgotten'}; ${count(parts, 'part')}`,
    ...(keys.length > 0 ? [`Keys: ${keys.join(', ')}`] : []),
    ...basis.map(({ rule, law }) => `Basis: ${law} (${rule})`),
    ...survivors.map(({ category, ground, law, reason, until }) =>
      [`Survives: ${category}, ${ground}`, law, reason, until && `until ${until}`].filter(Boolean).join(', '),
    ),
    ...systems.map(({ system, outcome: answer }) => `System: ${system}, ${answer}`),
    `Number: ${number}`,
  ];
}

function trusts({ keyFrom, key, cosigners }: CertificateReport): string[] {
  return [
    'This check trusts:',
    keyFrom === 'caller'
      ? `- the key you gave: ${plain(key)}`
      : `- the key that came in the certificate itself${key === undefined ? '' : `: ${plain(key)}`}. Whoever made the certificate could have made that key too. Compare it with the log's key as you know it from elsewhere, or run again with --key <line>.`,
    '- SHA-256 and Ed25519, and the program that runs this check.',
    ...(cosigners.length > 0 ? [`Also signed, and not checked here: ${cosigners.map(plain).join(', ')}.`] : []),
    'It does not cover what lies under "informative": titles, and how long backups are kept. That no copy of a key is left anywhere, and that',
    'systems did what they answered, is the word of whoever sealed it.',
  ];
}

function asJson({ checkpoint, certificate, ...report }: CertificateReport): Record<string, unknown> {
  const head = checkpoint && { origin: checkpoint.origin, size: checkpoint.size, root: toBase64(checkpoint.root) };
  return { ...report, ...(head && { checkpoint: head }), ...(certificate && { statement: certificate.statement }) };
}
