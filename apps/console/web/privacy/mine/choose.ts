import { useQueryClient } from '@tanstack/react-query';
import { useAct } from '../../kit/answers.js';
import { useLanguage } from '../../kit/words.js';
import { nameOf, usePerson, usePersonSession, type Proved } from '../base/person.js';
import type { ChoiceAnswer, PurposeStanding } from './choice.js';

export const CONSENTS = '/v1/consents/query';

export interface Chosen {
  status: 'given' | 'withdrawn' | 'refused';
  channels?: string[];
}

export type ChoiceMade = ChoiceAnswer & { chosen: Chosen };

/** Says a choice about a purpose: one call, which counts at once. @param noticeVersion the one that tells of it now: what a yes is given under */
export function useChoose(purpose: string, noticeVersion: string | null) {
  const client = useQueryClient();
  const language = useLanguage();
  const session = usePersonSession();
  const person = usePerson()!;
  return useAct<Chosen, ChoiceMade>(async (api, chosen) => {
    const answer = await api.post<ChoiceAnswer>('/v1/consents', {
      subject: nameOf(person),
      purposes: [purpose],
      method: 'preference-center',
      language,
      ...(noticeVersion !== null && { noticeVersion }),
      ...chosen,
    });
    client.setQueryData<{ purposes: PurposeStanding[] }>(
      [CONSENTS, person.email],
      (before) =>
        before && { ...before, purposes: before.purposes.map((one) => answer.purposes.find((now) => now.purpose === one.purpose) ?? one) },
    );
    // Whoever was a stranger until now has a subject id, which all else here is asked for by.
    if (person.subject === null) session.begin(person.email, await api.post<Proved>('/v1/sessions/current/named'));
    return { ...answer, chosen };
  });
}
