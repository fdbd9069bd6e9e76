import type { AuditorAnswer, AuditorQuestion, DisclosureRow, RejectionRow } from './auditor-answer.js';

/** The answer for a person: what was asked, what came back, what proves it. */
export function describeAnswer(
  answer: Omit<AuditorAnswer, 'text'>,
  { person, receipts }: Pick<AuditorQuestion, 'person' | 'receipts'>,
): string {
  const { rejections, why, verified, size, origin } = answer;
  return [
    ...aboutPerson(answer, person),
    ...findingLines(answer),
    `The log ${origin} was read whole: ${size} entries lead to the signed root, ${answer.subjects} people's chains have no hole` +
      (receipts.length > 0 ? `, all ${receipts.length} receipts are in the tree.` : '.'),
    '',
    `sealed ${receipts.length > 0 ? receipts.length : size} entries`,
    `rejected ${rejections.length}${rejections.length > 0 ? ` (reasons: ${reasons(rejections).join(', ')})` : ''}`,
    verified ? 'VERIFIED' : `NOT VERIFIED: ${why.slice(0, 5).join('; ')}`,
  ].join('\n');
}

/** Codes of what was wrong, the most frequent first. */
export function reasons(rejections: readonly RejectionRow[]): string[] {
  const counts = new Map<string, number>();
  for (const code of rejections.map(({ problems }) => problems[0]?.code ?? 'unknown')) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([code, n]) => (n > 1 ? `${code} x${n}` : code));
}

function aboutPerson({ person }: Pick<AuditorAnswer, 'person'>, asked: string): string[] {
  if (!person) return [`Nobody is known as ${asked}.`];
  const { timeline, disclosures, evidence, subject } = person;
  const identities = new Set(timeline.map(({ through }) => through)).size;
  const kinds = new Map<string, number>();
  for (const { type } of timeline) {
    const kind = type.replace(/^attesta\.|\.v\d+$/g, '');
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return [
    `${asked} is subject ${subject}: ${timeline.length} entries through ${identities} ${identities === 1 ? 'identity' : 'identities that are one person'}`,
    `  ${[...kinds].map(([kind, n]) => `${kind} ${n}`).join(', ')}`,
    `Data went out ${disclosures.length} times:`,
    ...[...disclosures].reverse().map((row) => `  ${disclosureLine(row)}`),
    `Evidence bundle: ${evidence.proved.length} entries proved against ${evidence.key?.split('+')[0] ?? 'no key'}, ` +
      `${evidence.manifest?.complete ? 'none of this person left out' : 'no claim to be complete'}.`,
  ];
}

const disclosureLine = ({
  position,
  occurredAt,
  recipient,
  role,
  country,
  transferGround,
  basis,
  initiator,
  legalReference,
}: DisclosureRow) =>
  [
    `#${position}`,
    occurredAt.slice(0, 16),
    recipient,
    `(${role ?? 'unknown role'}, ${country ?? '?'})`,
    `on ${basis}`,
    ...(transferGround ? [`abroad by ${transferGround}`] : []),
    ...(legalReference ? [legalReference] : []),
    `by ${initiator}`,
  ].join(' ');

function findingLines({ findings }: Pick<AuditorAnswer, 'findings'>): string[] {
  if (findings.length === 0) return ['No findings.'];
  return [
    `${findings.length} finding${findings.length === 1 ? '' : 's'}:`,
    ...findings.map(({ severity, clause, explanation }) => `  ${severity}${clause ? `, clause ${clause}` : ''}: ${explanation}`),
  ];
}
