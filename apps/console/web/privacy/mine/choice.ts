export type ConsentStatus =
  'none' | 'requested' | 'deferred' | 'refused' | 'given' | 'renewed' | 'expired' | 'withdrawn' | 'revoked' | 'invalidated';

/** Where a purpose stands: an item of `POST /v1/consents/query`. */
export interface PurposeStanding {
  purpose: string;
  title: string;
  status: ConsentStatus;
  /** By channel, for purposes that have channels. */
  channels?: Record<string, ConsentStatus>;
  since: string | null;
  expiresAt: string | null;
  noticeVersion: string | null;
  event: { source: string; id: string; position: number | null } | null;
}

/** `POST /v1/consents`. */
export interface ChoiceAnswer {
  id: string;
  source: string;
  changed: { purpose: string; status: ConsentStatus }[];
  purposes: PurposeStanding[];
  consequences: { service: string; effect: 'ends' | 'limited' }[];
}

/** `POST /v1/consents/preview`. */
export interface Preview {
  consequences: { service: string; title: string; titleTh: string | null; effect: 'ends' | 'limited' }[];
}

export const inForce = (status: ConsentStatus): boolean => status === 'given' || status === 'renewed';

/** What one tap can do: as easily one way as the other, and no question where nobody has decided yet is answered beforehand. */
export function actsOf(status: ConsentStatus): ('given' | 'withdrawn' | 'refused')[] {
  if (inForce(status)) return ['withdrawn'];
  return status === 'refused' || status === 'withdrawn' || status === 'revoked' ? ['given'] : ['given', 'refused'];
}

/** What is to be decided at all, apart from what the service itself needs and nobody was asked about. */
export const isForChoice = (standing: PurposeStanding, separable: boolean): boolean => separable || standing.status !== 'none';
