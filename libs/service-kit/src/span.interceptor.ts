import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { context as otel, SpanStatusCode, trace } from '@opentelemetry/api';
import { Observable } from 'rxjs';

const tracer = trace.getTracer('@attesta/service-kit');

/** A span per handler, named `Controller.method`; the published NestJS instrumentation ends at version 11. Without telemetry it costs a no-op. */
@Injectable()
export class SpanInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const controller = context.getClass().name;
    const handler = context.getHandler().name;
    const span = tracer.startSpan(`${controller}.${handler}`, { attributes: { 'code.namespace': controller, 'code.function': handler } });
    if (!span.isRecording()) return next.handle();
    const within = trace.setSpan(otel.active(), span);
    return new Observable((subscriber) =>
      otel.with(within, () =>
        next.handle().subscribe({
          next: (value) => subscriber.next(value),
          error: (error: unknown) => {
            span.setStatus({ code: SpanStatusCode.ERROR });
            span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
            span.end();
            subscriber.error(error);
          },
          complete: () => {
            span.end();
            subscriber.complete();
          },
        }),
      ),
    );
  }
}
