import type { NextFunction, Request, Response } from 'express';
import { Problem } from '../problems/problem.js';

const MAX_URL_LENGTH = 4_096;

/** Refuses URLs that no route could use: too long, badly percent-encoded, or holding U+0000, which PostgreSQL cannot store. */
export function screenUrl(request: Request, _response: Response, next: NextFunction): void {
  const { url } = request;
  if (url.length > MAX_URL_LENGTH) {
    next(
      new Problem({
        slug: 'url-too-long',
        status: 414,
        title: 'The URL is too long',
        detail: `URLs may have ${MAX_URL_LENGTH} characters here.`,
        fix: 'Send fewer or shorter parameters.',
      }),
    );
    return;
  }
  next(isDecodable(url) ? undefined : malformed());
}

function isDecodable(url: string): boolean {
  if (!url.includes('%')) return true;
  if (url.includes('%00')) return false;
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}

const malformed = (): Problem =>
  Problem.badRequest(
    'The URL is not properly percent-encoded UTF-8, or holds the character U+0000.',
    'Encode the path and query as UTF-8 with percent-encoding (RFC 3986 section 2.1).',
    undefined,
    'malformed-url',
  );
