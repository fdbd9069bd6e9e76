import { isNativeError } from 'node:util/types';
import { Logger } from '@nestjs/common';
import type { LoggerService } from '@nestjs/common';
import { LOG_LEVELS } from '../config/service.config.js';
import type { LogConfig } from '../config/service.config.js';
import { currentTraceId, requestContext } from '../request-context.js';
import { errorRecord } from './error-record.js';
import { printableFields } from './fields.js';

export type LogLevel = LogConfig['level'];
const SEVERITY: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3, off: 4 };

export interface JsonLoggerOptions {
  service: string;
  level?: LogLevel;
  /** Receives whole lines with their newline; standard output by default. */
  write?: (line: string) => void;
  now?: () => Date;
}

/**
 * One JSON object per line. A call takes a constant message and an object of fields: `logger.log('events sealed', { count, ms })`.
 * Only fields on the allow-list are printed, errors are reduced to what cannot hold input, and lint requires the message to be
 * a literal; so a personal value that slips into a call does not slip into the log.
 */
export class JsonLogger implements LoggerService {
  private readonly level: LogLevel;
  private readonly write: (line: string) => void;
  private readonly now: () => Date;

  constructor(private readonly options: JsonLoggerOptions) {
    this.level = options.level ?? 'info';
    this.write = options.write ?? ((line) => void process.stdout.write(line));
    this.now = options.now ?? (() => new Date());
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.print('info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.print('error', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.print('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.print('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.print('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.print('debug', message, rest);
  }

  private print(level: LogLevel, message: unknown, rest: unknown[]): void {
    if (SEVERITY[level] < SEVERITY[this.level]) return;
    // NestJS appends the context of `new Logger(context)` as the last argument.
    const context = typeof rest.at(-1) === 'string' ? (rest.pop() as string) : undefined;
    const objects = [message, ...rest];
    const fields: Record<string, unknown> = {};
    let error: unknown;
    for (const item of objects) {
      if (item instanceof Error || isNativeError(item)) error ??= item;
      else if (item !== null && typeof item === 'object') {
        Object.assign(fields, item);
        if ('error' in item) error ??= item.error;
      }
    }
    const { printed, dropped } = printableFields(fields);
    const requestId = requestContext()?.requestId;
    const traceId = currentTraceId();
    const line = {
      time: this.now().toISOString(),
      level,
      service: this.options.service,
      ...(context && { context: screenText(context) }),
      ...(typeof message === 'string' && { message: screenText(message) }),
      ...(requestId && { requestId }),
      ...(traceId && { traceId }),
      ...printed,
      ...(error !== undefined && { error: errorRecord(error) }),
      ...(dropped > 0 && { dropped }),
    };
    this.write(`${JSON.stringify(line)}\n`);
  }
}

/** Everything logged through NestJS from now on, in this process, goes through one JsonLogger. NestFactory's own logger option does the same. */
export function useJsonLogs(options: JsonLoggerOptions): JsonLogger {
  const logger = new JsonLogger(options);
  Logger.overrideLogger(logger);
  return logger;
}

/** For what logs before a configuration is read: LOG_LEVEL if it is one, else info. */
export const earlyLogLevel = (env: Record<string, string | undefined>): LogLevel =>
  LOG_LEVELS.find((level) => level === env['LOG_LEVEL']) ?? 'info';

/**
 * Our own messages are literals (lint), those of frameworks are not always: whatever is quoted, looks like an address or a
 * number of a person, or is outside ASCII is cut out.
 */
function screenText(text: string): string {
  return text
    .slice(0, 300)
    .replace(/"[^"]*"|'[^']*'|`[^`]*`|“[^”]*”/gu, '…')
    .replace(/\S*@\S*/gu, '…')
    .replace(/[^\x20-\x7e…]+/gu, '…')
    .replace(/\+?\d[\d\s().-]{4,}\d/gu, '…');
}
