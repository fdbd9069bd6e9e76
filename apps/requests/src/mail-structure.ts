const DECLARED = /boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))/i;

/**
 * How many parts a message has and how deep they are nested, by one pass over its lines before any of it is decoded.
 * Counts no further than one above the limits. (RFC 2046 section 5.1)
 */
export function structureOf(raw: Buffer, limits: { parts: number; nesting: number }): { parts: number; nesting: number } {
  const declared = new Set<string>();
  const open: string[] = [];
  let parts = 1;
  let nesting = 0;
  for (let start = 0; start < raw.length && parts <= limits.parts && nesting <= limits.nesting;) {
    const newline = raw.indexOf(10, start);
    const end = newline < 0 ? raw.length : newline;
    // A boundary has 70 characters at most; long lines hold none.
    const line = raw.toString('latin1', start, Math.min(end, start + 1_000)).trimEnd();
    start = end + 1;
    if (line.startsWith('--')) {
      const closing = line.endsWith('--') && declared.has(line.slice(2, -2));
      const boundary = closing ? line.slice(2, -2) : line.slice(2);
      if (!declared.has(boundary)) continue;
      const at = open.indexOf(boundary);
      if (at >= 0) open.length = closing ? at : at + 1;
      else if (!closing) open.push(boundary);
      if (!closing) parts += 1;
      nesting = Math.max(nesting, open.length);
    } else if (line.length > 9) {
      const found = DECLARED.exec(line);
      const boundary = found?.[1] ?? found?.[2];
      if (boundary !== undefined && declared.size <= limits.parts) declared.add(boundary.trimEnd());
    }
  }
  return { parts, nesting };
}
