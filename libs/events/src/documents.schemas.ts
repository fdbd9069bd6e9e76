/** Payloads of the topics that are no event's data, as JSON Schemas for the AsyncAPI document. */

const base64 = { type: 'string', pattern: '^[A-Za-z0-9+/]*={0,2}$' };
const uuid = { type: 'string', format: 'uuid' };

export const entrySchema = {
  type: 'object',
  title: 'Entry, format 1',
  description: 'The exact stored bytes are the RFC 8785 form of this object, at most 65,535 of them.',
  required: ['v', 'id', 'source', 'type', 'time', 'recordedAt', 'data'],
  additionalProperties: false,
  properties: {
    v: { type: 'integer', const: 1 },
    id: { type: 'string' },
    source: { type: 'string' },
    type: { type: 'string' },
    time: { type: 'string', format: 'date-time', description: 'when it happened, by the publisher' },
    recordedAt: { type: 'string', format: 'date-time', description: 'when it was sealed; order is position, never this' },
    subject: {
      type: 'object',
      required: ['id', 'seq'],
      additionalProperties: false,
      properties: {
        id: uuid,
        seq: { type: 'integer', minimum: 1, description: 'counts the subject’s entries without gaps' },
        prev: { ...base64, description: 'leaf hash of the subject’s entry before; absent for the first' },
      },
    },
    actor: { type: 'string' },
    data: { type: 'object', description: 'the event type’s data without personal; related holds subject ids and roles' },
    sealed: {
      type: 'array',
      items: {
        type: 'object',
        required: ['subject', 'key', 'alg', 'nonce', 'sha256'],
        additionalProperties: false,
        properties: {
          subject: uuid,
          key: { type: 'string', description: '<retention class>.<version> of the data key' },
          alg: { type: 'string', const: 'A256GCM' },
          nonce: base64,
          sha256: { ...base64, description: 'of ciphertext and tag, which are kept beside the entry and can be deleted' },
        },
      },
    },
  },
};

export const problemSchema = {
  type: 'object',
  required: ['field', 'code', 'message', 'fix'],
  properties: {
    field: { type: 'string', description: 'JSON pointer into the event; empty for the whole' },
    code: { type: 'string', description: 'stable slug' },
    message: { type: 'string' },
    fix: { type: 'string' },
  },
};

export const rejectionSchema = {
  type: 'object',
  title: 'Rejection',
  required: ['position', 'at', 'problems'],
  properties: {
    position: { type: 'integer', minimum: 0, description: 'place among the rejections, contiguous from 0' },
    at: { type: 'string', format: 'date-time' },
    eventId: { type: ['string', 'null'] },
    source: { type: ['string', 'null'] },
    type: { type: ['string', 'null'] },
    problems: { type: 'array', items: { $ref: '#/components/schemas/problem' } },
  },
};

export const taskNoticeSchema = {
  type: 'object',
  title: 'Task notice',
  description: 'A claim check: the task itself, with what it is about, is fetched from the requests service.',
  required: ['task', 'request', 'system', 'kind'],
  additionalProperties: false,
  properties: {
    task: { ...uuid, description: 'fetched at /v1/fulfilment/tasks/{task}' },
    request: uuid,
    system: { type: 'string', description: 'id of the connected system' },
    kind: { type: 'string', enum: ['access', 'portability', 'rectification', 'restriction', 'erasure'] },
  },
};
