import { certificateText, type DestructionCertificate } from '@attesta/disposal';
import { pdfOf } from '@attesta/pdf';
import { contentOf } from './certificate-content.js';

/** Name of the certificate within its PDF. */
export const ATTACHMENT = 'certificate.json';

/** A certificate on pages, with the certificate itself attached. The same certificate gives the same bytes. */
export function certificatePdf(certificate: DestructionCertificate): Promise<Buffer> {
  const { number, recordedAt } = certificate.statement;
  return pdfOf({
    title: `Certificate of destruction ${number}`,
    number,
    at: new Date(recordedAt.completed),
    blocks: contentOf(certificate),
    attachment: {
      name: ATTACHMENT,
      description: 'The certificate with its entries, proofs and key',
      json: certificateText(certificate),
    },
  });
}
