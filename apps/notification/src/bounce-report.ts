/** What a delivery status notification says of one recipient (RFC 3464 section 2.3). */
export interface StatusReport {
  action: string;
  /** RFC 3463. */
  status?: string;
}

type Fields = ReadonlyMap<string, string>;

/** Of one header, and of the part with the reports; what is longer is cut there. */
const LONGEST = 64 * 1024;
/** Lines that begin like the boundary. A notification has four: it has parts for people, for programs, and what was sent. */
const MOST_MARKS = 1_000;

/** The reports in a message, none where it is no notification. Looks at its outermost parts alone, in one pass, however large it is. */
export function statusReports(raw: Buffer): StatusReport[] {
  const { fields, end } = headersAt(raw, 0, raw.length);
  const boundary = boundaryOf(fields.get('content-type') ?? '');
  if (boundary === undefined) return [];
  for (const { from, to } of partsOf(raw, end, boundary)) {
    const part = headersAt(raw, from, to);
    if (!/^message\/(?:global-)?delivery-status\b/i.test(part.fields.get('content-type') ?? '')) continue;
    return reportsIn(decoded(raw.subarray(part.end, Math.min(to, part.end + LONGEST)), part.fields.get('content-transfer-encoding')));
  }
  return [];
}

function headersAt(raw: Buffer, from: number, to: number): { fields: Fields; end: number } {
  const text = raw.toString('latin1', from, Math.min(to, from + LONGEST));
  const end = /^\r?\n|\r?\n\r?\n/.exec(text);
  return { fields: fieldsIn(text.slice(0, end?.index)), end: from + (end ? end.index + end[0].length : text.length) };
}

/** The first of each name. */
function fieldsIn(text: string): Fields {
  const fields = new Map<string, string>();
  for (const line of text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (name && !fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}

/** RFC 2046 section 5.1.1; of reports alone (RFC 6522). */
function boundaryOf(contentType: string): string | undefined {
  if (!/^multipart\/report\b/i.test(contentType)) return undefined;
  const found = /;\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType);
  return (found?.[1] ?? found?.[2])?.trimEnd();
}

function* partsOf(raw: Buffer, from: number, boundary: string): Generator<{ from: number; to: number }> {
  const mark = Buffer.from(`\n--${boundary}`, 'latin1');
  let begun: number | undefined;
  // The headers end with a line break: the first boundary may follow at once.
  let at = raw.indexOf(mark, from - 1);
  for (let marks = 0; at >= 0 && marks < MOST_MARKS; marks += 1, at = raw.indexOf(mark, at + mark.length)) {
    const rest = /^(--)?[ \t]*\r?(?:\n|$)/.exec(raw.toString('latin1', at + mark.length, at + mark.length + 100));
    // Another boundary, which begins like this one.
    if (!rest) continue;
    if (begun !== undefined) yield { from: begun, to: at };
    if (rest[1]) return;
    begun = at + mark.length + rest[0].length;
  }
  // The last part of a message that was cut.
  if (begun !== undefined && at < 0) yield { from: begun, to: raw.length };
}

/** RFC 6533 section 4 lets systems encode it. */
function decoded(body: Buffer, encoding = ''): string {
  const text = body.toString('latin1');
  if (/^base64\b/i.test(encoding)) return Buffer.from(text, 'base64').toString('latin1');
  if (!/^quoted-printable\b/i.test(encoding)) return text;
  return text.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** First what is said of the message, then of each recipient, with empty lines between. */
function reportsIn(text: string): StatusReport[] {
  return text.split(/\r?\n(?:[ \t]*\r?\n)+/).flatMap((group) => {
    const fields = fieldsIn(group);
    const action = /^[a-z]+/.exec(fields.get('action')?.toLowerCase() ?? '')?.[0];
    if (action === undefined) return [];
    const status = statusOf(fields, action === 'failed' ? /^[45]\./ : /^[245]\./);
    return [{ action, ...(status !== undefined && { status }) }];
  });
}

/** As the system says; where it says no more than x.0.0, as the system that refused said to it. */
function statusOf(fields: Fields, fits: RegExp): string | undefined {
  const own = /^[245]\.\d{1,3}\.\d{1,3}(?!\d)/.exec(fields.get('status') ?? '')?.[0];
  const quoted = /^smtp\s*;\s*\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})(?!\d)/i.exec(fields.get('diagnostic-code') ?? '')?.[1];
  return [own?.endsWith('.0.0') ? undefined : own, quoted, own].find((status) => status !== undefined && fits.test(status));
}
