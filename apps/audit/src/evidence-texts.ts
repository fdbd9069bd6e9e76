import { events } from '@attesta/events';
import type { EvidenceManifest } from '@attesta/proof';
import type { EvidenceEntry } from './evidence.js';

/** How to check the bundle, for whoever receives it. */
export const readme = ({ origin, asOf, complete, entries }: EvidenceManifest): string => `Evidence from the log ${origin}

This folder holds ${entries.length} ${entries.length === 1 ? 'entry' : 'entries'} of an append-only log, each with a proof that it stands in the log.
${complete ? `It is complete: none of the entries numbered ${complete.from} to ${complete.to} of the subject ${complete.subject} is left out.\n` : ''}
To check it, with Node.js 18 or later and without any connection:

    node verify.mjs --key "<verifier key line of the log>"

Get the key line from somewhere else than this folder, such as the operator's website. Without --key the file "key" is used, which shows
that the bundle is consistent, but not whose it is.

  manifest.json   what the bundle holds and claims; registers as of position ${asOf.position}
  checkpoint      the signed head of the log, over ${asOf.size} entries (C2SP tlog-checkpoint)
  key             the verifier key line that came with the bundle (C2SP signed-note)
  entries/        the exact sealed bytes, one canonical JSON object each (RFC 8785)
  proofs/         inclusion proofs (C2SP tlog-proof)
  summary.html    the same for reading; nothing proves it
  verify.mjs      the checker, one file without dependencies

Entries hold no personal values: those are encrypted beside the log. People appear under random pseudonyms.
`;

/** The bundle for a person to read: no script, nothing loaded. */
export function summary(manifest: EvidenceManifest, entries: readonly EvidenceEntry[]): string {
  const { origin, createdAt, subject, complete, asOf } = manifest;
  const facts: [string, string][] = [
    ['Log', origin],
    ['Made', createdAt],
    ...(subject === undefined ? [] : [['Subject', subject] as [string, string]]),
    ...(complete ? [['Complete', `own entries ${complete.from} to ${complete.to}, none left out`] as [string, string]] : []),
    ['Registers as of position', String(asOf.position)],
    ['Checkpoint', `${asOf.size} entries, root ${asOf.root}`],
  ];
  const rows = entries.map(
    ({ position, entry }) =>
      `<tr><td>${position}</td><td>${escape(entry.time)}</td><td>${escape(entry.recordedAt)}</td>` +
      `<td>${escape(events.get(entry.type)?.title ?? entry.type)}</td><td>${escape(entry.source)}</td><td>${details(entry.data)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Evidence from ${escape(origin)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color:#1b1f24}table{border-collapse:collapse}th,td{border:1px solid #c8ccd0;padding:.35rem .6rem;text-align:left;vertical-align:top}th{background:#f2f4f6}dt{font-weight:600}dl dd{margin:0 0 .4rem}td dl{margin:0}td dt,td dd{display:inline;margin:0}code{font-size:.9em}</style>
</head><body>
<h1>Evidence from ${escape(origin)}</h1>
<p>For reading only. Run <code>node verify.mjs --key …</code> in this folder to prove what it says.</p>
<dl>${facts.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`).join('')}</dl>
<table><thead><tr><th>Position</th><th>Happened</th><th>Recorded</th><th>What</th><th>Reported by</th><th>Details</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table>
</body></html>
`;
}

const details = (data: Record<string, unknown>): string =>
  `<dl>${Object.entries(data)
    .map(([name, value]) => `<div><dt>${escape(name)}</dt>: <dd>${escape(textOf(value))}</dd></div>`)
    .join('')}</dl>`;

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([name, inner]) => `${name} ${textOf(inner)}`)
      .join(', ');
  return String(value);
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
