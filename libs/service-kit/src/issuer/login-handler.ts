import type { IncomingMessage, ServerResponse } from 'node:http';
import { Logger } from '@nestjs/common';
import type { Provider } from 'oidc-provider';
import type { LoginAttempts } from './login-attempts.js';
import { failedPage, loginPage, sendPage } from './login-pages.js';
import { languageOf, wordsOf, type Language } from './login-words.js';

/** Where passwords are asked for, under the path of the issuer; the id of the login follows. */
export const LOGIN_PATH = '/login/';
const MOST_BYTES = 2_048;

export interface LoginHandlerOptions {
  provider: Provider;
  attempts: LoginAttempts;
  /** Of the issuer, as the browser names it. */
  origin: string;
  /** Where to start again. */
  home: string | undefined;
}

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/**
 * The login page. A login belongs to the browser that began it: its id is in a signed cookie for this path, which other sites cannot have sent with a
 * form (SameSite, and the Origin header is ours).
 */
export function loginHandler(options: LoginHandlerOptions) {
  const logger = new Logger('issuer');
  return (request: IncomingMessage, response: ServerResponse): void => {
    answer(options, request, response).catch((error: unknown) => {
      logger.error('the login page failed', { error });
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  };
}

async function answer(options: LoginHandlerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method } = request;
  if (method !== 'GET' && method !== 'POST') return void response.writeHead(405, { allow: 'GET, POST' }).end();
  const interaction = await begun(options, request, response);
  const language = languageOf(interaction?.params['ui_locales'], request.headers['accept-language']);
  if (!interaction) return sendPage(response, 400, failedPage(language, wordsOf(language).expired, options.home));
  if (method === 'GET') return sendPage(response, 200, loginPage(language));
  await logIn(options, language, request, response);
}

async function logIn(
  { provider, attempts }: LoginHandlerOptions,
  language: Language,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const form = await formOf(request);
  if (form === undefined) return void response.writeHead(413, { connection: 'close' }).end();
  const account = form.get('account')?.trim() ?? '';
  const outcome = attempts.attempt(account, form.get('password') ?? '');
  if ('account' in outcome) {
    const login = { accountId: outcome.account.id, amr: ['pwd'], remember: false };
    const location = await provider.interactionResult(request, response, { login });
    return void response.writeHead(303, { location, 'cache-control': 'no-store' }).end();
  }
  const words = wordsOf(language);
  if ('wrong' in outcome) return sendPage(response, 422, loginPage(language, { account, error: words.wrong }));
  const seconds = Math.ceil(outcome.waitMs / 1_000);
  sendPage(response, 429, loginPage(language, { account, error: words.wait(seconds) }), { 'retry-after': String(seconds) });
}

/** The login that this browser began and asks for here; undefined when there is none, or no longer. */
async function begun(
  { provider, origin }: LoginHandlerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Interaction | undefined> {
  const from = request.headers.origin;
  if (from !== undefined && from !== origin) return undefined;
  try {
    const interaction = await provider.interactionDetails(request, response);
    return interaction.prompt.name === 'login' ? interaction : undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'SessionNotFound') return undefined;
    throw error;
  }
}

/** Undefined for what is longer than the form can be. */
async function formOf(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MOST_BYTES) return undefined;
    pieces.push(piece);
  }
  return new URLSearchParams(Buffer.concat(pieces).toString('utf8'));
}
