import fc from 'fast-check';
import { JsonLogger } from './json-logger.js';
import type { LogLevel } from './json-logger.js';

/** Values of a made-up person, as they would slip into a log call. */
const PLANTED = [
  'Somchai',
  'Jaidee',
  'สมชาย',
  'somchai@example.com',
  '0812345678',
  '081-234-5678',
  '+66 81 234 5678',
  '1101700230708',
  '1-1017-00230-70-8',
  '4111 1111 1111 1111',
  '4111111111111111',
];

function logger(level: LogLevel = 'debug') {
  const lines: string[] = [];
  const log = new JsonLogger({ service: 'ledger', level, write: (line) => lines.push(line), now: () => new Date(0) });
  return { log, lines, parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

function expectClean(lines: string[]): void {
  expect(lines.length).toBeGreaterThan(0);
  for (const value of PLANTED) expect(lines.join('')).not.toContain(value);
}

describe('the JSON log', () => {
  it('prints one object per line: time, level, service, context, message, known fields', () => {
    const { log, lines, parsed } = logger();
    log.log(
      'events sealed',
      { position: 41, count: 3, ms: 2.5, type: 'attesta.collection.recorded.v1', source: '//shop.example/orders/7' },
      'intake',
    );
    expect(lines[0]?.endsWith('\n')).toBe(true);
    expect(parsed()).toEqual([
      {
        time: '1970-01-01T00:00:00.000Z',
        level: 'info',
        service: 'ledger',
        context: 'intake',
        message: 'events sealed',
        position: 41,
        count: 3,
        ms: 2.5,
        type: 'attesta.collection.recorded.v1',
        source: '//shop.example',
      },
    ]);
  });

  it('drops what is not on the list, and says how much', () => {
    const { log, parsed } = logger();
    log.warn('subject resolved', { name: 'Somchai', email: 'somchai@example.com', position: 1 });
    expect(parsed()[0]).toMatchObject({ position: 1, dropped: 2 });
    expect(parsed()[0]).not.toHaveProperty('name');
  });

  it('drops a listed field whose value has another form than it should', () => {
    const { log, lines } = logger();
    log.log('odd', {
      position: 'Somchai',
      type: 'somchai@example.com',
      reason: 'Somchai Jaidee',
      route: '/v1/subjects/somchai@example.com',
      method: 'Somchai',
      code: 'Somchai',
      source: 'somchai',
      positions: ['0812345678'],
      roles: ['Somchai Jaidee'],
    });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ dropped: 9 });
    expectClean(lines);
  });

  it('prints an event id that is a UUID, and a digest of any other', () => {
    const { log, parsed } = logger();
    log.log('a', { event: '01890a5d-ac96-774b-bcce-b302099a8057' });
    log.log('b', { event: 'order-of-somchai@example.com' });
    expect(parsed()[0]?.['event']).toBe('01890a5d-ac96-774b-bcce-b302099a8057');
    expect(parsed()[1]?.['event']).toMatch(/^sha256:[0-9a-f]{16}$/);
  });

  it('prints nothing of personal values in nested objects, lists, maps, getters and toJSON', () => {
    const { log, lines } = logger();
    const personal = {
      contact: { name: 'Somchai Jaidee', phones: ['0812345678', '081-234-5678'] },
      toJSON: () => 'Somchai',
      get email() {
        return 'somchai@example.com';
      },
    };
    log.log('nested', {
      data: personal,
      list: [personal],
      map: new Map([['สมชาย', personal]]),
      position: { toJSON: () => 'Somchai' },
      'somchai@example.com': 1,
    });
    log.error(personal);
    log.error('failed', personal, 'intake');
    expectClean(lines);
  });

  it('prints nothing of personal values in errors, their causes, details and extra properties', () => {
    const { log, lines } = logger();
    const text = `no account for Somchai Jaidee สมชาย <somchai@example.com> 0812345678 081-234-5678 +66 81 234 5678 1101700230708 1-1017-00230-70-8 4111 1111 1111 1111 4111111111111111`;
    const duplicate = Object.assign(new Error('duplicate key value violates unique constraint "directory_pkey"'), {
      code: '23505',
      table: 'directory',
      constraint: 'directory_pkey',
      detail: 'Key (email)=(somchai@example.com) already exists.',
      parameters: ['Somchai'],
    });
    log.error('failed', { error: new Error(text) });
    log.error(new Error('outer Somchai', { cause: new TypeError(text, { cause: duplicate }) }));
    log.error('failed', { error: new AggregateError([duplicate], 'Somchai') });
    log.error('failed', { error: text });
    log.error('failed', { error: Object.assign(new Error('x'), { name: 'Somchai Jaidee' }) });
    log.error('failed', {
      error: Object.assign(new Error('x'), { stack: `Error: x\n    at Somchai Jaidee (/a.js:1:1)\nsomchai@example.com` }),
    });
    log.error('failed', { error: new Error('multi\n    at somchai@example.com (/0812345678.js:1:1)\nline') });
    try {
      JSON.parse('{"name": "Somchai Jaidee", }');
    } catch (error) {
      log.error('failed', { error });
    }
    try {
      new URL('somchai@example.com');
    } catch (error) {
      log.error('failed', { error });
    }
    expectClean(lines);
  });

  it('keeps what finds the fault: class, code, database objects, known words, frames', () => {
    const { log, parsed } = logger();
    log.error('failed', {
      error: Object.assign(new Error('duplicate key value violates unique constraint "directory_pkey"'), {
        code: '23505',
        table: 'directory',
        constraint: 'directory_pkey',
      }),
    });
    expect(parsed()[0]?.['error']).toMatchObject({
      name: 'Error',
      code: '23505',
      table: 'directory',
      constraint: 'directory_pkey',
      message: 'duplicate key value violates unique constraint …',
    });
    expect((parsed()[0]?.['error'] as { stack: string[] }).stack[0]).toContain('json-logger.unit.spec');
  });

  it('keeps what our own errors say, and what status was answered', () => {
    const { log, parsed } = logger();
    const said = 'The ledger did not answer with its intake key.';
    log.error('failed', { error: Object.assign(new Error(said), { status: 403 }) });
    log.error('failed', { error: Object.assign(new Error(said), { status: 1101700230708 }) });
    expect(parsed()[0]?.['error']).toMatchObject({ message: said.slice(0, -1), status: 403 });
    expect(parsed()[1]?.['error']).not.toHaveProperty('status');
  });

  it('cuts quotes, addresses, long numbers and other scripts out of messages that frameworks put together', () => {
    const { log, lines } = logger();
    log.log('Mapped {/v1/events, POST} route', 'RouterExplorer');
    log.log(`rejected "Somchai Jaidee" of somchai@example.com, สมชาย, tel 081-234-5678 or +66 81 234 5678, id 1-1017-00230-70-8`);
    expect(lines[0]).toContain('Mapped {/v1/events, POST} route');
    expectClean(lines);
  });

  it('holds no text of any error message that is outside its vocabulary', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z][a-z]{4,12}[qxz][a-z]{2,5}$/), fc.string({ maxLength: 40 }), (name, around) => {
        const { log, lines } = logger();
        log.error('failed', { error: new Error(`${around}${name} ${around}`) });
        return !lines.join('').includes(name);
      }),
    );
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (message, field) => {
        const { log, lines } = logger();
        log.log(message, { position: field, data: field }, field);
        lines.forEach((line) => JSON.parse(line));
      }),
    );
  });

  it.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
    ['off', 0],
  ] as const)('prints from level %s on', (level, expected) => {
    const { log, lines } = logger(level);
    log.debug('a');
    log.log('b');
    log.warn('c');
    log.error('d');
    expect(lines).toHaveLength(expected);
  });
});
