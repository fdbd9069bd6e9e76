import type { AsOf } from '@attesta/audit';

/** One answer as it came. */
export interface HttpAnswer {
  status: number;
  contentType: string;
  bytes: Uint8Array;
}

/** A page of a register, with how far it reaches. */
export interface Answered<Row> {
  data: Row[];
  next_cursor: string | null;
  has_more: boolean;
  asOf: AsOf;
}

/** Attesta answered with a problem. */
export class AnswerRefused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export type Ask = (method: 'GET' | 'POST', path: string, body?: unknown) => Promise<HttpAnswer>;

/** The public interface with nothing but fetch: a body goes as JSON, bytes as they are. @param token none asks without one */
export function asker(url: string, token?: () => Promise<string> | string): Ask {
  return async (method, path, body) => {
    const bearer = await token?.();
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(body !== undefined && { 'content-type': body instanceof Uint8Array ? 'application/octet-stream' : 'application/json' }),
      },
      ...(body !== undefined && { body: body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(60_000),
    });
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      bytes: new Uint8Array(await response.arrayBuffer()),
    };
  };
}

/** The JSON of an answer. @throws AnswerRefused for a problem document */
export async function json<T>(answer: Promise<HttpAnswer>): Promise<T> {
  const { status, bytes } = await success(answer);
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as T;
  } catch (cause) {
    throw new Error(`an answer with status ${status} is not JSON`, { cause });
  }
}

/** @throws AnswerRefused for a problem document */
export async function success(answer: Promise<HttpAnswer>): Promise<HttpAnswer> {
  const found = await answer;
  if (found.status < 400) return found;
  const text = new TextDecoder().decode(found.bytes.subarray(0, 600));
  throw new AnswerRefused(found.status, `answered with ${found.status}: ${text}`);
}

/** All rows of a list, page by page. */
export async function everyRow<Row>(ask: Ask, path: string, most = 10_000): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  do {
    const at: string = cursor === null ? path : `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
    const page: Pick<Answered<Row>, 'data' | 'next_cursor' | 'has_more'> = await json(ask('GET', at));
    rows.push(...page.data);
    cursor = page.has_more ? page.next_cursor : null;
  } while (cursor !== null && rows.length < most);
  return rows;
}
