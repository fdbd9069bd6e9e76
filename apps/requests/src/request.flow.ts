import type { EventTypes } from '@attesta/events';
import { consequencesOf, noticeAt, restsOnConsent, type Policy } from '@attesta/policy';
import { deadlineOf } from './request.clock.js';
import type { Command } from './request.decider.js';
import { isRefusedWhole } from './request.ending.js';
import { openTasks, type RequestEvent, type RequestState, type Spared } from './request.state.js';

/** What follows without anybody deciding. */
export type NextStep =
  Extract<Command, { kind: 'acknowledge' | 'require' | 'accept' | 'instruct-erasure' | 'fulfil' }> | { kind: 'make-package' };

/**
 * The step that follows by itself: a request that came is acknowledged; whoever has not proved who they are is asked to; a withdrawal of consent
 * and an absolute objection need nobody's decision once the person is known (notice clauses 7.4, 8.3); what all systems did is fulfilled, but for an
 * erasure: then the ledger's own part is instructed, and waited for.
 * @param spared what the law, or a hold, keeps of an erasure
 */
export function nextStep(policy: Policy, state: RequestState, spared: readonly Spared[] = []): NextStep | undefined {
  switch (state.status) {
    case 'initiated':
      return { kind: 'acknowledge' };
    case 'acknowledged':
    case 'action-performed':
      if (state.identity === 'unverified') return { kind: 'require', justification: 'identity-verification' };
      return state.identity === 'verified' && decidesItself(policy, state) ? { kind: 'accept', refused: [], tasks: [] } : undefined;
    case 'accepted':
      if (openTasks(state).length > 0 || state.instructed) return undefined;
      if (state.right === 'erasure' && (spared.length > 0 || !isRefusedWhole(state)))
        return { kind: 'instruct-erasure', survivors: [...spared] };
      return isPackaged(state) ? { kind: 'make-package' } : { kind: 'fulfil' };
    default:
      return undefined;
  }
}

const decidesItself = (policy: Policy, state: RequestState): boolean =>
  state.right === 'consent-withdrawal' ||
  (state.right === 'objection' &&
    objectedPurposes(policy, state).every((purpose) => policy.purposes.get(purpose)?.objection === 'absolute'));

/** Whether the request ends with a package of data. */
export const isPackaged = ({ right }: Pick<RequestState, 'right'>): boolean => right === 'access' || right === 'portability';

/** What the person objects to: what they named, otherwise everything that can be objected to. */
export const objectedPurposes = (policy: Policy, { purposes }: Pick<RequestState, 'purposes'>): string[] =>
  purposes ?? [...policy.purposes.values()].filter(({ objection }) => objection !== 'none').map(({ id }) => id);

/** Whose consent is withdrawn: what the person named, otherwise everything that rests on consent there. */
export const withdrawnPurposes = (policy: Policy, { purposes, jurisdiction }: Pick<RequestState, 'purposes' | 'jurisdiction'>): string[] =>
  purposes ??
  [...policy.purposes.values()]
    .filter(({ bases }) => (bases[jurisdiction] ?? []).some((basis) => restsOnConsent(policy, jurisdiction, basis)))
    .map(({ id }) => id);

type EffectName =
  'attesta.consent.captured.v1' | 'attesta.objection.raised.v1' | 'attesta.objection.decided.v1' | 'attesta.restriction.placed.v1';
export type Effect = { [T in EffectName]: { type: T; data: EventTypes[T] } }[EffectName];

/** Methods of the policy, by the channel a request came through. */
const METHODS: Record<RequestState['channel'], string> = {
  form: 'online-form',
  email: 'email',
  letter: 'letter',
  phone: 'phone',
  'in-person': 'in-person',
  opendsr: 'online-form',
  controller: 'document',
};

/** What an event of a request means to the services that enforce it: reports that the ledger seals and they act on. @param now milliseconds */
export function effectsOf(policy: Policy, state: RequestState, { type, data }: RequestEvent, now: number): Effect[] {
  const method = METHODS[state.channel];
  const evidence = state.evidence && { evidence: state.evidence };
  if (state.right === 'consent-withdrawal' && type === 'attesta.request.accepted.v1') {
    const { language, channels, categories } = state;
    const scope = { ...(channels && { channelPreferences: channels }), ...(categories && { categories }), ...evidence };
    return byNotice(policy, withdrawnPurposes(policy, state), now).map(([noticeVersion, purposes]) => ({
      type: 'attesta.consent.captured.v1',
      data: { purposes, status: 'withdrawn', method, noticeVersion, language, ...scope },
    }));
  }
  if (state.right === 'objection') {
    const purposes = objectedPurposes(policy, state);
    const decidable = purposes.filter((purpose) => policy.purposes.get(purpose)?.objection === 'decision');
    if (type === 'attesta.request.identity-verified.v1')
      return [{ type: 'attesta.objection.raised.v1', data: { purposes, method, ...evidence } }];
    if (type === 'attesta.request.accepted.v1' && decidable.length > 0)
      return [
        { type: 'attesta.objection.decided.v1', data: { purposes: decidable, outcome: 'upheld', reason: 'The request was accepted.' } },
      ];
    if (type === 'attesta.request.rejected.v1' && state.identity === 'verified' && decidable.length > 0) {
      const { reason, law } = data;
      return [{ type: 'attesta.objection.decided.v1', data: { purposes: decidable, outcome: 'rejected', reason, law } }];
    }
  }
  if (state.right === 'restriction' && type === 'attesta.request.accepted.v1') {
    const { purposes, categories, ground } = state;
    const scope = { ...(purposes && { purposes }), ...(categories && { categories }) };
    return [{ type: 'attesta.restriction.placed.v1', data: { ...scope, ground: ground ?? 'accuracy-contested', method } }];
  }
  return [];
}

/** Purposes by the notice under which people can be asked about them; what no notice tells of, nobody can have consented to. */
function byNotice(policy: Policy, purposes: readonly string[], now: number): [string, string[]][] {
  const groups = new Map<string, string[]>();
  for (const purpose of purposes) {
    const version = noticeAt(policy, purpose, now);
    if (version !== undefined) groups.set(version, [...(groups.get(version) ?? []), purpose]);
  }
  return [...groups];
}

export type Message = Omit<EventTypes['attesta.request.message-due.v1'], 'request' | 'cause'>;

/** What the person, or the data protection officer, is to be told because of an event. @param state after it */
export function messagesOf(policy: Policy, state: RequestState, { type, data }: RequestEvent): Message[] {
  const due = deadlineOf(policy, state)?.overdueFrom;
  const person = (template: Message['template'], more: Partial<Message> = {}): Message[] => [
    { template, to: 'subject', language: state.language, right: state.right, ...more },
  ];
  const officer = (template: Message['template'], more: Partial<Message> = {}): Message[] => [
    { template, to: 'dpo', language: 'en', ...more },
  ];
  const { authority } = policy.jurisdictions.get(state.jurisdiction)!;
  switch (type) {
    case 'attesta.request.acknowledged.v1': {
      const consequences =
        state.right === 'consent-withdrawal'
          ? consequencesOf(policy, withdrawnPurposes(policy, state)).map(({ service }) => service)
          : undefined;
      return person('received', { ...(due !== undefined && { due }), ...(consequences && { consequences }) });
    }
    case 'attesta.request.action-required.v1':
      return data.justification === 'identity-verification'
        ? person('identity-needed')
        : person('clarification-needed', data.reason === undefined ? {} : { reason: data.reason });
    case 'attesta.request.delayed.v1':
      return person('delayed', { due: data.due, reason: data.reason });
    case 'attesta.request.accepted.v1':
      return person('accepted', due === undefined ? {} : { due });
    case 'attesta.request.rejected.v1':
      return person('refused', { reason: data.reason, law: data.law, authority: data.authority });
    case 'attesta.request.fulfilled.v1':
      // A refusal in part is a refusal: it names the authority too (notice clause 7.8).
      return person(isPackaged(state) ? 'package-ready' : 'fulfilled', data.outcome === 'partial' ? { authority } : {});
    case 'attesta.request.unfulfilled.v1':
      return person('closed');
    case 'attesta.request.reopened.v1':
      return person('reopened', due === undefined ? {} : { due });
    case 'attesta.request.warned.v1':
      return officer('deadline-near', { due: data.due });
    case 'attesta.request.overdue.v1':
      return officer('deadline-missed', { due: data.due });
    case 'attesta.request.task-stuck.v1':
      return officer('system-late');
    default:
      return [];
  }
}
