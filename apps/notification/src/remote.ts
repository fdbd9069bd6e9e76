import type { Decision } from '@attesta/decisions';
import type { NotificationOptions } from './notification.js';

const TIMEOUT_MS = 10_000;
/** Questions at once. */
const MOST = 500;

type Token = () => string | Promise<string>;

async function asked(url: string, token: Token, body: object): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${new URL(url).pathname} answered ${response.status}`);
  }
  return response.json();
}

/** The consent service's decisions over HTTP. */
export function httpDecisions(url: string, token: Token): NotificationOptions['decide'] {
  return async (questions) => {
    const decisions: Decision[] = [];
    for (let i = 0; i < questions.length; i += MOST) {
      const answer = await asked(`${url.replace(/\/$/, '')}/v1/decisions/batch`, token, { requests: questions.slice(i, i + MOST) });
      decisions.push(...(answer as { decisions: Decision[] }).decisions);
    }
    return decisions;
  };
}
