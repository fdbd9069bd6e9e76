import { askAuditor, pinKey, type AuditorAnswer } from './auditor-answer.js';
import { accountOf, PEOPLE } from './sample-day/people.js';
import { playSampleDay, type PlayedDay } from './sample-day/play.js';
import type { Standalone } from './standalone.js';

/** Whom the auditor asks about: she does most of what a person can do in a day. */
const ASKED = accountOf(PEOPLE[0]!);

/** Plays a day against a running system as its four services, through HTTP alone. */
export function playAgainst({ url, issuer }: Standalone, date: string): Promise<PlayedDay> {
  const secretOf = (id: string): string => {
    const client = issuer.clients.find((known) => known.id === id);
    if (!client) throw new Error(`the issuer has no client ${id}`);
    return client.secret;
  };
  return playSampleDay({ url, issuer: issuer.issuer, secretOf, date });
}

/** The auditor's answer about a system. @param key pinned before the day was played */
export function answerFrom({ url, issuer }: Standalone, key: string, day?: PlayedDay): Promise<AuditorAnswer> {
  return askAuditor({ url, token: () => issuer.issueToken('auditor'), key, person: ASKED, receipts: day?.receipts ?? [] });
}

/** The day, then the answer: what the demo shows. */
export async function playAndAsk(standalone: Standalone, date: string): Promise<{ day: PlayedDay; answer: AuditorAnswer }> {
  const key = await pinKey(standalone.url);
  const day = await playAgainst(standalone, date);
  return { day, answer: await answerFrom(standalone, key, day) };
}
