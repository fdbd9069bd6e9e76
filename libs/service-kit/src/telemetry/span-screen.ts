import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base';

/**
 * Attributes a span may leave the process with. Of URLs only the origin is left, for people write anything into paths; the route's
 * pattern says what was asked. Parameters of statements are not recorded at all, and what could name a person (addresses, user agents,
 * message keys, exception texts, headers) is not on the list.
 */
const ALLOWED = new Set([
  'code.function',
  'code.function.name',
  'code.namespace',
  'db.client.connection.pool.name',
  'db.name',
  'db.namespace',
  'db.operation',
  'db.operation.name',
  'db.query.text',
  'db.response.status_code',
  'db.statement',
  'db.system',
  'db.system.name',
  'error.type',
  'exception.type',
  'express.name',
  'express.type',
  'http.flavor',
  'http.method',
  'http.request.method',
  'http.response.status_code',
  'http.route',
  'http.scheme',
  'http.status_code',
  'http.status_text',
  'http.url',
  'messaging.batch.message_count',
  'messaging.destination',
  'messaging.destination.name',
  'messaging.destination.partition.id',
  'messaging.kafka.consumer.group',
  'messaging.kafka.offset',
  'messaging.operation',
  'messaging.operation.name',
  'messaging.operation.type',
  'messaging.system',
  'net.transport',
  'network.protocol.version',
  'network.transport',
  'server.address',
  'server.port',
  'url.full',
  'url.scheme',
]);
/** As instrumentations name the spans of requests: after the route's pattern, but also after the path they asked for. */
const METHOD_AND_PATH = /^([A-Z]+) (\/.*)$/s;
const URLS = new Set(['http.url', 'url.full']);

/** Screens attributes of spans and of their events as they end. Must be the first processor. */
export class SpanScreen implements SpanProcessor {
  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    screen(span.attributes);
    for (const event of span.events) if (event.attributes) screen(event.attributes);
    Object.assign(span.status, { message: undefined });
    const [, method, path] = METHOD_AND_PATH.exec(span.name) ?? [];
    if (method && path !== span.attributes['http.route']) Object.assign(span, { name: method });
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

function screen(attributes: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (!ALLOWED.has(name) && !name.startsWith('attesta.')) delete attributes[name];
    else if (URLS.has(name) && typeof value === 'string') attributes[name] = originOf(value);
  }
}

/** Without `user:password@`, which clients copy from the URL they were given. */
const originOf = (url: string): string => {
  const [, scheme = '', host = ''] = /^([a-z][a-z0-9+.-]*:\/\/)(?:[^/?#]*@)?([^/?#]*)/i.exec(url) ?? [];
  return scheme + host;
};
