import fc from 'fast-check';
import type { Fields } from './template-definitions.js';
import { EXPOSURE, SAMPLES, SENDER, senderOf } from './template-rig.js';
import { TemplateError, Templates, type Sender, type Value, type Values } from './templates.js';

const templates = Templates.load(EXPOSURE);
const write = (id: string, values: Values, sender: Sender = senderOf(templates.get(id)!.kind)) =>
  templates.write(id, 'email', 'en', values, sender);
const refusal = (reason: string) => write('request-refused', { ...SAMPLES['request-refused'], reason });
const errorOf = (work: () => unknown): Error => {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was written');
};
/** Tags and their attributes, line breaks of values aside: what a value must not change. */
const skeletonOf = (html: string): string[] => (html.match(/<[^>]*>/g) ?? []).filter((tag) => tag !== '<br />');

describe('a value', () => {
  it.each([
    '{{constructor}}',
    '{{#with this}}{{law}}{{/with}}',
    '{{{law}}}',
    '{{> frame}}',
    '{{lookup this "law"}}',
    '\\{{law}}',
    '[[subject]]',
    '${law}',
  ])('is data and no template: %s', (reason) => {
    const { text, html } = refusal(reason);
    expect(text).toContain(`\n${reason}\n`);
    expect(html!.replaceAll('&quot;', '"').replaceAll('&gt;', '>')).toContain(reason);
  });

  it.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onclick='x",
    '</p></td></table>',
    '<!--',
    ']]>',
    '&lt;b&gt;',
    '`=`',
  ])('is escaped in HTML, and as it is in plain text: %s', (reason) => {
    const { text, html } = refusal(reason);
    expect(text).toContain(`\n${reason}\n`);
    expect(skeletonOf(html!)).toEqual(skeletonOf(refusal('x').html!));
  });

  it('keeps its lines in a letter, and is one line where a line is asked for', () => {
    const { text, html } = refusal('one\r\ntwo\u2028three\u0085four');
    expect(text).toContain('\none\ntwo\nthree\nfour\n');
    expect(html).toContain('one<br />two<br />three<br />four');
    for (const end of ['\r\n', '\n', '\r', '\u2028', '\u2029', '\v', '\f', '\u0085']) {
      const { subject, exposed } = write('request-closed', { reference: `R-1${end}Bcc: all@example.com` });
      expect(subject).toBe('Your request is closed R-1 Bcc: all@example.com');
      expect(exposed).toEqual(['reference']);
      expect(templates.write('request-closed', 'sms', 'en', { reference: `R-1${end}x` }, SENDER).text).toContain('R-1 x.');
    }
  });

  it('shows all it says: no direction is turned, nothing in it is unseen', () => {
    const { subject } = write('request-closed', { reference: 'A\u202eB\u2066C\u0000D\u001b[31mE\u00adF\u200bG\ufeffH\u{e0041}I\ud800J' });
    expect(subject).toBe('Your request is closed ABCD[31mEFGHI\ufffdJ');
  });

  it('with nothing to see in it is not there', () => {
    expect(errorOf(() => write('request-closed', { reference: ' \u200b\n' })).message).toBe('request-closed: reference is missing');
    expect(write('request-clarification-needed', { reference: 'R', reason: '\u202e ' }).fields).toEqual(['reference']);
    expect(errorOf(() => write('consequences', { ...SAMPLES['consequences'], withdrawn: [] })).message).toBe(
      'consequences: withdrawn is missing',
    );
  });

  it.each<[string, Values]>([
    ['reason is longer than 5000 characters', { reason: 's'.repeat(1_000_000) }],
    ['reason is no text', { reason: 42 }],
    ['reason is no text', { reason: true }],
    ['reason is no text', { reason: [{ secret: 'secret' }] }],
    ['law is missing', { law: undefined }],
    ['a field is not one of: reference, reason, law, authority', { secret: 'x' }],
    ['a field is not one of: reference, reason, law, authority', JSON.parse('{"__proto__": "secret"}') as Values],
    ['a field is not one of: reference, reason, law, authority', { constructor: 'secret' }],
  ])('is refused, and not repeated: %s', (complaint, change) => {
    const error = errorOf(() => write('request-refused', { ...SAMPLES['request-refused'], ...change, ...ownProto(change) }));
    expect(error).toBeInstanceOf(TemplateError);
    expect(error.message).toBe(`request-refused: ${complaint}`);
  });

  it('that only the prototype has is not there', () => {
    const values = Object.assign(Object.create({ law: 'inherited' }) as Values, { ...SAMPLES['request-refused'] });
    delete (values as Record<string, unknown>)['law'];
    expect(errorOf(() => write('request-refused', values)).message).toBe('request-refused: law is missing');
    expect(errorOf(() => write('request-received', Object.create(null) as Values)).message).toBe('request-received: reference is missing');
  });

  it.each(['2026-02-30T00:00:00Z', '15 March 2026', '2026-3-15', '', '2026-03-15T25:00:00Z', '9'.repeat(35)])('is no date: %s', (due) => {
    const error = errorOf(() => write('request-delayed', { ...SAMPLES['request-delayed'], due }));
    expect(error.message).toBe('request-delayed: due is no RFC 3339 date: write it like 2026-03-15T09:30:00Z');
  });

  it.each<[string, Value]>([
    ['services[0].effect is not one of: ends, limited', [{ title: 'x', effect: 'constructor' }]],
    ['services[1].title is missing', [{ title: 'x', effect: 'ends' }, { effect: 'ends' }]],
    ['services[0].a field is not one of: title, effect', [{ title: 'x', effect: 'ends', secret: 'x' }]],
    ['services is no list', 'x'],
    ['services has more than 200 items', Array.from({ length: 201 }, () => ({ title: 'x', effect: 'ends' }))],
    ['services[0] is no object', ['secret'] as unknown as Value],
  ])('in a list is refused just so: %s', (complaint, services) => {
    expect(errorOf(() => write('consequences', { ...SAMPLES['consequences'], services })).message).toBe(`consequences: ${complaint}`);
  });

  it.each([-1, 1.5, NaN, Infinity, '3'])('is no whole number: %s', (more) => {
    expect(errorOf(() => write('officer-alerts', { ...SAMPLES['officer-alerts'], more })).message).toBe(
      'officer-alerts: more is no whole number',
    );
  });
});

/** A spread sets `__proto__` as a prototype; here it has to be a member. */
const ownProto = (change: Values): Values => (Object.hasOwn(change, '__proto__') ? (JSON.parse(JSON.stringify(change)) as Values) : {});

describe('a link', () => {
  const withLink = (link: string) => write('service-message', { heading: 'x', body: 'x', link });

  it.each([
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'http://m-med.example/',
    'http://localhost.evil.example/',
    '//m-med.example/',
    '/path',
    'mailto:a@m-med.example',
    'https://m-med.example@evil.example/',
    `https://m-med.example/${'a'.repeat(2_000)}`,
  ])('is refused: %s', (link) => {
    expect(() => withLink(link)).toThrow(/^service-message: link is /);
  });

  it.each([
    ['https://m-med.example/"onclick="x', 'https://m-med.example/%22onclick=%22x'],
    ["https://m-med.example/?a='><b>", 'https://m-med.example/?a=%27%3E%3Cb%3E'],
    ['https://m-med.example/\u202egpj', 'https://m-med.example/%E2%80%AEgpj'],
    ['https://m-med.example/a b\n', 'https://m-med.example/a%20b'],
    ['http://localhost:3000/x', 'http://localhost:3000/x'],
  ])('cannot leave its attribute: %s', (link, safe) => {
    const { text, html } = withLink(link);
    expect(text).toContain(`    ${safe}\n`);
    expect(html!.replaceAll('&#x3D;', '=')).toContain(`href="${safe}"`);
    expect(skeletonOf(html!)).toHaveLength(skeletonOf(withLink('https://m-med.example/').html!).length);
  });

  it('of the sender is none the less a link', () => {
    expect(() => write('request-closed', { reference: 'R' }, { ...SENDER, url: 'javascript:alert(1)' })).toThrow(
      'sender.url is no https link',
    );
    expect(() => write('announcement', SAMPLES['announcement']!, { ...SENDER, unsubscribe: 'data:,x' })).toThrow(
      'sender.unsubscribe is no https link',
    );
    expect(() => write('request-closed', { reference: 'R' }, { ...SENDER, name: '' })).toThrow('sender.name is missing');
  });
});

const NASTY = ['{{', '}}', '{{{x}}}', '<b>', '"', "'", '&', '=', '\r\n', '\u2028', '\u202e', '\u0000', '\ud800', '$&', '`', 'x', ' '];
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.constantFrom(...NASTY), { maxLength: 12 }).map((parts) => parts.join('')),
);

/** Any texts where texts go, with a letter that can be seen; the rest as in the sample. */
function hostile(fields: Fields, sample: Values): fc.Arbitrary<Values> {
  const parts = Object.entries(sample).map(([name, value]): [string, fc.Arbitrary<Value | undefined>] => {
    const { type } = fields[name]!;
    if (type.of === 'line' || type.of === 'text') return [name, nasty.map((text) => `x${text.slice(0, 90)}`)];
    if (type.of === 'list') return [name, fc.tuple(...(value as readonly Values[]).map((item) => hostile(type.items, item)))];
    return [name, fc.constant(value)];
  });
  return fc.record(Object.fromEntries(parts)) as fc.Arbitrary<Values>;
}

describe.each(templates.list())('whatever is written into $id', ({ id, fields, kind, channels }) => {
  const plain = write(id, SAMPLES[id]!);
  /** Of attributes, the title alone is made of values: it names the letter to screen readers. */
  const shape = (html: string) => skeletonOf(html.replace(/aria-label="[^"]*"/, '')).join('');

  it('no tag, header, line or template comes of it', () => {
    fc.assert(
      fc.property(hostile(fields, SAMPLES[id]!), (values) => {
        const { subject, text, html, fields: filled, exposed } = write(id, values);
        expect(shape(html!)).toBe(shape(plain.html!));
        expect(subject).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect(text.isWellFormed() && html!.isWellFormed()).toBe(true);
        expect(text).not.toMatch(/[^\P{Cc}\n]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect([filled, exposed]).toEqual([plain.fields, plain.exposed]);
        if (channels.includes('sms')) expect(templates.write(id, 'sms', 'th', values, senderOf(kind)).text).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: 60 },
    );
  });
});
