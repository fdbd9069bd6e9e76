import type { EventDefinition } from './define.js';
import { entrySchema, problemSchema, rejectionSchema, taskNoticeSchema } from './documents.schemas.js';
import type { EventRegistry } from './registry.js';

type Json = Record<string, unknown>;

const BASE = 'https://attesta.dev/events/';

/** The published JSON Schema (2020-12) of one event type's data, as a publisher sends it. */
export function jsonSchema(definition: EventDefinition): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `${BASE}${definition.type}.schema.json`,
    title: definition.title,
    description: `Data of ${definition.type}; the subject is ${definition.subject}. Notice clauses: ${definition.clauses.join(', ')}.`,
    ...plain(definition.dataSchema),
  };
}

/** The AsyncAPI 3.0 document of the topics, seen from Attesta: it receives intake, and sends what it sealed or rejected, and that there are tasks. */
export function asyncApi(registry: EventRegistry, version: string): Json {
  const definitions = registry.all();
  const perType = (suffix: string) =>
    Object.fromEntries(definitions.map((d) => [`${d.type}${suffix}`, { $ref: `#/components/messages/${messageName(d, suffix)}` }]));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Attesta events',
      version,
      description:
        'A privacy compliance ledger. Services publish CloudEvents 1.0 to the intake; the ledger seals them into one tamper-evident log and sends every entry on, in the order of the log for each subject.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: {
      intake: {
        address: 'attesta.intake.v1',
        title: 'Events on their way to the ledger',
        description:
          'CloudEvents Kafka binding, binary content mode. Subjects are subject refs (ref1.…) and personal parts are compact JWEs to the ledger’s intake key: what arrives in clear is rejected. The record key is the subject ref, or the source where there is no subject.',
        messages: perType(''),
      },
      sealed: {
        address: 'attesta.sealed.v1',
        title: 'Entries of the log',
        description:
          'The value is the exact sealed bytes (RFC 8785), the key the subject id, or the source where there is no subject. attesta_previous names the position before it in the same partition, so that a reader notices loss. Not every record is an event: one without value and without ce_ headers is a mark, whose header attesta_upto says how far the log has come where nothing of it fell to this partition. A reader of CloudEvents passes over marks.',
        messages: { ...perType('.sealed'), mark: { $ref: '#/components/messages/mark' } },
      },
      rejected: {
        address: 'attesta.rejected.v1',
        title: 'Events that were not accepted',
        description: 'Names, fields and reasons; never the values that were sent.',
        messages: { rejection: { $ref: '#/components/messages/rejection' } },
      },
      tasks: {
        address: 'attesta.tasks.v1',
        title: 'Tasks of connected systems',
        description:
          'That a system is asked to do something about a person; what, and about whom, it fetches over HTTP. In the order of issue for each system. The same task may come again, and an ended one too: fetching says 404 then. Messages go after seven days; the list of open tasks over HTTP has what was missed.',
        messages: { task: { $ref: '#/components/messages/task' } },
      },
    },
    operations: {
      receiveEvents: { action: 'receive', channel: { $ref: '#/channels/intake' }, summary: 'Events that services publish' },
      sendSealed: {
        action: 'send',
        channel: { $ref: '#/channels/sealed' },
        summary: 'Every sealed entry, at least once, in order per key',
      },
      sendRejected: { action: 'send', channel: { $ref: '#/channels/rejected' }, summary: 'Every rejection' },
      sendTasks: { action: 'send', channel: { $ref: '#/channels/tasks' }, summary: 'Every task of a connected system, at least once' },
    },
    components: {
      messages: {
        ...Object.fromEntries(definitions.map((d) => [messageName(d, ''), intakeMessage(d)])),
        ...Object.fromEntries(definitions.map((d) => [messageName(d, '.sealed'), sealedMessage(d)])),
        mark: {
          name: 'mark',
          title: 'How far the log has come',
          headers: headers({
            attesta_upto: position('position up to which everything of this partition was sent'),
            attesta_previous: previous,
          }),
          payload: { type: 'null' },
        },
        rejection: { name: 'rejection', title: 'An event was rejected', payload: { $ref: '#/components/schemas/rejection' } },
        task: {
          name: 'task',
          title: 'A task waits to be fetched',
          contentType: 'application/json',
          headers: headers({ 'content-type': { type: 'string', const: 'application/json' } }),
          payload: { $ref: '#/components/schemas/taskNotice' },
          bindings: { kafka: { key: { type: 'string', description: 'id of the system' }, bindingVersion: '0.5.0' } },
        },
      },
      schemas: {
        ...Object.fromEntries(definitions.map((d) => [d.type, { title: d.title, ...plain(d.dataSchema) }])),
        entry: entrySchema,
        problem: problemSchema,
        rejection: rejectionSchema,
        taskNotice: taskNoticeSchema,
      },
    },
  };
}

/** Component names may hold no more than letters, digits, dot, dash and underscore; ours never do. */
const messageName = (definition: EventDefinition, suffix: string) => `${definition.type}${suffix}`;

function intakeMessage(definition: EventDefinition): Json {
  return {
    name: definition.type,
    title: definition.title,
    summary: `Notice clauses ${definition.clauses.join(', ')}`,
    contentType: 'application/json',
    headers: headers(cloudEventHeaders(definition, 'subject ref (ref1.…)', { ce_actor: text('pseudonymous id of the caller') })),
    payload: { $ref: `#/components/schemas/${definition.type}` },
    bindings: { kafka: { key: { type: 'string', description: 'subject ref, or source' }, bindingVersion: '0.5.0' } },
  };
}

function sealedMessage(definition: EventDefinition): Json {
  const ledger = {
    attesta_position: position('position in the log'),
    attesta_leaf: text('base64 of the RFC 6962 leaf hash'),
    attesta_previous: previous,
  };
  return {
    name: `${definition.type}.sealed`,
    title: `${definition.title} (sealed)`,
    contentType: 'application/json',
    headers: headers({ ...cloudEventHeaders(definition, 'subject id', {}), ...ledger }, Object.keys(ledger)),
    payload: { $ref: '#/components/schemas/entry' },
    bindings: { kafka: { key: { type: 'string', description: 'subject id, or source' }, bindingVersion: '0.5.0' } },
  };
}

const text = (description: string): Json => ({ type: 'string', description });
const position = (description: string): Json => ({ type: 'string', pattern: '^\\d{1,15}$', description });
const previous: Json = {
  type: 'string',
  pattern: '^(?:-1|\\d{1,15})$',
  description: 'position before it in the same partition, -1 for none',
};

function cloudEventHeaders(definition: EventDefinition, subject: string, more: Json): Json {
  return {
    ce_specversion: { type: 'string', const: '1.0' },
    ce_id: { type: 'string', maxLength: 200 },
    ce_source: { type: 'string', maxLength: 300, description: 'URI reference' },
    ce_type: { type: 'string', const: definition.type },
    ce_time: { type: 'string', format: 'date-time' },
    ...(definition.subject === 'forbidden' ? {} : { ce_subject: text(subject) }),
    'content-type': { type: 'string', const: 'application/json' },
    traceparent: text('W3C trace context'),
    tracestate: text('W3C trace context; accepted, and not kept'),
    ...more,
  };
}

const CLOUD_EVENT = ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time', 'ce_subject'];

function headers(properties: Json, required: readonly string[] = []): Json {
  const cloudEvent = CLOUD_EVENT.filter((name) => name in properties && name !== 'ce_subject');
  return { type: 'object', properties, required: [...cloudEvent, ...required] };
}

/** Without TypeBox's symbols, which are no part of JSON. */
const plain = (schema: object): Json => JSON.parse(JSON.stringify(schema)) as Json;
