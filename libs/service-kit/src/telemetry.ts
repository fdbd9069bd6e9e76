/**
 * Given to `node --import @attesta/service-kit/telemetry`, before anything else is loaded: instrumentations patch modules
 * as they load, and ES modules only through the loader hook registered here. Spans always exist, so that trace ids reach
 * logs and messages; they are exported only when OTEL_EXPORTER_OTLP_ENDPOINT says where. Metrics are served where METRICS_PORT says.
 * OTEL_SDK_DISABLED=true turns all off.
 */
import { register } from 'node:module';
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { endIfMisconfigured } from './config/misconfigured.js';
import { serveMetricsFromEnvironment } from './metrics/serve-from-environment.js';
import { SpanScreen } from './telemetry/span-screen.js';
import { TraceparentPropagator } from './telemetry/traceparent-propagator.js';

if (process.env['OTEL_SDK_DISABLED'] !== 'true') await start();

async function start(): Promise<void> {
  await serveMetricsFromEnvironment().catch((error: unknown) => {
    endIfMisconfigured(error);
    throw error;
  });
  register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
  const endpoint = process.env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const sdk = new NodeSDK({
    serviceName: process.env['OTEL_SERVICE_NAME'] ?? 'attesta',
    textMapPropagator: new TraceparentPropagator(),
    // The screen comes first: the exporter must never see an attribute that was not let through.
    spanProcessors: [new SpanScreen(), ...(endpoint ? [new BatchSpanProcessor(new OTLPTraceExporter())] : [])],
    metricReaders: [],
    logRecordProcessors: [],
    // Hosts and command lines say nothing that the service name does not, and the latter may hold secrets.
    autoDetectResources: false,
    instrumentations: [
      new HttpInstrumentation({ ignoreIncomingRequestHook: ({ url }) => url === '/metrics' || url?.startsWith('/health/') === true }),
      new ExpressInstrumentation(),
      new PgInstrumentation({ enhancedDatabaseReporting: false, requireParentSpan: true }),
      // None of kafkajs: it puts each message it sends into a trace of its own, over the one the event came in. @attesta/transport makes those spans.
    ],
  });
  sdk.start();
  process.once('beforeExit', () => void sdk.shutdown().catch(() => undefined));
}
