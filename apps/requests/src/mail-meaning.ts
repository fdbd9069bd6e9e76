import {
  ASIDES,
  CHANNELS,
  CONSENT_RULES,
  DOUBT,
  DOUBT_TH,
  EVERY_CHANNEL,
  EVERYTHING,
  LIMITED,
  NEGATION,
  NEGATION_TH,
  NOTHING_MORE,
  POLITE,
  PURPOSES,
  QUESTION,
  RETRACTION,
  RIGHT_RULES,
  STOP_RULES,
} from './mail-meaning-rules.js';
import { ownWords, sentencesOf } from './mail-own-words.js';

/** Clauses 7.1 to 7.8. */
export type Right =
  'access' | 'rectification' | 'portability' | 'objection' | 'restriction' | 'consent-withdrawal' | 'erasure' | 'complaint';

export type MailMeaning =
  | { kind: 'reply'; reference: string }
  /** `all`: every consent. Else purposes of the policy, and channels where not all of a purpose's are meant. */
  | { kind: 'withdrawal'; channels?: string[]; purposes?: string[]; all?: boolean }
  /** `consent-withdrawal` where it is not said of what. */
  | { kind: 'request'; right: Right }
  | { kind: 'unclear'; because: 'nothing-recognised' | 'several-rights' | 'in-doubt' };

/** What of a subject tells the request that a mail answers; `referenceOf` writes it. */
const REFERENCE = /\[REQ-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\]/i;
export const referenceOf = (request: string): string => `[REQ-${request}]`;

/**
 * Which right a mail asks for, by the rules in `mail-meaning-rules`. It errs to `unclear`, where a person asks: what is negated, imagined, past,
 * quoted, or about two rights is not taken for a request.
 * @param mail as `readMail` gives it; not for mail that is `autoSubmitted`
 */
export function meaningOf(mail: { subject: string; text: string }): MailMeaning {
  const reference = REFERENCE.exec(mail.subject)?.[1];
  if (reference) return { kind: 'reply', reference: reference.toLowerCase() };
  // The subject of an answer is that of the mail answered.
  const subject = /^\s*(?:re|fwd?|aw|ตอบ(?:กลับ)?|ส่งต่อ)\s*[:：]/i.test(mail.subject) ? '' : mail.subject;
  const sentences = [subject, ...sentencesOf(ownWords(mail.text))].map(normalized).filter(Boolean);
  const findings = sentences.flatMap(findingsIn);
  if (findings.length === 0) return { kind: 'unclear', because: 'nothing-recognised' };
  if (findings.some(({ doubtful }) => doubtful) || sentences.some((sentence) => RETRACTION.test(sentence)))
    return { kind: 'unclear', because: 'in-doubt' };
  const rights = new Set(findings.map(({ right }) => right));
  const [right] = rights;
  if (rights.size > 1 || !right) return { kind: 'unclear', because: 'several-rights' };
  return right === 'consent-withdrawal' ? withdrawalIn(findings, sentences) : { kind: 'request', right };
}

const normalized = (sentence: string): string =>
  sentence
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[‘’ʼ`]/g, "'")
    .replace(/[^\s@]{1,64}@\S+|https?:\/\/\S+|www\.\S+/g, ' ')
    .replace(ASIDES, ' ')
    .replace(/\s+/g, ' ')
    .trim();

interface Match {
  right: Right;
  covers: readonly Right[];
  start: number;
  end: number;
  stop?: { channel?: string };
}

interface Finding extends Match {
  sentence: string;
  doubtful: boolean;
}

function findingsIn(sentence: string): Finding[] {
  const matches = [
    ...RIGHT_RULES.flatMap(({ right, covers = [], patterns }) => matchesOf(sentence, patterns, { right, covers })),
    ...STOP_RULES.flatMap(({ channel, patterns }) =>
      matchesOf(sentence, patterns, { right: 'consent-withdrawal', covers: [], stop: { ...(channel && { channel }) } }),
    ),
    ...matchesOf(sentence, CONSENT_RULES, { right: 'consent-withdrawal', covers: [] }),
  ];
  const covered = new Set(matches.flatMap(({ covers }) => covers));
  // A negation that belongs to what is asked for ("do not send me") negates nothing else.
  const rest = matches.reduce((text, { start, end }) => text.slice(0, start) + ' '.repeat(end - start) + text.slice(end), sentence);
  // Nobody asks for so much in a sentence.
  const odd = matches.length > 10 || DOUBT.test(sentence) || DOUBT_TH.test(sentence);
  const question = QUESTION.test(sentence) && !POLITE.test(sentence);
  return matches
    .filter(({ right }) => !covered.has(right))
    .map((match) => ({
      ...match,
      sentence,
      doubtful: odd || (question && match.right !== 'access') || negated(rest.slice(0, match.start)),
    }));
}

const negated = (before: string): boolean => NEGATION.test(before) || NEGATION_TH.test(before);

const matchesOf = (sentence: string, patterns: readonly RegExp[], about: Omit<Match, 'start' | 'end'>): Match[] =>
  patterns.flatMap((pattern) =>
    [...sentence.matchAll(pattern)].map((found) => ({ ...about, start: found.index, end: found.index + found[0].length })),
  );

function withdrawalIn(findings: readonly Finding[], sentences: readonly string[]): MailMeaning {
  const channels = new Set<string>();
  const purposes = new Set<string>();
  let all = false;
  let everyChannel = false;
  const fallback = new Set<string>();
  for (const { sentence, stop, end } of findings) {
    const named = namedIn(CHANNELS, sentence);
    const about = namedIn(PURPOSES, sentence);
    for (const channel of named) channels.add(channel);
    for (const purpose of about) purposes.add(purpose);
    if (stop || named.length > 0) purposes.add('marketing');
    if (stop && named.length === 0) {
      if (stop.channel && !EVERY_CHANNEL.test(sentence)) fallback.add(stop.channel);
      else everyChannel = true;
    }
    if (!stop && EVERYTHING.test(sentence)) all = true;
    else if (!stop && named.length === 0 && about.length === 0) {
      if (!NOTHING_MORE.test(sentence.slice(end))) return { kind: 'request', right: 'consent-withdrawal' };
      all = true;
    } else if (!stop && named.length === 0) everyChannel = true;
  }
  if (all) {
    if (purposes.size > 0 || sentences.some((sentence) => LIMITED.test(sentence))) return { kind: 'request', right: 'consent-withdrawal' };
    return { kind: 'withdrawal', all: true };
  }
  if (channels.size === 0) for (const channel of fallback) channels.add(channel);
  return {
    kind: 'withdrawal',
    ...(channels.size > 0 && !everyChannel && { channels: [...channels] }),
    purposes: [...purposes],
  };
}

const namedIn = (words: Readonly<Record<string, RegExp>>, sentence: string): string[] =>
  Object.entries(words)
    .filter(([, pattern]) => pattern.test(sentence))
    .map(([name]) => name);
