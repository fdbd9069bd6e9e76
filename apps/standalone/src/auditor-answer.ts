import { fromBase64, LogReader, verifyEvidence, verifyInclusion, verifyLog, type Checkpoint, type EvidenceReport } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import type { Receipt } from '@attesta/sdk';
import { unzipSync } from 'fflate';
import { AnswerRefused, asker, everyRow, json, success, type Answered, type Ask } from './auditor-answer.http.js';
import { describeAnswer } from './auditor-answer.text.js';

export interface AuditorQuestion {
  url: string;
  /** A token with the role auditor. */
  token: () => Promise<string> | string;
  /** Verifier key line, taken before anything was published: whoever answers later is held to it. */
  key: string;
  /** Whom the auditor asks about, `scheme|value`. */
  person: string;
  /** What the publishers were told; each of these must be in the log. */
  receipts: readonly Receipt[];
  /** How long registers and checkpoint may take to cover what was published. */
  timeoutMs?: number;
}

export interface TimelineRow {
  position: number;
  through: string;
  type: string;
  time: string;
  data: Record<string, unknown>;
}

export interface DisclosureRow {
  position: number;
  recipient: string;
  role: string | null;
  country: string | null;
  transferGround: string | null;
  basis: string;
  initiator: string;
  legalReference: string | null;
  occurredAt: string;
}

export interface FindingRow {
  rule: string;
  clause: string | null;
  severity: string;
  explanation: string;
  positions: number[];
}

export interface RejectionRow {
  problems: { field: string; code: string }[];
}

/** What an auditor learnt, and whether it holds up against the log's signature. */
export interface AuditorAnswer {
  verified: boolean;
  /** Everything that does not hold; empty when verified. */
  why: string[];
  origin: string;
  /** Entries under the checkpoint. */
  size: number;
  rejections: RejectionRow[];
  findings: FindingRow[];
  person: { subject: string; timeline: TimelineRow[]; disclosures: DisclosureRow[]; evidence: EvidenceReport } | undefined;
  /** Subjects whose chains were followed. */
  subjects: number;
  /** For people; the last lines say what was sealed, rejected and verified. */
  text: string;
}

const REASON = encodeURIComponent('Yearly audit of the sample company');

/** The verifier key line of the log. Keep it: an answer is checked against it and not against what the log says later. */
export async function pinKey(url: string): Promise<string> {
  const { bytes } = await success(asker(url)('GET', '/log/key'));
  return new TextDecoder().decode(bytes).trim();
}

/** Asks as an auditor over HTTP, and believes nothing that is not proved. @throws Error when the day is not covered in time */
export async function askAuditor(question: AuditorQuestion): Promise<AuditorAnswer> {
  const ask = asker(question.url, question.token);
  await coverage(ask, Math.max(-1, ...question.receipts.map(({ position }) => position ?? -1)), question.timeoutMs ?? 30_000);

  const why: string[] = [];
  const person = await askAbout(ask, question, why);
  const rejections = await everyRow<RejectionRow>(ask, '/v1/rejections?limit=500');
  const findings = await everyRow<FindingRow>(ask, '/v1/findings?limit=200');
  const { checkpoint, subjects } = await reread(ask, question, why);
  const answer = {
    verified: why.length === 0,
    why,
    origin: checkpoint?.origin ?? 'unknown',
    size: checkpoint?.size ?? 0,
    rejections,
    findings,
    person,
    subjects,
  };
  return { ...answer, text: describeAnswer(answer, question) };
}

/** Resolves when registers and checkpoint cover `position`. */
async function coverage(ask: Ask, position: number, timeoutMs: number): Promise<void> {
  for (const until = Date.now() + timeoutMs; ; await new Promise((wake) => setTimeout(wake, 200))) {
    if ((await ask('GET', '/log/checkpoint')).status === 200) {
      const { asOf } = await json<Answered<unknown>>(ask('GET', '/v1/recipients'));
      if (asOf.position >= position && asOf.size > position) return;
    }
    if (Date.now() > until) throw new Error(`registers and checkpoint did not cover position ${position} within ${timeoutMs / 1000} s`);
  }
}

async function askAbout(ask: Ask, { person, key }: AuditorQuestion, why: string[]): Promise<AuditorAnswer['person']> {
  const found = await json<{ subject: string }>(
    ask('POST', '/v1/subjects/lookup', { subject: person, reason: decodeURIComponent(REASON) }),
  ).catch((error: unknown) => {
    if (error instanceof AnswerRefused && error.status === 404) return undefined;
    throw error;
  });
  if (!found) return undefined;
  const { subject } = found;
  const timeline = await everyRow<TimelineRow>(ask, `/v1/subjects/${subject}/timeline?reason=${REASON}&limit=200`);
  const disclosures = await everyRow<DisclosureRow>(ask, `/v1/subjects/${subject}/disclosures?reason=${REASON}&limit=200`);
  const { bytes } = await success(ask('POST', '/v1/evidence', { subject, reason: decodeURIComponent(REASON) }));
  const evidence = verifyEvidence(nodePrimitives, new Map(Object.entries(unzipSync(bytes))), key);
  for (const { file, message } of evidence.problems) why.push(`evidence, ${file}: ${message}`);
  const proved = new Set(evidence.proved);
  const unproved = [...timeline, ...disclosures].find(({ position }) => !proved.has(position));
  if (unproved) why.push(`the answer names position ${unproved.position}, which the evidence does not prove`);
  return { subject, timeline, disclosures, evidence };
}

/** Reads the whole log as anybody may who is let in, and looks for each receipt in its tree. */
async function reread(
  ask: Ask,
  { key, receipts }: AuditorQuestion,
  why: string[],
): Promise<{ checkpoint: Checkpoint | undefined; subjects: number }> {
  const reader = new LogReader(nodePrimitives, async (path) => (await success(ask('GET', `/log/${path}`))).bytes);
  const report = await verifyLog(nodePrimitives, reader, { key });
  for (const { kind, message } of report.problems) why.push(`log, ${kind}: ${message}`);
  const { checkpoint } = report;
  if (checkpoint && report.ok) {
    for (const receipt of receipts) {
      if (!(await isInTree(reader, checkpoint, receipt))) why.push(`the receipt of event ${receipt.id} does not lead to the signed root`);
    }
  }
  return { checkpoint, subjects: report.subjects };
}

async function isInTree(reader: LogReader, { size, root }: Checkpoint, { position, leafHash }: Receipt): Promise<boolean> {
  const leaf = leafHash === undefined ? undefined : fromBase64(leafHash);
  if (position === undefined || !leaf || position >= size) return false;
  const proof = await reader.inclusionProof(position, size);
  return verifyInclusion(nodePrimitives.sha256, { index: position, size, leaf, proof, root });
}
