import fs from 'node:fs';
import path from 'node:path';
import { Failure } from './failure.js';
import { readFile } from './files.js';

/** A disposal of a hundred thousand parts has a certificate of a few MiB, and its PDF holds the same once more in pages. */
const CERTIFICATE_BYTES = 64 << 20;

/** A certificate of destruction as it came; with the pages that it was found in, where it was attached to a PDF. */
export interface CertificateFile {
  text: string;
  pdf?: Buffer;
}

/** Whether a file is given as a certificate of destruction: a PDF, or JSON that begins as a certificate does. */
export function isCertificateFile(cwd: string, name: string): boolean {
  const file = path.resolve(cwd, name);
  if (fs.statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
  const start = Buffer.alloc(64);
  try {
    const handle = fs.openSync(file, 'r');
    try {
      const text = start.toString('latin1', 0, fs.readSync(handle, start, 0, start.length, 0));
      return /^%PDF-|^\s*\{\s*"(?:evidence|format)"/.test(text);
    } finally {
      fs.closeSync(handle);
    }
  } catch {
    return false; // whoever reads all of it says what is the matter
  }
}

/** @throws Failure when there is no certificate in it */
export function readCertificate(cwd: string, name: string): CertificateFile {
  const bytes = readFile(cwd, name, { what: 'the certificate', maxBytes: CERTIFICATE_BYTES });
  if (!bytes.subarray(0, 5).equals(Buffer.from('%PDF-'))) return { text: utf8(bytes, name) };
  return { text: utf8(attachmentIn(bytes, name), name), pdf: bytes };
}

/**
 * The file attached to a PDF, which lies there as it is. Finding it needs no knowledge of PDF: that these pages show what this file says is checked
 * by drawing them anew.
 */
function attachmentIn(pdf: Buffer, name: string): Buffer {
  const [found, ...others] = pdf.toString('latin1').matchAll(/\/Type \/EmbeddedFile\n[^\r]{0,1000}?\/Length (\d{1,8})\n>>\nstream\n/g);
  if (!found || others.length > 0) {
    throw new Failure(
      `${name} carries no certificate that can be found`,
      'Give the PDF as it was downloaded: programs that save a PDF anew pack it. Or give the JSON certificate.',
    );
  }
  const start = found.index + found[0].length;
  return pdf.subarray(start, start + Number(found[1]));
}

function utf8(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Failure(`the certificate in ${name} is not valid UTF-8`, 'Give the certificate as it was downloaded.', { cause: error });
  }
}
