/* The program inside every evidence bundle: `node verify.mjs [--key <verifier key line>] [directory]`. Bundled by build-verify.mjs. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeEvidence } from './evidence-summary.js';
import { verifyEvidence } from './evidence.js';
import { nodePrimitives } from './node.js';

const USAGE = 'usage: node verify.mjs [--key <verifier key line>] [directory of the unzipped bundle]';

function main(args: string[]): number {
  let key: string | undefined;
  let directory: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--key' && args[i + 1] !== undefined) key = args[++i];
    else if (arg.startsWith('--key=')) key = arg.slice('--key='.length);
    else if (!arg.startsWith('-') && directory === undefined) directory = arg;
    else {
      process.stderr.write(USAGE + '\n');
      return 2;
    }
  }
  const files = readBundle(directory ?? path.dirname(fileURLToPath(import.meta.url)));
  const report = verifyEvidence(nodePrimitives, files, key);
  process.stdout.write(describeEvidence(report).join('\n') + '\n');
  return report.ok ? 0 : 1;
}

/** The files the check reads, by their path within the bundle. What cannot be read is left out and so reported as missing. */
function readBundle(directory: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const read = (name: string) => {
    try {
      const file = path.join(directory, name);
      if (fs.statSync(file).isFile()) files.set(name, fs.readFileSync(file));
    } catch {
      // Reported by the check, which knows what should have been there.
    }
  };
  for (const name of ['manifest.json', 'checkpoint', 'key']) read(name);
  for (const folder of ['entries', 'proofs']) {
    for (const name of namesIn(path.join(directory, folder))) read(`${folder}/${name}`);
  }
  return files;
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

process.exitCode = main(process.argv.slice(2));
