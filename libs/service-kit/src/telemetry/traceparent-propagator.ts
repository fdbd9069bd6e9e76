import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api';
import { core } from '@opentelemetry/sdk-node';

/**
 * Takes over and passes on which trace a request belongs to, and nothing else: tracestate and baggage are free text of other systems, which
 * spans would export and messages would keep.
 */
export class TraceparentPropagator implements TextMapPropagator {
  private readonly w3c = new core.W3CTraceContextPropagator();

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    this.w3c.inject(context, carrier, {
      set: (into, name, value) => name === 'traceparent' && setter.set(into, name, value),
    });
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    return this.w3c.extract(context, carrier, {
      keys: (from) => getter.keys(from),
      get: (from, name) => (name === 'traceparent' ? getter.get(from, name) : undefined),
    });
  }

  fields(): string[] {
    return ['traceparent'];
  }
}
