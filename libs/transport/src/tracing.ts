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
/** A batch shows in this many of its events' traces at most. */
const MOST_LINKS = 32;

/** Trace headers for a message: the event's own trace, else the active one. */
export function outgoingTrace(stored: string | null | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  if (stored) headers.traceparent = stored;
  else propagation.inject(context.active(), headers);
  return headers;
}

const contextOf = (stored: string | null): Context => propagation.extract(ROOT_CONTEXT, stored ? { traceparent: stored } : {});

/**
 * Runs the handling of a batch within a consumer span. Each trace its events came in gets a span of the same time besides, and the two link to
 * each other: whoever follows one event sees where it was handled, and in what company.
 */
export function inBatchSpan<T>(name: string, traces: Iterable<string | null>, run: () => Promise<T>): Promise<T> {
  const origins = [...distinctContexts(traces)];
  const links = origins.map((origin): Link => ({ context: trace.getSpanContext(origin)! }));
  return inSpan(name, ROOT_CONTEXT, links, () => {
    const batch = trace.getActiveSpan()?.spanContext();
    return alongside(name, SpanKind.CONSUMER, origins, batch ? [{ context: batch }] : [], run);
  });
}

/** Sends messages within a producer span in each trace that their headers name. */
export function inSendSpans<T>(topic: string, messages: readonly { headers?: object | undefined }[], send: () => Promise<T>): Promise<T> {
  const traces = messages.map(({ headers = {} }) => {
    const { traceparent } = headers as Record<string, unknown>;
    return typeof traceparent === 'string' ? traceparent : null;
  });
  return alongside(`send ${topic}`, SpanKind.PRODUCER, [...distinctContexts(traces)], [], send);
}

function* distinctContexts(traces: Iterable<string | null>): Generator<Context> {
  const seen = new Set<string>();
  let given = 0;
  for (const stored of traces) {
    if (!stored || seen.has(stored)) continue;
    seen.add(stored);
    const origin = contextOf(stored);
    const span = trace.getSpanContext(origin);
    if (span && isSpanContextValid(span)) {
      yield origin;
      given++;
    }
    if (given >= MOST_LINKS || seen.size >= 2 * MOST_LINKS) return;
  }
}

/** Spans in several traces that last as long as one piece of work for all of them. */
async function alongside<T>(name: string, kind: SpanKind, origins: Context[], links: Link[], run: () => Promise<T>): Promise<T> {
  const spans = origins.map((origin) => tracer.startSpan(name, { kind, links }, origin));
  try {
    return await run();
  } catch (error) {
    for (const span of spans) span.setStatus(failureOf(error));
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

/** Runs the handling of one event within a consumer span that continues the event's own trace. */
export const inEventSpan = <T>(name: string, stored: string | null, run: () => Promise<T>): Promise<T> =>
  inSpan(name, stored ? contextOf(stored) : context.active(), [], run);

function inSpan<T>(name: string, parent: Context, links: Link[], run: () => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, { kind: SpanKind.CONSUMER, links }, parent, async (span) => {
    try {
      return await run();
    } catch (error) {
      span.setStatus(failureOf(error));
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The kind of failure only: a message may quote what was being written. */
const failureOf = (error: unknown) => ({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
