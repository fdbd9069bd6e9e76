import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { TEMPLATE_FOLDER } from './template-forms.js';
import { EXPOSURE } from './template-rig.js';
import { Templates } from './templates.js';

describe('loading', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'templates-'));
    fs.cpSync(TEMPLATE_FOLDER, folder, { recursive: true });
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const change = (name: string, from: string | RegExp, to: string) => {
    const file = path.join(folder, name);
    const text = fs.readFileSync(file, 'utf8');
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    fs.writeFileSync(file, changed);
  };
  const load = (exposure: Record<string, string[]> = EXPOSURE) => Templates.load(exposure, { folder });

  it('refuses what would be shown to others without the policy allowing it, naming every template that would', () => {
    expect(() => load({ email: ['reference'] })).toThrow(
      /breach: it shows reference to others by sms[^]*service-message: it shows reference to others by sms/,
    );
    change('request-refused.th.md', '{{reference}}', '{{law}}');
    change('breach.en.md', /\{\{sender\.reach\}\}/, '{{what}}');
    expect(() => load()).toThrow(/request-refused: it shows law to others by email[^]*breach: it shows what to others by sms/);
  });

  it.each([
    ['raw output', '{{{reason}}}', /takes the name of a field alone/],
    ['raw output by &', '{{&reason}}', /takes the name of a field alone/],
    ['a partial', '{{> reason}}', /PartialStatement is not for messages/],
    ['a helper', '{{lookup reason "x"}}', /takes the name of a field alone/],
    ['another context', '{{#with reason}}x{{/with}}', /only #if, #unless and #each/],
    ['an unknown field', '{{constructor}}', /\{\{constructor\}\} is no field of it/],
    ['a field of a field', '{{reason.length}}', /is no field of it/],
    ['the root', '{{@root.reason}}', /is no field of it/],
    ['the context', '{{this}}', /is no field of it/],
    ['its parent', '{{../reason}}', /is no field of it/],
    ['an unknown sender field', '{{sender.secret}}', /is no field of it/],
    ['a list that is none', '{{#each reason}}\n\n- x\n\n{{/each}}', /#each is for lists/],
    ['a list in a sentence', 'x {{#each reason}}x{{/each}}', /stand on lines of their own/],
    ['broken Handlebars', '{{#if reason}}', /Parse error/],
    ['a link that is none', '[x]({{reason}})', /reason is no link/],
    ['a way to stop what is not marketing', '[x]({{sender.unsubscribe}})', /marketing says how it is stopped/],
  ])('refuses %s', (_what, words, complaint) => {
    change('request-refused.en.md', '{{law}}', `{{law}}\n\n${words}\n`);
    expect(() => load()).toThrow(complaint);
  });

  it('refuses a missing language, a field that is not said, and a text message where there is none', () => {
    fs.rmSync(path.join(folder, 'breach.th.md'));
    change('request-refused.en.md', '{{law}}', 'a law');
    change('request-closed.en.md', /\n---\n\n\{\{sender\.name\}\}:[^]*/, '');
    change('announcement.th.md', /\{\{sender\.unsubscribe\}\}\s*$/, '');
    const problems = () => load();
    expect(problems).toThrow(/breach\.th\.md/);
    expect(problems).toThrow(/request-refused\.en: it does not say law/);
    expect(problems).toThrow(/request-closed\.en: it has a text message if/);
    expect(problems).toThrow(/announcement\.th: marketing says how it is stopped/);
  });

  it('refuses a file that is not in parts', () => {
    change('breach.en.md', /^# /, '');
    change('frame.th.md', /^---$/m, '');
    expect(() => load()).toThrow(/breach\.en: it is a subject[^]*the preheader, the opening and the closing/);
  });

  it('gives a version that hangs on words, frame and look, and on nothing else', () => {
    const versions = () =>
      load()
        .list()
        .map(({ version }) => version);
    const first = versions();
    expect(first).toEqual(
      Templates.load(EXPOSURE)
        .list()
        .map(({ version }) => version),
    );
    expect(new Set(first).size).toBe(first.length);
    expect(first.every((version) => /^[0-9a-f]{64}$/.test(version))).toBe(true);
    const differing = () => versions().filter((version, i) => version !== first[i]).length;
    change('breach.en.md', 'We are sorry', 'We are very sorry');
    expect(differing()).toBe(1);
    change('generated/announcement.th.html', '#1a5276', '#1a5277');
    expect(differing()).toBe(2);
    change('frame.en.md', 'Hello', 'Good day');
    expect(differing()).toBe(first.length);
  });
});
