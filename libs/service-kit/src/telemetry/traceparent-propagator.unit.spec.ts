import { defaultTextMapGetter, defaultTextMapSetter, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { TraceparentPropagator } from './traceparent-propagator.js';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const propagator = new TraceparentPropagator();

describe('what a request says of its trace', () => {
  const headers = { traceparent, tracestate: 'shop=1101700230708', baggage: 'mail=somsri@example.com' };
  const extracted = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);

  it('names the trace, and brings no text of other systems along', () => {
    expect(trace.getSpanContext(extracted)).toMatchObject({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' });
    expect(trace.getSpanContext(extracted)?.traceState).toBeUndefined();
    expect(propagation.getBaggage(extracted)).toBeUndefined();
  });

  it('is passed on alone', () => {
    const onward = {};
    propagator.inject(extracted, onward, defaultTextMapSetter);
    expect(onward).toEqual({ traceparent });
  });
});
