import { useQueryClient } from '@tanstack/react-query';
import { useAct } from '../../kit/answers.js';
import type { Api } from '../../kit/api.js';
import type { Center } from '../base/center.js';
import { bodyOf, STATUS_PATH, type OpenedRequest } from './own-request.js';

/** What each part of the page of a request is about. */
export interface Parts {
  request: OpenedRequest;
  center: Center;
  /** Opens it; without it the person has proved their address. */
  secret?: string | undefined;
}

/** Something done to the request, as `POST /v1/requests/:id/<what>`; how it stands is asked for again, also where it was refused. */
export function useDo<B extends object = object, T = unknown>({ request: { request }, secret }: Parts, what: string) {
  const client = useQueryClient();
  return useAct(
    (api: Api, body: B) =>
      api
        .post<T>(`/v1/requests/${request}/${what}`, { ...bodyOf(secret), ...body })
        .finally(() => void client.invalidateQueries({ queryKey: [STATUS_PATH] })),
    '/v1/requests',
  );
}
