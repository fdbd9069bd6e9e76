import {
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Link,
} from '@opentelemetry/api';

const tracer = trace.getTracer('@attesta/transport');
/** A span of a batch links to this many of its events' traces at most. */
const MOST_LINKS = 32;

/** Splits a stored trace (`traceparent` or `traceparent;tracestate`) into W3C headers. */
export function traceHeaders(stored: string | null | undefined): { traceparent?: string; tracestate?: string } {
  if (!stored) return {};
  const at = stored.indexOf(';');
  return at < 0 ? { traceparent: stored } : { traceparent: stored.slice(0, at), tracestate: stored.slice(at + 1) };
}

/** Joins W3C headers to the stored form; null without a traceparent. */
export const storedTrace = (traceparent?: string, tracestate?: string): string | null =>
  traceparent ? (tracestate ? `${traceparent};${tracestate}` : traceparent) : null;

/** Trace headers for a message: the event's own trace, else the active one. */
export function outgoingTrace(stored: string | null | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  const own = traceHeaders(stored);
  if (own.traceparent) {
    headers.traceparent = own.traceparent;
    if (own.tracestate) headers.tracestate = own.tracestate;
  } else {
    propagation.inject(context.active(), headers);
  }
  return headers;
}

const contextOf = (stored: string | null): Context => propagation.extract(ROOT_CONTEXT, traceHeaders(stored));

/** Runs the handling of a batch within a consumer span that links to the traces its events came in. */
export function inBatchSpan<T>(name: string, traces: Iterable<string | null>, run: () => Promise<T>): Promise<T> {
  const links: Link[] = [];
  const seen = new Set<string>();
  for (const stored of traces) {
    if (!stored || seen.has(stored)) continue;
    seen.add(stored);
    const linked = trace.getSpanContext(contextOf(stored));
    if (linked && isSpanContextValid(linked)) links.push({ context: linked });
    if (links.length >= MOST_LINKS || seen.size >= 2 * MOST_LINKS) break;
  }
  return inSpan(name, ROOT_CONTEXT, links, run);
}

/** Runs the handling of one event within a consumer span that continues the event's own trace. */
export const inEventSpan = <T>(name: string, stored: string | null, run: () => Promise<T>): Promise<T> =>
  inSpan(name, stored ? contextOf(stored) : context.active(), [], run);

function inSpan<T>(name: string, parent: Context, links: Link[], run: () => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, { kind: SpanKind.CONSUMER, links }, parent, async (span) => {
    try {
      return await run();
    } catch (error) {
      // The kind of failure only: a message may quote what was being written.
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
      throw error;
    } finally {
      span.end();
    }
  });
}
