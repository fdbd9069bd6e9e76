import { pdfOf } from '@attesta/pdf';
import { canonical } from '@attesta/proof';
import { contentOf } from './breach-report-content.js';
import type { BreachReport } from './breach-report.js';

/** Name of the report within its PDF. */
export const ATTACHMENT = 'breach-report.json';

/** A report on pages, with the report itself attached. The same report gives the same bytes. */
export function breachReportPdf(report: BreachReport): Promise<Buffer> {
  return pdfOf({
    title: `Personal data breach ${report.breach}`,
    number: report.breach,
    at: new Date(report.asOf),
    blocks: contentOf(report),
    attachment: { name: ATTACHMENT, description: 'The report for machines', json: canonical(report) },
  });
}
