import { hash } from 'node:crypto';
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  MailParser,
  parseAddressHeader,
  type AttachmentStream,
  type HeaderLines,
  type MailParserOptions,
  type MessageText,
} from 'mailparser';
import { authenticationOf, type MailAuthentication } from './mail-authentication.js';
import { structureOf } from './mail-structure.js';
import { cleanFileName, cleanLine, cleanText, shortened } from './mail-text.js';

export interface MailAttachment {
  /** Sanitised; of no effect on anything. */
  name: string;
  /** As the sender says, such as image/jpeg: not to be believed. */
  type: string;
  bytes: number;
  /** SHA-256 of the decoded content, in hex. */
  digest: string;
}

export interface MailProblem {
  code:
    | 'too-big'
    | 'too-many-parts'
    | 'nested-too-deep'
    | 'headers-too-big'
    | 'too-slow'
    | 'not-a-mail'
    | 'no-sender'
    | 'several-senders'
    | 'no-message-id'
    | 'text-cut'
    | 'html-unreadable';
  /** For a person who looks into it; holds nothing of the mail. */
  detail: string;
}

export interface ReadMail {
  readable: true;
  /** Without angle brackets; made of the digest where the mail has none. The sender chose it: two mails of two senders may have the same. */
  messageId: string;
  /** SHA-256 of the raw message, in hex. */
  digest: string;
  /** The one address in `From`, in lower case; undefined where there is none or several. */
  from?: string;
  fromName?: string;
  /** As the sender's clock said. */
  date?: Date;
  subject: string;
  /** Plain text, HTML made text. */
  text: string;
  inReplyTo?: string;
  references: string[];
  attachments: MailAttachment[];
  authentication: MailAuthentication;
  /** Sent by a program or to a list: opens no request and gets no answer (RFC 3834). */
  autoSubmitted: boolean;
  problems: MailProblem[];
}

/** A mail that was not read, for what `problems` says; a person has to look at it. */
export interface UnreadableMail {
  readable: false;
  digest: string;
  problems: MailProblem[];
}

export interface MailLimits {
  bytes: number;
  parts: number;
  nesting: number;
  /** Of one part. */
  headerBytes: number;
  textLength: number;
  htmlLength: number;
  milliseconds: number;
}

export const MAIL_LIMITS: MailLimits = {
  bytes: 10 * 1024 * 1024,
  parts: 200,
  nesting: 20,
  headerBytes: 128 * 1024,
  textLength: 20_000,
  htmlLength: 1_000_000,
  milliseconds: 20_000,
};

export interface MailReadingOptions {
  limits?: Partial<MailLimits>;
  /** The authserv-ids of the company's own mail system (RFC 8601); none: nothing is authenticated. */
  trustedServers?: readonly string[];
}

/** Reads a message (RFC 5322, MIME). Whatever it is given, it answers; attachments are measured and hashed, never kept. */
export async function readMail(raw: Buffer, options: MailReadingOptions = {}): Promise<ReadMail | UnreadableMail> {
  const limits = { ...MAIL_LIMITS, ...options.limits };
  const digest = hash('sha256', raw, 'hex');
  const unreadable = (code: MailProblem['code'], detail: string): UnreadableMail => ({
    readable: false,
    digest,
    problems: [{ code, detail }],
  });
  if (raw.length > limits.bytes) return unreadable('too-big', `The message is larger than ${limits.bytes} bytes.`);
  const { parts, nesting } = structureOf(raw, limits);
  if (parts > limits.parts) return unreadable('too-many-parts', `The message has more than ${limits.parts} parts.`);
  if (nesting > limits.nesting) return unreadable('nested-too-deep', `The parts are nested more than ${limits.nesting} deep.`);
  let parsed: Parsed;
  try {
    parsed = await parse(raw, limits);
  } catch (error) {
    return unreadable(...reasonOf(error, limits));
  }
  const headers = new MailHeaders(parsed.headerLines);
  if (!headers.has('from') && !headers.has('date') && !headers.has('message-id') && !headers.has('subject')) {
    return unreadable('not-a-mail', 'There is no From, Date, Message-ID or Subject header.');
  }
  return { readable: true, digest, ...(await contentOf(parsed, headers, digest, limits, options.trustedServers ?? [])) };
}

async function contentOf(
  parsed: Parsed,
  headers: MailHeaders,
  digest: string,
  limits: MailLimits,
  trusted: readonly string[],
): Promise<Omit<ReadMail, 'readable' | 'digest'>> {
  const problems: MailProblem[] = [];
  const senders = headers.all('from').flatMap((value) => parseAddressHeader(value, { flatten: true, decodePunycode: false }).value);
  const address = senders[0]?.address?.toLowerCase();
  const from = senders.length === 1 && address && ADDRESS.test(address) && address.length <= 254 ? address : undefined;
  if (!from && senders.length > 1) problems.push({ code: 'several-senders', detail: 'The mail names several senders.' });
  else if (!from) problems.push({ code: 'no-sender', detail: 'The mail names no sender that can be answered.' });
  const fromName = from && cleanLine(senders[0]?.name ?? '', 200);

  const messageId = headers.ids('message-id')[0];
  if (!messageId) problems.push({ code: 'no-message-id', detail: 'The mail has no usable Message-ID.' });

  const text = cleanText(await textOf(parsed.body, limits, problems)).trim();
  if (text.length > limits.textLength) {
    problems.push({ code: 'text-cut', detail: `Only the first ${limits.textLength} characters were read.` });
  }
  const date = new Date(headers.first('date') ?? '');
  const inReplyTo = headers.ids('in-reply-to')[0];
  return {
    messageId: messageId ?? `${digest}@no-message-id.invalid`,
    ...(from && { from }),
    ...(fromName && { fromName }),
    ...(!Number.isNaN(date.getTime()) && { date }),
    subject: cleanLine(parsed.subject, 500),
    text: shortened(text, limits.textLength),
    ...(inReplyTo && { inReplyTo }),
    references: headers.ids('references').slice(-50),
    attachments: parsed.attachments,
    authentication: from ? authenticationOf(headers.all('authentication-results'), trusted, from) : 'none',
    autoSubmitted: isAutoSubmitted(headers, from),
    problems,
  };
}

// No quoted local parts and no address literals: who has one is asked by a person.
const ADDRESS = /^[^\s@<>()[\]\\,;:"']{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/;

async function textOf(body: MessageText | undefined, limits: MailLimits, problems: MailProblem[]): Promise<string> {
  if (body?.text?.trim()) return body.text;
  if (!body?.html) return '';
  // The parser makes text of HTML at the root of a message alone.
  const alone = Buffer.from(`Content-Type: text/html; charset=utf-8\r\n\r\n${body.html}`);
  const converted = body.textConversionError ? undefined : (await parse(alone, limits).catch(() => undefined))?.body;
  if (!converted || converted.textConversionError) {
    problems.push({ code: 'html-unreadable', detail: 'The HTML of the mail could not be made text.' });
  }
  return converted?.text ?? '';
}

const AUTOMATIC_SENDER = /^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)(?:[+-].*)?@/;

/** Auto-Submitted (RFC 3834), lists (RFC 2369, 2919), bulk precedence, reports and bounces (RFC 6522). */
function isAutoSubmitted(headers: MailHeaders, from: string | undefined): boolean {
  const word = (name: string) => /^[\w-]+/.exec(headers.first(name)?.trim().toLowerCase() ?? '')?.[0];
  const submitted = word('auto-submitted');
  return (
    (submitted !== undefined && submitted !== 'no') ||
    ['bulk', 'list', 'junk', 'auto_reply'].includes(word('precedence') ?? '') ||
    ['list-id', 'list-post', 'list-unsubscribe', 'x-autoreply', 'x-autorespond', 'x-auto-reply'].some((name) => headers.has(name)) ||
    headers.first('return-path')?.trim() === '<>' ||
    /^\s*multipart\/report\b/i.test(headers.first('content-type') ?? '') ||
    AUTOMATIC_SENDER.test(from ?? '')
  );
}

/** The root headers as they stand in the message, unfolded. */
class MailHeaders {
  private readonly values = new Map<string, string[]>();

  constructor(lines: HeaderLines) {
    for (const { key, line } of lines) {
      // The parser hands out bytes as latin1.
      const value = Buffer.from(line.slice(line.indexOf(':') + 1), 'latin1').toString();
      const unfolded = value.replace(/\r?\n[ \t]*/g, ' ').trim();
      const others = this.values.get(key);
      if (others) others.push(unfolded);
      else this.values.set(key, [unfolded]);
    }
  }

  has = (name: string): boolean => this.values.has(name);
  all = (name: string): string[] => this.values.get(name) ?? [];
  first = (name: string): string | undefined => this.values.get(name)?.[0];
  ids = (name: string): string[] =>
    this.all(name)
      .flatMap((value) => value.match(/<[^<>\s]{1,250}>/g) ?? [])
      .map((id) => cleanLine(id.slice(1, -1), 250))
      .filter(Boolean);
}

interface Parsed {
  headerLines: HeaderLines;
  subject: string;
  body: MessageText | undefined;
  attachments: MailAttachment[];
}

const CHUNK = 64 * 1024;

async function parse(raw: Buffer, limits: MailLimits): Promise<Parsed> {
  const options: MailParserOptions = {
    checksumAlgo: 'sha256',
    ignoreEmbedded: true,
    skipImageLinks: true,
    skipTextLinks: true,
    skipTextToHtml: true,
    maxHtmlLengthToParse: limits.htmlLength,
    maxHeadSize: limits.headerBytes,
    maxChildNodes: limits.parts,
  };
  const parser = new MailParser(options);
  const attachments: MailAttachment[] = [];
  let body: MessageText | undefined;
  await pipeline(
    Readable.from(chunks(raw)),
    parser as Transform,
    async (items) => {
      for await (const item of items as AsyncIterable<AttachmentStream | MessageText>) {
        if (item.type === 'text') body = item;
        else attachments.push(await measured(item));
      }
    },
    { signal: AbortSignal.timeout(limits.milliseconds) },
  );
  return { headerLines: parser.headerLines || [], subject: typeof parser.subject === 'string' ? parser.subject : '', body, attachments };
}

/** Small pieces, so that others are served between them. */
function* chunks(raw: Buffer): Generator<Buffer> {
  for (let at = 0; at < raw.length; at += CHUNK) yield raw.subarray(at, at + CHUNK);
}

async function measured(attachment: AttachmentStream): Promise<MailAttachment> {
  const { content, contentType, filename } = attachment;
  for await (const _ of content) continue;
  attachment.release?.();
  return {
    name: cleanFileName(typeof filename === 'string' ? filename : ''),
    type: /^[\w.+-]{1,60}\/[\w.+-]{1,100}$/.test(contentType) ? contentType.toLowerCase() : 'application/octet-stream',
    bytes: attachment.size ?? 0,
    digest: attachment.checksum ?? hash('sha256', '', 'hex'),
  };
}

function reasonOf(error: unknown, limits: MailLimits): [MailProblem['code'], string] {
  const { name, code, message = '' } = error as Partial<NodeJS.ErrnoException>;
  if (name === 'AbortError' || name === 'TimeoutError') return ['too-slow', `Reading took longer than ${limits.milliseconds} ms.`];
  if (code === 'EMAXLEN' && /header/i.test(message)) return ['headers-too-big', `The headers are larger than ${limits.headerBytes} bytes.`];
  if (code === 'EMAXLEN') return ['too-many-parts', `The message has more than ${limits.parts} parts.`];
  return ['not-a-mail', 'The message cannot be read as MIME.'];
}
