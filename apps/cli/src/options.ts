import { Option, type Command } from 'commander';
import { Failure } from './failure.js';
import type { Screen } from './screen.js';
import type { Terminal } from './terminal.js';

/** What every command gets. */
export interface Cli {
  screen: Screen;
  terminal: Terminal;
  /** Ends the run with this code: 0 good, 1 something is wrong with what was looked at, 2 it could not be done. */
  exit(code: 0 | 1 | 2): void;
}

export interface ServerOptions {
  url: string;
}

export interface AccessOptions {
  token?: string;
  role?: string;
  client?: string;
  home?: string;
  issuer?: string;
  clientId?: string;
  clientSecret?: string;
}

export function withServer(command: Command): Command {
  return command.addOption(new Option('--url <url>', 'where Attesta answers').default('http://localhost:4000').argParser(parseUrl));
}

/** `--token`, or how to get one: from the local issuer's data directory, or by client credentials. */
export function withAccess(command: Command): Command {
  return command
    .option('--token <token>', 'access token (environment: ATTESTA_TOKEN)')
    .option('--role <role>', 'role to act in: take a token of the local issuer for it')
    .option('--client <id>', 'client of the local issuer to act as, such as storefront')
    .option('--home <directory>', 'data directory of the local system (environment: ATTESTA_HOME)')
    .option('--issuer <url>', 'OpenID Connect issuer to get a token from by client credentials')
    .option('--client-id <id>', 'client id at that issuer')
    .option('--client-secret <secret>', 'its secret; better in the environment as ATTESTA_CLIENT_SECRET');
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON object for machines');
}

export function withKey(command: Command): Command {
  return command
    .option('--key <line>', 'verifier key line of the log, from somewhere you trust')
    .option('--key-file <file>', 'a file that holds it');
}

export function example(command: Command, text: string): Command {
  return command.addHelpText('after', `\nExample:\n  ${text}`);
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new Failure('--url is not an http or https address', 'Write it with its scheme, such as http://localhost:4000.');
  }
  if (url.username || url.password) throw new Failure('--url holds a user or password', 'Give a token with --token instead.');
  return url.href.replace(/\/+$/, '');
}
