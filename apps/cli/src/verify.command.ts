import path from 'node:path';
import type { Command } from 'commander';
import { describeEvidence, toBase64, verifyEvidence, type EvidenceReport } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { isCertificateFile } from './certificate-file.js';
import { verifyDestruction } from './certificate-verify.js';
import { readBundle } from './evidence-files.js';
import { Failure } from './failure.js';
import { readFile } from './files.js';
import { givenKey, type KeyOptions } from './keys.js';
import { example, withJson, withKey, type Cli } from './options.js';
import { checkProof, type ProofReport } from './proof-check.js';
import { isReceiptFile } from './receipt-file.js';
import { plain, type Screen } from './screen.js';
import { verifyReceipt } from './verify-receipt.js';

type VerifyOptions = KeyOptions & { entry?: string; json?: true };

const PROOF_BYTES = 1 << 20;
const ENTRY_BYTES = 1 << 20;

export function addVerify(program: Command, cli: Cli): void {
  const command = program
    .command('verify')
    .description(
      'Verify an evidence bundle, a consent receipt, a certificate of destruction, or one .tlog-proof with its entry, without any network',
    )
    .argument(
      '<bundle>',
      'the ZIP file, the directory it was unzipped to, a receipt (.json), a certificate (.json or .pdf), or a .tlog-proof file',
    )
    .option('--entry <file>', 'the entry that a .tlog-proof is about');
  withJson(withKey(command));
  example(command, 'attesta verify evidence.zip --key-file log.key').action((bundle: string, options: VerifyOptions) =>
    verify(bundle, options, cli),
  );
}

async function verify(bundle: string, options: VerifyOptions, cli: Cli): Promise<void> {
  const key = givenKey(options, cli.terminal.cwd);
  if (options.entry !== undefined || path.extname(bundle) === '.tlog-proof') verifyOne(bundle, options.entry, key, options.json, cli);
  else if (isCertificateFile(cli.terminal.cwd, bundle)) await verifyDestruction(bundle, key, options.json, cli);
  else if (isReceiptFile(cli.terminal.cwd, bundle)) verifyReceipt(bundle, key, options.json, cli);
  else verifyBundle(bundle, key, options.json, cli);
}

function verifyBundle(bundle: string, key: string | undefined, json: true | undefined, { screen, terminal, exit }: Cli): void {
  const report = verifyEvidence(nodePrimitives, readBundle(terminal.cwd, bundle), key);
  if (json) screen.json(evidenceAsJson(report));
  else {
    const [verdict = '', ...lines] = describeEvidence(report);
    printVerdict(screen, report.ok, verdict);
    lines.forEach((line) => screen.print(line));
  }
  exit(report.ok ? 0 : 1);
}

function verifyOne(proofFile: string, entryFile: string | undefined, key: string | undefined, json: true | undefined, cli: Cli): void {
  const { screen, terminal, exit } = cli;
  if (entryFile === undefined) throw new Failure('a proof alone says nothing', 'Name the entry it is about with --entry <file>.');
  if (key === undefined) {
    throw new Failure('a .tlog-proof brings no key along', 'Give the verifier key line of the log with --key or --key-file.');
  }
  const report = checkProof(nodePrimitives, {
    proof: readFile(terminal.cwd, proofFile, { what: 'the proof', maxBytes: PROOF_BYTES }),
    entry: readFile(terminal.cwd, entryFile, { what: 'the entry', maxBytes: ENTRY_BYTES }),
    key,
  });
  if (json) screen.json({ ...report, ...(report.checkpoint && { checkpoint: headAsJson(report.checkpoint) }), keyFrom: 'caller', key });
  else describeProof(report, key, screen);
  exit(report.ok ? 0 : 1);
}

function describeProof(report: ProofReport, key: string, screen: Screen): void {
  printVerdict(screen, report.ok, report.ok ? 'VERIFIED' : 'NOT VERIFIED');
  if (report.checkpoint) {
    const { origin, size, root } = report.checkpoint;
    screen.print(`Log: ${plain(origin)}, ${size} entries, root ${toBase64(root)}`);
  }
  screen.print(report.ok ? `Proved: the entry stands at position ${report.position} of this log.` : `Wrong: ${plain(report.problem)}`);
  screen.print(`Trusted: the key you gave, ${plain(key)}`);
}

const headAsJson = ({ origin, size, root }: NonNullable<EvidenceReport['checkpoint']>) => ({ origin, size, root: toBase64(root) });

function evidenceAsJson({ manifest, checkpoint, ...report }: EvidenceReport): Record<string, unknown> {
  return {
    ...report,
    ...(checkpoint && { checkpoint: headAsJson(checkpoint) }),
    ...(manifest?.subject !== undefined && { subject: manifest.subject }),
    ...(manifest?.complete && { complete: manifest.complete }),
  };
}

function printVerdict(screen: Screen, ok: boolean, verdict: string): void {
  screen.print(screen.paint(ok ? 'good' : 'bad', verdict));
}
