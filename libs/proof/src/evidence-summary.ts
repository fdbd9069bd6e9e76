import { toBase64 } from './base64.js';
import type { EvidenceReport } from './evidence.js';
import { reason } from './log-report.js';

/** What an evidence report says, line by line, for a person: the verdict, what was proved, what is wrong, and what has to be trusted. */
export function describeEvidence(report: EvidenceReport): string[] {
  const lines = [report.ok ? 'VERIFIED' : 'NOT VERIFIED'];
  const { checkpoint, manifest, proved } = report;
  if (checkpoint) {
    lines.push(`Log: ${plain(checkpoint.origin)}, ${count(checkpoint.size, 'entry', 'entries')}, root ${toBase64(checkpoint.root)}`);
    lines.push(
      `Proved: ${count(proved.length, 'entry stands', 'entries stand')} in this log exactly as in the bundle${positions(proved)}.`,
    );
  }
  if (report.ok && manifest?.complete) {
    const { subject, from, to } = manifest.complete;
    lines.push(`Complete: of subject ${plain(subject)}, none of the entries numbered ${from} to ${to} is left out.`);
  }
  for (const { file, position, message } of report.problems) {
    lines.push(`Wrong: ${plain(file)}${position === undefined ? '' : `, position ${position}`}: ${message}`);
  }
  return [...lines, '', ...trusts(report)];
}

function trusts({ keyFrom, key, manifest }: EvidenceReport): string[] {
  return [
    'This check trusts:',
    keyFrom === 'caller'
      ? `- the key you gave: ${plain(key ?? '')}`
      : `- the key that came in the bundle itself${key ? `: ${plain(key)}` : ''}. Whoever made the bundle could have made that key too. Compare it with the log's key as you know it from elsewhere, or run again with --key <line>.`,
    '- SHA-256 and Ed25519, and the program that runs this check.',
    ...(manifest?.complete
      ? ['- that nothing about the subject came after the last entry shown: a later entry cannot be seen from here.']
      : []),
    'It does not cover summary.html and README.txt: they are for reading only.',
  ];
}

function positions(proved: readonly number[]): string {
  if (proved.length === 0) return '';
  const named = proved.slice(0, 10).join(', ');
  return ` (${proved.length === 1 ? 'position' : 'positions'} ${named}${proved.length > 10 ? `, … ${proved.at(-1)}` : ''})`;
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** Texts of a bundle are printed on a terminal: without control characters, and short. */
function plain(text: string): string {
  return reason(text);
}
