import { hash } from 'node:crypto';
import fc from 'fast-check';
import { unzipSync } from 'fflate';
import { accessPackage } from './package-access.js';
import { packageFiles } from './package-files.js';
import type { PackageInput } from './package-input.js';
import { answer, collected, entry, fullInput, input, OTHER, policy, record, used } from './package-rig.js';
import { packageZip } from './package-zip.js';

const filesOf = (given: PackageInput): Record<string, string> =>
  Object.fromEntries(packageFiles(accessPackage(given)).files.map(({ name, text }) => [name, text]));
const withValues = (values: Record<string, string | number | boolean | null>, more: Partial<PackageInput> = {}) =>
  filesOf(input({ answers: [answer([record({ values })])], ...more }));

/** RFC 4180, read without the library that wrote it. */
function cellsOf(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

const valueIn = (files: Record<string, string>) => cellsOf(files['values.csv'] ?? '')[1]?.at(-1);

const TAGS = new Set(
  'html head meta title style body header h1 h2 h3 p dl dt dd nav ul li a main section div table thead tbody tr th td bdi'.split(' '),
);
/** Every tag of a page with its attributes. */
const tagsOf = (page: string) =>
  [...page.matchAll(/<\/?([a-z0-9]+)((?:\s+[a-z-]+="[^"]*")*)\s*>/g)].map(([tag, name = '']) => ({ tag, name }));

describe('the files of a package', () => {
  it.each(['en', 'th'] as const)('are complete, plain UTF-8 and name nobody else, in %s', (language) => {
    const files = filesOf(fullInput({ language }));
    expect(Object.keys(files)).toEqual([
      'README.txt',
      'package.html',
      'package.json',
      ...[
        'systems',
        'values',
        'collections',
        'uses',
        'disclosures',
        'consents',
        'objections',
        'restrictions',
        'retention',
        'requests',
        'other-events',
      ].map((name) => `${name}.csv`),
    ]);
    for (const [name, text] of Object.entries(files)) {
      expect(text.startsWith('\uFEFF')).toBe(false);
      expect(text).not.toContain(OTHER);
      expect(text).not.toMatch(/undefined|\[object|NaN/);
      if (name !== 'README.txt') expect(files['README.txt']).toContain(name);
    }
    expect(JSON.parse(files['package.json'] ?? '')).toEqual(JSON.parse(JSON.stringify(accessPackage(fullInput({ language })))));
  });

  it('have one line per row and one cell per column in every table', () => {
    for (const [name, text] of Object.entries(filesOf(fullInput()))) {
      if (!name.endsWith('.csv')) continue;
      const [head = [], ...rows] = cellsOf(text);
      expect(rows.length).toBeGreaterThan(0);
      for (const row of rows) expect([name, row.length]).toEqual([name, head.length]);
    }
  });

  it('name what the policy calls things, in the person’s language', () => {
    const page = filesOf(fullInput({ language: 'th' }))['package.html'] ?? '';
    expect(page).toContain('<html lang="th">');
    for (const text of ['ข้อมูลติดต่อ', 'ผู้ให้บริการขนส่ง', 'สหรัฐอเมริกา', '31 ม.ค. 2569 16:00', '10 ปี นับแต่วันสิ้นสุดสัญญา'])
      expect(page).toContain(text);
    const english = filesOf(fullInput())['package.html'] ?? '';
    for (const text of [
      'Logistics provider',
      'United States',
      '31 Jan 2026, 16:00',
      '10 years after the contract ends',
      'until you withdraw your consent',
    ])
      expect(english).toContain(text);
  });

  it('say that a system could not answer', () => {
    const failed = answer([], { outcome: 'failed', title: 'Old mill', reason: 'It is being moved.' });
    const page = filesOf(input({ answers: [failed] }))['package.html'];
    expect(page).toContain('Not every system could answer');
    expect(page).toContain('Old mill');
    expect(filesOf(fullInput())['package.html']).not.toContain('Not every system could answer');
  });

  it('have a Thai word for everything that has an English one', async () => {
    const { en } = await import('./package-words-en.js');
    const { th } = await import('./package-words-th.js');
    const { events } = await import('@attesta/events');
    const keys = (words: object): string[] =>
      Object.entries(words).flatMap(([key, value]) =>
        typeof value === 'object' && key !== 'events' ? keys(value as object).map((inner) => `${key}.${inner}`) : [key],
      );
    expect(keys(th)).toEqual(keys(en));
    const rows = /^attesta\.(?:collection|use|disclosure|consent|objection|restriction)\.|^attesta\.(?:outbound-link|purpose)\./;
    const others = new Set(
      events
        .all()
        .map(({ name }) => name)
        .filter((name) => !rows.test(name)),
    );
    expect(Object.keys(th.events).filter((name) => !others.has(name))).toEqual([]);
    expect(new Set(policy.retention.map(({ trigger }) => trigger).filter((trigger) => !Object.hasOwn(th.triggers, trigger)))).toEqual(
      new Set(),
    );
  });
});

describe('the page', () => {
  it('runs no script, loads nothing and lets only its own style apply', () => {
    const page = filesOf(fullInput())['package.html'] ?? '';
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
    const policyOf = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'");
    expect(policyOf).toBe(`default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; base-uri 'none'; form-action 'none'`);
    expect(page).not.toMatch(/<script|\bon[a-z]+=|javascript:|https?:\/\/(?!m-med)|url\(|@import|style="/i);
    for (const { name } of tagsOf(page)) expect(TAGS).toContain(name);
  });

  it('shows what happened again once, with how often and from when to when', () => {
    const entries = [3, 1, 2].map((position) => entry(position, 'use.recorded', used()));
    const page = filesOf(input({ entries }))['package.html'] ?? '';
    expect(page).toContain('5 Jan 2026, 10:01 – 5 Jan 2026, 10:03<div class="small">3 times</div>');
    expect(page.split('print-label')).toHaveLength(2);
  });

  it('says where the rest is when a table would be too long to read', () => {
    const entries = Array.from({ length: 503 }, (_, i) => entry(i, 'use.recorded', used({ operation: `op-${i}` })));
    expect(filesOf(input({ entries }))['package.html']).toContain('3 more are in uses.csv.');
  });
});

const HOSTILE = [
  '<script>alert(1)</script>',
  '</bdi></td></table><img src=x onerror=alert(1)>',
  '"><svg/onload=alert(1)>',
  "' onmouseover='alert(1)",
  '</style><style>*{background:url(//evil.example)}',
  '<!--',
  '&lt;b&gt;',
  '`${alert(1)}`',
];

describe('hostile text', () => {
  it.each(HOSTILE)('is text on the page, wherever it stands: %s', (text) => {
    const hostile = { ...policy, title: text, defaultController: { ...policy.defaultController, name: text } };
    const given = fullInput({
      policy: hostile,
      subject: text,
      entries: [
        entry(1, 'collection.recorded', collected({ categories: [text], purposes: [text], basis: text, method: text, occasion: text }), {
          subject: text,
          source: text,
          time: text,
        }),
        entry(2, text, { related: [{ subject: OTHER, role: text }] }, { subject: text }),
        entry(3, 'consent.withdrawn', { purposes: ['marketing'], method: 'letter', by: 'subject', reason: text }, { subject: text }),
      ],
      answers: [answer([record({ category: text, name: text, values: { [text]: text } })], { system: text, title: text, reason: text })],
      requests: [{ id: text, right: text, status: text, receivedAt: text }],
    });
    const page = filesOf(given)['package.html'] ?? '';
    const plain = filesOf(fullInput())['package.html'] ?? '';
    expect(new Set(tagsOf(page).map(({ name }) => name))).toEqual(new Set(tagsOf(plain).map(({ name }) => name)));
    // Every angle bracket belongs to a tag of ours.
    const rest = page.replace('<!doctype html>', '').replace(/<style>[\s\S]*?<\/style>/, '');
    expect(rest.split('<').length - 1).toBe(tagsOf(rest).length);
    for (const { tag } of tagsOf(rest)) expect(tag).not.toMatch(/alert|evil|\son/);
    expect(JSON.parse(filesOf(given)['package.json'] ?? '')).toMatchObject({ subject: text });
  });

  it.each([
    '=1+1',
    '+66 81',
    '-1+1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    ' =1',
    '\u00A0@x',
    '\uFF1D1',
    '=HYPERLINK("http://evil.example")',
  ])('is no formula in a table, and unchanged for programs: %j', (text) => {
    const files = withValues({ [text]: text });
    expect(valueIn(files)).toBe(`'${text}`);
    const { values } = JSON.parse(files['package.json'] ?? '') as { values: { records: { values: object }[] }[] };
    expect(values[0]?.records[0]?.values).toEqual({ [text]: text });
  });

  it.each([
    [-12.5, '-12.5'],
    [0, '0'],
    [false, 'false'],
    [true, 'true'],
    [null, ''],
    ['', ''],
    ['a "b", c\r\nd\re', 'a "b", c\r\nd\re'],
    ['สมชาย ใจดี', 'สมชาย ใจดี'],
    ['a\u0000b\u001bc\u007fd\u0085', 'a␀b␛c␡d\uFFFD'],
    ['\ud800 lone', '\uFFFD lone'],
  ])('in a cell is itself, or its symbol: %j', (value, cell) => {
    expect(valueIn(withValues({ field: value }))).toBe(cell);
  });

  it('of any kind leaves every table whole and every page closed', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 8 }), value, { maxKeys: 6, noNullPrototype: true }), (values) => {
        const files = withValues(values);
        const [head = [], ...rows] = cellsOf(files['values.csv'] ?? '');
        expect(rows.map((row) => row.length)).toEqual(Object.keys(values).map(() => head.length));
        // eslint-disable-next-line no-control-regex
        expect(`${files['values.csv']}${files['package.html']}`).not.toMatch(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/);
        const rest = (files['package.html'] ?? '').replace('<!doctype html>', '').replace(/<style>[\s\S]*?<\/style>/, '');
        expect(rest.split('<').length - 1).toBe(tagsOf(rest).length);
        const { values: told } = JSON.parse(files['package.json'] ?? '') as { values: { records: { values: unknown }[] }[] };
        expect(told[0]?.records[0]?.values).toEqual(JSON.parse(JSON.stringify(values)));
      }),
      { numRuns: 200 },
    );
  });

  it('however long is whole in the tables, and cut on the page with where the rest is', () => {
    const long = 'ก'.repeat(1_000_000);
    const files = withValues({ essay: long });
    expect(valueIn(files)).toBe(long);
    expect(files['package.html']?.length).toBeLessThan(30_000);
    expect(files['package.html']).toContain('The rest of this value is in values.csv.');
  });
});

describe('the ZIP', () => {
  it('holds the files, and is the same bytes for the same content', async () => {
    const files = packageFiles(accessPackage(fullInput({ language: 'th' })));
    const zip = await packageZip(files);
    expect((await packageZip(files)).equals(zip)).toBe(true);
    const opened = Object.entries(unzipSync(zip)).map(([name, bytes]) => ({ name, text: Buffer.from(bytes).toString('utf8') }));
    expect(opened).toEqual(files.files);
  });

  it('is dated when the package was made, in UTC', async () => {
    const zip = await packageZip(packageFiles(accessPackage(input({ madeAt: '2026-01-31T23:59:58+07:00' }))));
    // APPNOTE 4.4.6: DOS time and date of the first file.
    expect(zip.readUInt16LE(10)).toBe((16 << 11) | (59 << 5) | 29);
    expect(zip.readUInt16LE(12)).toBe(((2026 - 1980) << 9) | (1 << 5) | 31);
  });
});

it('a hundred thousand entries and as many values are packed in bounded time', async () => {
  const entries = Array.from({ length: 100_000 }, (_, i) =>
    i % 2 === 0 ? entry(i, 'use.recorded', used()) : entry(i, 'collection.recorded', collected({ context: { page: `/p/${i}` } })),
  );
  const records = Array.from({ length: 50_000 }, (_, i) => record({ values: { email: `p${i}@example.com`, visits: i } }));
  const began = performance.now();
  const zip = await packageZip(packageFiles(accessPackage(input({ entries, answers: [answer(records)] }))));
  expect(performance.now() - began).toBeLessThan(30_000);
  const files = unzipSync(zip);
  expect(cellsOf(Buffer.from(files['collections.csv'] ?? []).toString())).toHaveLength(50_001);
  expect(files['package.html']?.length).toBeLessThan(500_000);
}, 60_000);
