import { hash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { wordsOf, type Language } from './login-words.js';

const STYLE = `
:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
body { margin: 0; background: light-dark(#f4f6f8, #14181d); color: light-dark(#1a2027, #e8ecf0); }
main { box-sizing: border-box; max-width: 24rem; margin: 8vh auto; padding: 1.5rem; border-radius: .5rem; background: light-dark(#fff, #1e242b); }
h1 { margin: 0 0 1rem; font-size: 1.5rem; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input, button { box-sizing: border-box; width: 100%; min-height: 2.75rem; margin-top: .25rem; padding: .5rem .75rem; border-radius: .25rem; font: inherit; }
input { border: 1px solid light-dark(#5b6672, #9aa5b1); background: light-dark(#fff, #14181d); color: inherit; }
input[aria-invalid] { border-color: light-dark(#a61b1b, #ff9d9d); border-width: 2px; }
button { margin-top: 1.5rem; border: 0; background: #0b5cab; color: #fff; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 3px solid light-dark(#b35900, #ffb566); outline-offset: 2px; }
a { display: inline-block; min-height: 1.5rem; margin-top: 1rem; color: light-dark(#0b5cab, #8ec5ff); }
code { overflow-wrap: anywhere; }
.error { margin: .5rem 0 0; color: light-dark(#a61b1b, #ff9d9d); }
.hint { margin: 1.5rem 0 0; font-size: .875rem; }
`;

/** Nothing but our own style and a form that comes back here (CSP level 3). The form leads to the application's page, which is of the same origin. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Headers of every page. The referrer policy lets the browser name our own origin when the form is sent. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export function sendPage(response: ServerResponse, status: number, html: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...PAGE_HEADERS, ...headers }).end(html);
}

export interface LoginForm {
  /** As typed before. */
  account?: string;
  error?: string;
}

/** Where nothing is typed yet the cursor is in the first field, after an error in the one to be typed again. */
export function loginPage(language: Language, { account = '', error }: LoginForm = {}): string {
  const words = wordsOf(language);
  const invalid = error === undefined ? '' : ' aria-invalid="true" aria-describedby="error"';
  return page(
    language,
    error === undefined ? words.signIn : `${words.error}: ${words.signIn}`,
    `<h1>${words.signIn}</h1>
<form method="post">
<label for="account">${words.account}</label>
<input id="account" name="account" value="${escaped(account)}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required${invalid}${error === undefined ? ' autofocus' : ''}>
<label for="password">${words.password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="128" required${invalid}${error === undefined ? '' : ' autofocus'}>
${error === undefined ? '' : `<p class="error" id="error" role="alert">${escaped(error)}</p>\n`}<button>${words.signIn}</button>
</form>
<p class="hint">${words.where[0]} <code>npx attesta login-accounts</code>${words.where[1]}</p>`,
  );
}

/** @param home where to start again */
export function failedPage(language: Language, detail: string, home: string | undefined): string {
  const words = wordsOf(language);
  return page(language, words.failed, `<h1>${words.failed}</h1>\n<p>${escaped(detail)}</p>${linkTo(home, words.again)}`);
}

/** @param form the provider's, with what protects it; the button belongs to it */
export function logoutPage(language: Language, form: string, home: string | undefined): string {
  const words = wordsOf(language);
  return page(
    language,
    words.signOut,
    `<h1>${words.signOut}</h1>
<p>${words.signOutAsk}</p>
${form}
<button form="op.logoutForm" name="logout" value="yes" autofocus>${words.signOut}</button>${linkTo(home, words.stay)}`,
  );
}

export function signedOutPage(language: Language, home: string | undefined): string {
  const words = wordsOf(language);
  return page(language, words.signedOut, `<h1>${words.signedOut}</h1>${linkTo(home, words.signIn)}`);
}

const linkTo = (url: string | undefined, text: string): string => (url === undefined ? '' : `\n<a href="${escaped(url)}">${text}</a>`);

const page = (language: Language, title: string, body: string): string => `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Attesta</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
