import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  AggregationType,
  createAllowListAttributesProcessor,
  InstrumentType,
  MeterProvider,
} from '@opentelemetry/sdk-metrics';
import { LABELS } from './catalogue.js';
import { METER } from './instruments.js';

export interface MetricsServer {
  port: number;
  stop(): Promise<void>;
}

/** Instrumentations measure too, with the caller's Host header and the database's address as labels: none of that leaves the process. */
const OTHERS = ['http', 'express', 'pg'].map((name) => ({
  meterName: `@opentelemetry/instrumentation-${name}`,
  instrumentName: '*',
  aggregation: { type: AggregationType.DROP as const },
}));

/** Cumulative gauges go on showing what was last observed, for ever: as delta, what can no longer be read is missing. */
class Exporter extends PrometheusExporter {
  override selectAggregationTemporality(type: InstrumentType): AggregationTemporality {
    return type === InstrumentType.OBSERVABLE_GAUGE ? AggregationTemporality.DELTA : super.selectAggregationTemporality(type);
  }
}

/**
 * Serves this process's metrics at `/metrics` in Prometheus' text format, on a port of their own: nobody is asked who they are there. To be called
 * before anything opens, since instruments made earlier stay silent.
 * @param port 0 = a free one
 * @throws Error when the port cannot be had
 */
export async function serveMetrics({ port, host }: { port: number; host: string }): Promise<MetricsServer> {
  const exporter = new Exporter({ preventServerStart: true, withoutScopeInfo: true, withoutTargetInfo: true });
  const provider = new MeterProvider({
    resource: resourceFromAttributes({}),
    readers: [exporter],
    views: [...OTHERS, { meterName: METER, instrumentName: '*', attributesProcessors: [createAllowListAttributesProcessor([...LABELS])] }],
  });
  const server = http.createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    const path = request.url?.split('?', 1)[0];
    if (request.method === 'GET' && path === '/metrics') return exporter.getMetricsRequestHandler(request, response);
    response.writeHead(path === '/metrics' ? 405 : 404, { 'content-type': 'text/plain' }).end('GET /metrics\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  server.unref();
  metrics.setGlobalMeterProvider(provider);
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      metrics.disable();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await provider.shutdown();
    },
  };
}
