import { htmlOf } from '@attesta/pdf';
import { contentOf } from './breach-report-content.js';
import type { BreachReport } from './breach-report.js';

/** A report as one page that needs nothing else; the same report gives the same bytes. */
export const breachReportHtml = (report: BreachReport): string => htmlOf(`Personal data breach ${report.breach}`, contentOf(report));
