export * from './catalogue.js';
export { counter, histogram } from './instruments.js';
export { serveMetrics } from './metrics-server.js';
export { serveMetricsFromEnvironment } from './serve-from-environment.js';
export type { MetricsServer } from './metrics-server.js';
export { observe, secondsSince } from './readings.js';
export type { Reading, ReadingsOptions } from './readings.js';
export { serviceReadings } from './service-readings.js';
export type { OfService } from './service-readings.js';
