import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useApi } from '../../kit/answers.js';
import type { ProblemError } from '../../kit/api.js';
import type { Titled } from '../base/center.js';

export interface Step {
  at: string;
  step:
    | 'received'
    | 'acknowledged'
    | 'action-required'
    | 'action-performed'
    | 'identity-verified'
    | 'identity-failed'
    | 'delayed'
    | 'accepted'
    | 'rejected'
    | 'package-made'
    | 'package-downloaded'
    | 'fulfilled'
    | 'unfulfilled'
    | 'reopened'
    | 'overdue';
  need?: 'identity-verification' | 'information';
  reason?: string;
  law?: string;
  authority?: Titled;
  due?: string;
}

interface Spared {
  category: string;
  ground: string;
  law?: string;
  reason?: string;
}

/** A request as its person may see it: an item of `GET /v1/requests/own`. */
export interface OwnRequest {
  request: string;
  right: string;
  status: 'initiated' | 'acknowledged' | 'requires-action' | 'action-performed' | 'accepted' | 'rejected' | 'fulfilled' | 'unfulfilled';
  identity: 'unverified' | 'verified' | 'failed';
  needs: ('identity-verification' | 'information')[];
  receivedAt: string;
  due: string | null;
  lastDay: string | null;
  overdue: boolean;
  extendedTo: string | null;
  result: 'complete' | 'partial' | null;
  refused: Spared[];
  survivors: Spared[];
}

/** `POST /v1/requests/:id/status`. */
export type OpenedRequest = OwnRequest & { history: Step[] };

export const STATUS_PATH = '/v1/requests/status';
const EVERY_MS = 10_000;

/** A request by its receipt, or as whoever has proved their address; asked for again while it is open. @param secret none: by the token */
export function useRequest(id: string, secret: string | undefined, enabled: boolean): UseQueryResult<OpenedRequest, ProblemError> {
  const api = useApi();
  return useQuery<OpenedRequest, ProblemError>({
    queryKey: [STATUS_PATH, id, secret],
    queryFn: () => api.post(`/v1/requests/${id}/status`, bodyOf(secret)),
    refetchInterval: ({ state: { data } }) => (data && isOpen(data) ? EVERY_MS : false),
    enabled,
  });
}

export const bodyOf = (secret: string | undefined): { receipt?: string } => (secret === undefined ? {} : { receipt: secret });

export const isOpen = ({ status }: OwnRequest): boolean => !['rejected', 'fulfilled', 'unfulfilled'].includes(status);

/** How a request stands, as its person would ask. */
export function standing({ status, identity, needs, result }: OwnRequest) {
  if (status === 'fulfilled') return result === 'partial' ? 'partial' : 'fulfilled';
  if (status !== 'requires-action') return status;
  if (!needs.includes('identity-verification')) return 'requires-action';
  return identity === 'failed' ? 'identity-failed' : 'requires-identity';
}

/** Who has to do what next. */
export function nextOf(request: OwnRequest) {
  const { status, identity, needs } = request;
  if (status === 'rejected') return 'rejected';
  if (!isOpen(request)) return 'ended';
  if (status === 'accepted') return 'accepted';
  if (needs.includes('identity-verification') && identity !== 'failed') return 'identity';
  return needs.includes('information') ? 'information' : 'look';
}

/** The question that waits for an answer. */
export const questionOf = ({ needs, history }: OpenedRequest): string | undefined =>
  needs.includes('information')
    ? history.findLast(({ step, need }) => step === 'action-required' && need === 'information')?.reason
    : undefined;

/** Whether a copy of the data waits to be fetched. */
export function isPackaged({ history }: OpenedRequest): boolean {
  const last = history.findLast(({ step }) => step === 'package-made' || step === 'package-downloaded' || step === 'reopened');
  return last?.step === 'package-made';
}
