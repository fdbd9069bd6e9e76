import { isUtf8 } from 'node:buffer';
import express from 'express';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { fromHttpError } from '../problems/problem-from.js';
import { Problem } from '../problems/problem.js';
import { findHostileJson } from './hostile-json.js';

/** A route that wants its body as bytes, whatever the content type says. */
export interface RawBodyRoute {
  /** Path prefix as Express takes it, such as `/v1/events`. */
  path: string;
  /** The path itself, and nothing below it. */
  exact?: boolean;
  /** Bytes after decompression; more answers 413. */
  limit: number;
}

/** Bytes a JSON body may have on routes that do not ask for raw bytes. */
export const JSON_LIMIT = 256 * 1024;

/** `request.body` is a Buffer below `path` (empty when no body came). Content-Encoding gzip, deflate and br are undone. */
export function rawBody({ path, exact = false, limit }: RawBodyRoute): { path: string; handlers: RequestHandler[] } {
  const parse = express.raw({ type: () => true, limit }) as RequestHandler;
  const neverUndefined: RequestHandler = (request, _response, next) => {
    if (!Buffer.isBuffer(request.body)) request.body = Buffer.alloc(0);
    next();
  };
  const unlessBelow =
    (handler: RequestHandler): RequestHandler =>
    (request, response, next) =>
      exact && request.path !== '/' ? next() : handler(request, response, next);
  return { path, handlers: [parse, neverUndefined].map(unlessBelow) };
}

/** JSON bodies of everything else: UTF-8, bounded in size and depth, free of keys and characters that only attacks send. */
export function jsonBodies(limit: number): RequestHandler[] {
  const parse = express.json({ limit, strict: true, type: isJson, verify: requireUtf8 }) as RequestHandler;
  const screen: RequestHandler = (request, _response, next) => {
    const body: unknown = request.body;
    const errors = body !== null && typeof body === 'object' && !Buffer.isBuffer(body) ? findHostileJson(body) : [];
    next(errors.length > 0 ? Problem.invalid(errors) : undefined);
  };
  return [parse, screen];
}

/** `application/json` and the `+json` suffix (RFC 6839). */
export function isJson(request: { headers: { 'content-type'?: string | undefined } }): boolean {
  const media = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return media === 'application/json' || /^application\/[\w.-]+\+json$/.test(media);
}

/** Whether bytes follow the headers (RFC 9112 section 6.3). */
export const hasBody = (request: Request): boolean =>
  request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;

function requireUtf8(_request: unknown, _response: unknown, bytes: Buffer): void {
  if (!isUtf8(bytes)) throw Object.assign(new Error('invalid UTF-8'), { type: 'charset.invalid' });
}

/** Turns parser errors into problems before NestJS flattens them to their messages, which quote the body. */
export function bodyProblems(error: unknown, _request: Request, _response: Response, next: NextFunction): void {
  next(error instanceof Problem ? error : (fromHttpError(error) ?? error));
}
