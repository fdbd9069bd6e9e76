/** A row as a data subject may see it: their own record names nobody else, not even by pseudonym. */
export function withoutOthers<T extends { subject: string | null; data?: Record<string, unknown> }>(row: T, own: ReadonlySet<string>): T {
  const mine = (items: unknown) => (items as { subject: string }[]).filter(({ subject }) => own.has(subject));
  const subject = row.subject !== null && own.has(row.subject) ? row.subject : null;
  if (!row.data) return { ...row, subject };
  const { related, keys, ...data } = row.data;
  return {
    ...row,
    subject,
    data: { ...data, ...(Array.isArray(related) && { related: mine(related) }), ...(Array.isArray(keys) && { keys: mine(keys) }) },
  };
}
