/** A stretch of an identity's entries that belong to a person: after < position <= upto. */
export interface IdentitySpan {
  subject: string;
  after: number;
  upto: number;
}

export interface Tie {
  position: number;
  person: string;
  identity: string;
  linked: boolean;
}

/**
 * The stretches of other identities that belong to a person. A link brings in what the identity did before it, back to where somebody else's tie
 * ended (a shared device does not show one person the other's days), and what it did since, up to the unlink.
 * @param rows every link and unlink of the identities concerned, in order of positions
 */
export function identitySpans(person: string, asOf: number, rows: readonly Tie[]): IdentitySpan[] {
  const spans: IdentitySpan[] = [];
  for (const link of rows) {
    if (!link.linked || link.person !== person) continue;
    const others = rows.filter((row) => row.identity === link.identity);
    const earlier = others.filter((row) => row.position < link.position);
    const undone = others.find((row) => row.person === person && !row.linked && row.position > link.position);
    const before = earlier.at(-1);
    // Tied already (to this person: the earlier link covers it; to another: theirs until now), or undone before by this person.
    const after = before === undefined ? -1 : before.linked || before.person === person ? link.position : before.position;
    if (before?.linked && before.person === person) continue;
    spans.push({ subject: link.identity, after, upto: undone?.position ?? asOf });
  }
  return spans;
}
