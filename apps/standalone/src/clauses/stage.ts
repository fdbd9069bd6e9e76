import assert from 'node:assert/strict';
import type { CloudEvent, FieldProblem } from '@attesta/events';
import type { Role } from '@attesta/service-kit';
import type { Draft } from '@attesta/sdk';
import { AttestaClient } from '@attesta/sdk';
import type { System } from './system.js';

/** Rows of the registers, as far as clauses look at them. */
export interface RegisterRow {
  position: number;
  subject: string | null;
  through?: string;
  categories: string[];
  basis: string;
  channel: string | null;
  context: Record<string, string> | null;
  occurredAt: string;
  recordedAt: string;
  source: string;
}
export interface CollectionRow extends RegisterRow {
  occasion: string;
  method: string;
  origin: string;
  originParty: string | null;
  noticeVersion: string | null;
}
export interface DisclosureRow extends RegisterRow {
  recipient: string;
  recipientTitle: string | null;
  role: string | null;
  country: string | null;
  initiator: string;
  basisCitation: string | null;
  legalReference: string | null;
}
export interface FindingRow {
  rule: string;
  severity: string;
  positions: number[];
  sealedPosition: number | null;
}
export interface Page<Row> {
  data: Row[];
  asOf: { position: number; size: number };
}

const REASON = encodeURIComponent('Clause by clause');
const PATIENCE_MS = 20_000;

/** Where one clause plays: people and events of its own, and the positions that show its result. */
export class Stage {
  private readonly shown = new Set<number>();
  private readonly client: AttestaClient;
  /** CloudEvents source of everything this clause publishes; found again in dumps. */
  readonly source: string;

  constructor(
    readonly system: System,
    clause: string,
    /** Tells this run from others against the same system. */
    private readonly run: string,
  ) {
    this.source = `//clauses.m-med.example/${run}/${clause.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}`;
    this.client = new AttestaClient({ source: this.source, transport: { publish: () => Promise.resolve([]) } });
  }

  /** A name nothing else has, fit for an id of the policy. */
  get name(): string {
    return `${this.run}-${this.source.split('/').at(-1)}`;
  }

  /** Positions of the sealed events that show the result. */
  get positions(): number[] {
    return [...this.shown].sort((a, b) => a - b);
  }

  show(...positions: (number | null | undefined)[]): void {
    for (const position of positions) if (position !== null && position !== undefined) this.shown.add(position);
  }

  /** A person nobody else knows: `account|...`. */
  someone(name: string, scheme = 'account'): string {
    return `${scheme}|${name}-${this.run}-${this.source.split('/').at(-1)}`;
  }

  /** Publishes what must be sealed, and waits until the registers have it. @returns positions in order */
  async sealed(...drafts: Draft[]): Promise<number[]> {
    const outcomes = await this.system.publish(drafts.map((draft) => this.client.event(draft)));
    const positions = outcomes.map((outcome) => {
      if ('position' in outcome) return outcome.position;
      throw new Error(`refused, though it should be sealed: ${said(outcome.problems)}`);
    });
    this.show(...positions);
    await this.covered(Math.max(...positions));
    return positions;
  }

  async sealedOne(draft: Draft): Promise<number> {
    return (await this.sealed(draft))[0]!;
  }

  /** Publishes what must not be sealed, and finds the rejection kept. @returns the problem with that code */
  async refused(draft: Draft, code: string, change: Partial<CloudEvent> = {}): Promise<FieldProblem> {
    const event = { ...this.client.event(draft), ...change };
    const [outcome] = await this.system.publish([event]);
    assert.ok(outcome && 'problems' in outcome, `sealed, though it should be rejected with ${code}`);
    const problem = outcome.problems.find((found) => found.code === code);
    assert.ok(problem, `rejected, but with ${said(outcome.problems)} and not ${code}`);
    assert.ok(problem.message && problem.fix, 'the problem says what is wrong and how to mend it');
    const kept = await this.get<{ data: { eventId: string; problems: FieldProblem[] }[] }>(
      'auditor',
      `/v1/rejections?source=${encodeURIComponent(event.source)}`,
    );
    assert.ok(
      kept.data.some(({ eventId }) => eventId === event.id),
      'the rejection is kept',
    );
    return problem;
  }

  /** The pseudonym of a person. */
  async idOf(subject: string): Promise<string> {
    const { status, body } = await this.system.http('auditor', 'POST', '/v1/subjects/lookup', {
      subject,
      reason: decodeURIComponent(REASON),
    });
    assert.equal(status, 200, 'the person is found');
    return (body as { subject: string }).subject;
  }

  collections(id: string, query = ''): Promise<Page<CollectionRow>> {
    return this.get('auditor', `/v1/subjects/${id}/collections?reason=${REASON}${query}`);
  }

  disclosures(id: string, query = ''): Promise<Page<DisclosureRow>> {
    return this.get('auditor', `/v1/subjects/${id}/disclosures?reason=${REASON}${query}`);
  }

  /** The row that a position made in the collections or disclosures of the person. */
  async collection(subject: string, position: number): Promise<CollectionRow> {
    return rowAt((await this.collections(await this.idOf(subject))).data, position);
  }

  async disclosure(subject: string, position: number): Promise<DisclosureRow> {
    return rowAt((await this.disclosures(await this.idOf(subject))).data, position);
  }

  /** The finding about a position, once it is raised and sealed. */
  finding(id: string, position: number): Promise<FindingRow> {
    return this.eventually(`a finding about position ${position}`, async () => {
      const found = (await this.findings(id)).find(({ positions }) => positions[0] === position);
      return found?.sealedPosition == null ? undefined : found;
    });
  }

  async findings(id: string): Promise<FindingRow[]> {
    return (await this.get<Page<FindingRow>>('auditor', `/v1/findings?subject=${id}&reason=${REASON}`)).data;
  }

  /** The newest sealed event of a type about a person (`consent.withdrawn`), once it is there: its position and data. */
  async said(subject: string, type: string): Promise<{ event: number; data: Record<string, unknown> }> {
    const id = await this.idOf(subject);
    const path = `/v1/subjects/${id}/timeline?reason=${REASON}&type=attesta.${type}.v1`;
    return this.eventually(`${type} sealed`, async () => {
      const { status, body } = await this.system.http('auditor', 'GET', path);
      if (status !== 200) return undefined; // nothing about the person is sealed yet
      const rows = (body as Page<{ position: number; subject: string | null; data: Record<string, unknown> }>).data;
      const newest = rows.find(({ subject: own }) => own === id); // not of what is linked to them
      return newest && { event: newest.position, data: newest.data };
    });
  }

  async positionOf(subject: string, type: string): Promise<number> {
    return (await this.said(subject, type)).event;
  }

  async get<T>(role: Role, path: string): Promise<T> {
    return this.ok<T>(role, 'GET', path);
  }

  async post<T>(role: Role, path: string, body: unknown): Promise<T> {
    return this.ok<T>(role, 'POST', path, body);
  }

  async eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    for (const until = Date.now() + PATIENCE_MS; ; await new Promise((wake) => setTimeout(wake, 100))) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > until) throw new Error(`${what}: not within ${PATIENCE_MS / 1000} s`);
    }
  }

  /** Resolves when registers and checkpoint have reached a position. */
  private covered(position: number): Promise<unknown> {
    return this.eventually(`registers at position ${position}`, async () => {
      if ((await this.system.http('auditor', 'GET', '/log/checkpoint')).status !== 200) return undefined; // nothing is signed yet
      const { status, body } = await this.system.http('auditor', 'GET', '/v1/recipients');
      if (status !== 200) return undefined;
      const { asOf } = body as Page<unknown>;
      return asOf.position >= position && asOf.size > position ? asOf : undefined;
    });
  }

  private async ok<T>(role: Role, method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const answer = await this.system.http(role, method, path, body);
    assert.ok(
      answer.status < 300,
      `${method} ${path.split('?')[0]} answered ${answer.status}: ${JSON.stringify(answer.body).slice(0, 300)}`,
    );
    return answer.body as T;
  }
}

export function rowAt<Row extends { position: number }>(rows: readonly Row[], position: number): Row {
  const row = rows.find((one) => one.position === position);
  assert.ok(row, `the register has a row for position ${position}`);
  return row;
}

const said = (problems: readonly FieldProblem[]): string => problems.map(({ field, code }) => `${field} ${code}`).join(', ');
