import { hash, randomBytes, randomUUID } from 'node:crypto';
import type { EventTypes, FieldProblem } from '@attesta/events';
import { consequencesOf, restsOnConsent, type Policy } from '@attesta/policy';
import { Problem } from '@attesta/service-kit';
import type pg from 'pg';
import { withdrawnPurposes } from './request.flow.js';
import { deadlineOf } from './request.clock.js';
import { received } from './request.decider.js';
import type { RequestState, Status } from './request.state.js';
import { lock, OpenRequest } from './request-store.js';
import type { Requests } from './requests.js';

export interface Identifier {
  /** `account`, `email` and so on. */
  scheme: string;
  value: string;
}

/** What is only for those who handle the request: kept encrypted, never sealed. */
export interface Confidential {
  identifiers: Identifier[];
  /** Where codes and answers go. */
  email?: string;
  changes?: { category: string; field: string; value: string }[];
  /** What the person wrote, oldest first. */
  texts: string[];
}

type Received = EventTypes['attesta.request.received.v1'];
type Channel = Received['channel'];

/** A request as it comes in, from whatever side. */
export interface Incoming {
  right: string;
  channel: Channel;
  /** Whom it is about: scheme|value, a ref or a subject id. */
  subject: string;
  identifiers?: Identifier[] | undefined;
  email?: string | undefined;
  language?: string | undefined;
  jurisdiction?: string | undefined;
  purposes?: string[] | undefined;
  channels?: string[] | undefined;
  categories?: string[] | undefined;
  ground?: Received['ground'] | undefined;
  changes?: { category: string; field: string; value: string }[] | undefined;
  text?: string | undefined;
  evidence?: Received['evidence'] | undefined;
  /** What made it: the same cause makes one request. */
  cause?: string | undefined;
  /** Milliseconds; now without it. */
  receivedAt?: number | undefined;
  actor?: string | undefined;
  /** Whoever asks has proved already to be the person. */
  proved?: { method: EventTypes['attesta.request.identity-verified.v1']['method']; evidence?: Received['evidence'] } | undefined;
  /** What was not understood, and has to be asked. */
  unclear?: string | undefined;
}

export interface Taken {
  request: string;
  /** Opens the request to whoever made it; told once. */
  receipt?: string;
  taken: 'received' | 'duplicate';
  status: Status;
  right: string;
  needs: RequestState['needs'];
  due: string | null;
  duplicateOf: string | null;
  consequences: { service: string; effect: 'ends' | 'limited' }[];
}

/** Takes requests in, and sees them through to the first thing that somebody has to do. */
export class Intake {
  constructor(private readonly requests: Requests) {}

  /** @throws Problem 422 with everything that is wrong; 503 when nobody can say who the person is */
  async take(incoming: Incoming): Promise<Taken> {
    const { requests } = this;
    await requests.refreshPolicy();
    const { policy } = requests;
    const asked = understood(incoming, policy);
    const subject = await requests.directory.enrolled(incoming.subject);
    const receipt = randomBytes(24).toString('base64url');
    const id = randomUUID();
    const confidential: Confidential = {
      identifiers: identifiersOf(incoming),
      ...(incoming.email !== undefined && { email: incoming.email }),
      ...(incoming.changes && { changes: incoming.changes }),
      texts: incoming.text === undefined ? [] : [incoming.text],
    };
    const { kek, box } = await requests.strongbox.sealJson(id, confidential);
    return requests.transact(async (tx) => {
      if (incoming.cause !== undefined) {
        await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 1))', [incoming.cause]);
        const before = await this.byCause(tx, incoming.cause, subject, asked.right);
        if (before) return before;
      }
      const duplicateOf = await openTwin(tx, subject, asked.right);
      const at = incoming.receivedAt ?? requests.now().getTime();
      await tx.query(
        `insert into request (id, subject, right_id, jurisdiction, status, version, state, received_at, open, cause, receipt, kek, box)
         values ($1, $2, $3, $4, 'initiated', 0, '{}', to_timestamp($5::float8 / 1000), true, $6, $7, $8, $9)`,
        [id, subject, asked.right, asked.jurisdiction, at, incoming.cause ?? null, receiptDigest(receipt), kek, box],
      );
      const request = new OpenRequest(requests, policy, id, subject, 0, undefined);
      request.say(received({ ...asked, ...(duplicateOf !== undefined && { duplicateOf }) }), at, incoming.actor);
      request.decide({ kind: 'acknowledge' }, undefined);
      // Whoever proved it with the request proved it when the request came.
      if (incoming.proved) request.decide({ kind: 'verify-identity', ...incoming.proved }, incoming.actor, at);
      if (incoming.unclear !== undefined)
        request.decide({ kind: 'require', justification: 'information', reason: incoming.unclear }, undefined);
      if (request.state.identity === 'unverified' && !request.state.needs.includes('identity-verification'))
        request.decide({ kind: 'require', justification: 'identity-verification' }, undefined);
      request.goOn();
      await requests.identity.issue(tx, request, confidential);
      await request.save(tx);
      return { ...this.answer(request), receipt, taken: 'received' };
    });
  }

  /** @throws Problem 409 when the cause made a request of somebody else, or for another right */
  private async byCause(tx: pg.PoolClient, cause: string, subject: string, right: string): Promise<Taken | undefined> {
    const { rows } = await tx.query<{ id: string }>('select id from request where cause = $1', [cause]);
    if (rows.length === 0) return undefined;
    const [request] = await lock(tx, this.requests, [rows[0]!.id]);
    if (request!.subject !== subject || request!.state.right !== right) {
      throw Problem.conflict('This id was used before for another request.', 'Give a new request a new id.', 'id-conflict');
    }
    return { ...this.answer(request!), taken: 'duplicate' };
  }

  private answer({ id, state }: OpenRequest): Omit<Taken, 'taken' | 'receipt'> {
    const { policy } = this.requests;
    return {
      request: id,
      status: state.status,
      right: state.right,
      needs: state.needs,
      due: deadlineOf(policy, state)?.overdueFrom ?? null,
      duplicateOf: state.duplicateOf ?? null,
      consequences: state.right === 'consent-withdrawal' ? consequencesOf(policy, withdrawnPurposes(policy, state)) : [],
    };
  }
}

export const receiptDigest = (receipt: string): string => hash('sha256', receipt, 'hex');

/** The oldest open request of the same person for the same right. */
async function openTwin(tx: pg.PoolClient, subject: string, right: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ id: string }>(
    'select id from request where subject = $1 and right_id = $2 and open order by received_at, id limit 1',
    [subject, right],
  );
  return rows[0]?.id;
}

/** The person as systems know them: what the request names in clear. */
function identifiersOf({ subject, identifiers = [], email }: Incoming): Identifier[] {
  const bar = subject.indexOf('|');
  const named = bar < 0 ? [] : [{ scheme: subject.slice(0, bar), value: subject.slice(bar + 1) }];
  const all = [...named, ...identifiers, ...(email === undefined ? [] : [{ scheme: 'email', value: email }])];
  return [...new Map(all.map((one) => [`${one.scheme}|${one.value}`, one])).values()];
}

type Asked = Omit<Received, 'request' | 'duplicateOf'>;

/** @throws Problem 422 with everything that is wrong */
function understood(incoming: Incoming, policy: Policy): Asked {
  const { right, channel, language = 'en', jurisdiction = policy.defaultController.jurisdictions[0]!, evidence, changes } = incoming;
  const problems: FieldProblem[] = [];
  const refuse = (field: string, code: string, message: string, fix: string) => problems.push({ field, code, message, fix });
  const one = (field: string, value: string, known: ReadonlyMap<string, unknown>, what: string) => {
    if (!known.has(value))
      refuse(field, `unknown-${what.replaceAll(' ', '-')}`, `is no ${what} of the policy`, `use one of: ${[...known.keys()].join(', ')}`);
  };
  one('/right', right, policy.rights, 'right');
  one('/jurisdiction', jurisdiction, policy.jurisdictions, 'jurisdiction');
  incoming.purposes?.forEach((purpose, i) => one(`/purposes/${i}`, purpose, policy.purposes, 'purpose'));
  incoming.categories?.forEach((category, i) => one(`/categories/${i}`, category, policy.categories, 'data category'));
  changes?.forEach(({ category }, i) => one(`/changes/${i}/category`, category, policy.categories, 'data category'));
  if (problems.length === 0) problems.push(...fitting(incoming, jurisdiction, policy));
  if (problems.length > 0) throw unfit(problems);
  const fields = changes?.map(({ category, field }) => ({ category, field }));
  const { purposes, channels, categories, ground } = incoming;
  return {
    right,
    jurisdiction,
    channel,
    language,
    ...(purposes && { purposes }),
    ...(channels && { channels }),
    ...(categories && { categories }),
    ...(ground && { ground }),
    ...(fields && { fields }),
    ...(evidence && { evidence }),
  };
}

/** What a right needs to be asked for. */
function fitting({ right, purposes = [], changes, ground, unclear }: Incoming, jurisdiction: string, policy: Policy): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (right === 'rectification' && !changes?.length && unclear === undefined)
    problems.push({
      field: '/changes',
      code: 'missing-field',
      message: 'a rectification says what is right',
      fix: 'send category, field and value',
    });
  if (right === 'restriction' && ground === undefined && unclear === undefined)
    problems.push({
      field: '/ground',
      code: 'missing-field',
      message: 'a restriction has a ground (PDPA s.34, GDPR Art. 18)',
      fix: 'send one',
    });
  purposes.forEach((id, i) => {
    const purpose = policy.purposes.get(id)!;
    if (right === 'objection' && purpose.objection === 'none')
      problems.push({
        field: `/purposes/${i}`,
        code: 'not-objectable',
        message: 'the purpose does not rest on a basis that can be objected to (PDPA s.32, GDPR Art. 21)',
        fix: 'leave it out',
      });
    const consented = (purpose.bases[jurisdiction] ?? []).some((basis) => restsOnConsent(policy, jurisdiction, basis));
    if (right === 'consent-withdrawal' && !consented)
      problems.push({
        field: `/purposes/${i}`,
        code: 'no-consent-basis',
        message: 'the purpose does not rest on consent, so that there is none to withdraw',
        fix: 'object to it instead',
      });
  });
  return problems;
}

const unfit = (errors: FieldProblem[]) =>
  new Problem({
    slug: 'request-refused',
    status: 422,
    title: 'The request cannot be taken as it is',
    detail: `${errors.length} thing${errors.length === 1 ? ' is' : 's are'} wrong with it; nothing was recorded.`,
    fix: 'Mend what errors names and send it again.',
    errors,
  });
