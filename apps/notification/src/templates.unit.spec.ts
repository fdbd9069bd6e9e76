import { EXPOSURE, SAMPLES, senderOf, SENDER } from './template-rig.js';
import { smsSize } from './template-sms.js';
import { TemplateError, Templates, type Template, type Values } from './templates.js';

const templates = Templates.load(EXPOSURE);
const list = templates.list();
const byEmail = (id: string, language = 'en', values: Values = SAMPLES[id]!) =>
  templates.write(id, 'email', language, values, senderOf(templates.get(id)!.kind));
const cases = list.flatMap((template) => (['en', 'th'] as const).map((language) => ({ id: template.id, language, template })));
const needed = ({ id, fields }: Template): Values =>
  Object.fromEntries(Object.entries(SAMPLES[id]!).filter(([name]) => fields[name]!.required));
const THAI = /\p{Script=Thai}/u;

describe.each(cases)('$id in $language', ({ id, language, template }) => {
  const message = byEmail(id, language);

  it('says all its fields, in its language', () => {
    expect(message.language).toBe(language);
    expect(message.fields).toHaveLength(Object.keys(template.fields).length);
    for (const words of [message.subject, message.text, message.html!]) {
      expect(THAI.test(words)).toBe(language === 'th');
      expect(words).not.toMatch(/\{\{|\[\[|undefined|\[object|&amp;amp;/);
    }
    expect(message.text).not.toMatch(/&(?:[a-z]+|#\w+);|<\/?[a-z]/);
  });

  it('shows others no field but what the policy lets it', () => {
    expect(EXPOSURE['email']).toEqual(expect.arrayContaining(message.exposed));
    const outside = `${message.subject} ${message.html!.split('role="article"')[0]}`;
    for (const value of wordsIn({ ...SAMPLES[id], reference: undefined })) expect(outside).not.toContain(value);
    expect(message.subject).not.toMatch(
      /breach|erase|erasure|access|consent|withdraw|object|restrict|refus|health|รั่วไหล|ลบ|ถอน|คัดค้าน|สุขภาพ|ปฏิเสธ/i,
    );
    expect(message.subject).not.toMatch(/[\r\n]/);
  });

  it('says why it comes, and what its reader can do', () => {
    for (const words of [message.text.replaceAll('\n', ' '), message.html!]) {
      expect(words).toMatch(language === 'th' ? /มาตรา\s+\d+/ : /PDPA\s+s\.\d+/);
      expect(words).toMatch(/GDPR/);
      expect(words).toContain(SENDER.email);
      expect(words).toContain(SENDER.contact);
    }
    const [, , ...letter] = message.text.split('\n\n');
    expect(letter.join(' ')).toMatch(language === 'th' ? /สิ่งที่(?:ท่าน)?(?:ต้อง)?ทำ|โปรด|หยุดรับได้/ : /What\s+you\s+can\s+do|please|You can/);
  });

  it('is whole without what need not be given', () => {
    const bare = byEmail(id, language, needed(template));
    expect(bare.fields).toHaveLength(Object.keys(needed(template)).length);
    for (const words of [bare.subject, bare.text, bare.html!]) expect(words).not.toMatch(/false|undefined|null|\(\)|href=""/);
    expect(bare.text).not.toMatch(/\n{3}/);
    const html = bare.html!;
    for (const tag of ['table', 'tbody', 'tr', 'td', 'div', 'p', 'ul'])
      expect(html.match(new RegExp(`<${tag}[\\s>]`, 'g'))?.length).toBe(html.match(new RegExp(`</${tag}>`, 'g'))?.length);
  });

  it('loads nothing, and can be read by everybody', () => {
    const html = message.html!;
    expect(html).toMatch(new RegExp(`<html\\s[^>]*lang="${language}"[^>]*dir="ltr"`));
    expect(/<title>([^<]+)<\/title>/.exec(html)?.[1]).toBe(message.subject);
    expect(html).not.toMatch(/<(?:img|script|link|iframe|form|object|input)\b|@import|url\(|\ssrc=|background="|javascript:/i);
    for (const [table] of html.matchAll(/<table[^>]*>/g)) expect(table).toContain('role="presentation"');
    for (const [, link] of html.matchAll(/href="([^"]*)"/g)) expect(link).toMatch(/^https:\/\/m-med\.example\//);
    // Mail programs with little room cut what is longer.
    expect(Buffer.byteLength(html)).toBeLessThan(60_000);
  });

  it('keeps its lines short', () => {
    for (const line of message.text.split('\n'))
      if (!line.startsWith('    ')) expect(line.replace(/\p{M}/gu, '').length).toBeLessThanOrEqual(76);
  });

  if (template.channels.includes('sms'))
    it('fits into three text messages, says who sends it, and shows no more than it may', () => {
      const { subject, text, html, exposed, fields } = templates.write(id, 'sms', language, SAMPLES[id]!, senderOf(template.kind));
      expect([subject, html]).toEqual(['', undefined]);
      expect(smsSize(text).parts).toBeLessThanOrEqual(3);
      expect(smsSize(text).alphabet).toBe(language === 'th' ? 'ucs-2' : 'gsm-7');
      expect(text).toContain(SENDER.name);
      expect(text).toMatch(template.kind === 'marketing' ? /https:\/\/m-med\.example\/v1\/stop\/k+$/ : /\+66 2 000 0000/);
      expect(text).not.toMatch(/[\n{}]/);
      expect(exposed).toEqual(fields);
      expect(EXPOSURE['sms']).toEqual(expect.arrayContaining(exposed));
      for (const value of wordsIn({ ...SAMPLES[id], reference: undefined })) expect(text).not.toContain(value);
    });
});

/** All texts among values, but for the words of choices. */
const wordsIn = (value: unknown): string[] =>
  typeof value === 'string' ? (value.length > 8 ? [value] : []) : Object.values((value as object | undefined) ?? {}).flatMap(wordsIn);

describe('messages', () => {
  it('are in Thai for readers of Thai, and in English for all others', () => {
    for (const [tag, language] of Object.entries({
      th: 'th',
      'th-TH': 'th',
      'TH-th': 'th',
      en: 'en',
      fr: 'en',
      tha: 'en',
      '': 'en',
      mth: 'en',
    }))
      expect(byEmail('request-closed', tag).language).toBe(language);
  });

  it('write days as people there do, in the time zone of the deployment', () => {
    const due = (language: string, value: string) => byEmail('request-accepted', language, { reference: 'R', due: value }).text;
    expect(due('en', '2026-03-15T18:00:00Z')).toContain('by 16 March 2026 at');
    expect(due('th', '2026-03-15T18:00:00Z')).toContain('ภายในวันที่ 16 มีนาคม 2569');
    expect(due('en', '2026-03-15')).toContain('by 15 March 2026 at');
    const utc = Templates.load(EXPOSURE, { timeZone: 'UTC' });
    expect(utc.write('request-accepted', 'email', 'en', { reference: 'R', due: '2026-03-15T18:00:00Z' }, SENDER).text).toContain(
      '15 March 2026',
    );
    expect(byEmail('officer-alerts').text.replace(/\s+/g, ' ')).toContain('15 March 2026, 16:30 (GMT+7)');
    expect(byEmail('officer-alerts', 'th').text.replace(/\s+/g, ' ')).toContain('15 มีนาคม 2569 เวลา 16:30 น. (GMT+7)');
  });

  it('of a refusal name the reason, the law and the authority (7.8)', () => {
    for (const language of ['en', 'th']) {
      const { text, html } = byEmail('request-refused', language);
      for (const value of wordsIn({ ...SAMPLES['request-refused'], reference: undefined }))
        for (const words of [text.replace(/\s+/g, ' '), html!.replace(/\s+/g, ' ')]) expect(words).toContain(value);
    }
  });

  it('of a part that was refused name the authority, and only then', () => {
    for (const id of ['request-fulfilled', 'request-package-ready']) {
      expect(byEmail(id).text).toMatch(/a part was refused[^]*PDPA\ss\.73/);
      expect(byEmail(id, 'en', needed(templates.get(id)!)).text).not.toMatch(/refused|s\.73/);
    }
  });

  it('of a withdrawal say that it is in force, before what ends because of it (8.4)', () => {
    const { text } = byEmail('consequences');
    expect(text).toMatch(
      /Marketing\n\nThat is in force already\.[^]*before anything ends:\n\n- Location-based services: it ends\n- Consultations: it is limited\n/,
    );
  });

  it('of a notice say that consents stay as they were, and that one can object', () => {
    const { text } = byEmail('notice-changed');
    expect(text.replace(/\s+/g, ' ')).toMatch(/Consents that you gave before stay just as you gave them\.[^]*you can object/);
  });

  it('of marketing can be stopped, by every channel; others are not marketing', () => {
    for (const language of ['en', 'th']) {
      const { text, html } = byEmail('announcement', language);
      for (const words of [text, html!]) expect(words).toContain(senderOf('marketing').unsubscribe);
    }
    expect(() => templates.write('announcement', 'email', 'en', SAMPLES['announcement']!, SENDER)).toThrow(TemplateError);
    expect(() => templates.write('breach', 'email', 'en', SAMPLES['breach']!, senderOf('marketing'))).toThrow(TemplateError);
  });

  it('fill the room beside the subject line, so that no letter shows there', () => {
    const hidden = /<div[^>]*display: none[^>]*>([^]*?)<\/div>/.exec(byEmail('breach').html!)![1]!;
    expect(hidden).toMatch(/^\s*Please open this message/);
    expect(hidden.match(/&zwnj;&nbsp;/g)!.length).toBeGreaterThan(100);
  });

  it('have colours that can be told apart (WCAG 1.4.3)', () => {
    const html = byEmail('service-message').html!;
    const on = (style: string, property: string) => new RegExp(`(?:^|[^-])${property}: (#[0-9a-f]{6})`).exec(style)?.[1];
    for (const [, style] of html.matchAll(/style="([^"]*)"/g)) {
      const [text, ground] = [on(style!, 'color'), on(style!, 'background') ?? '#ffffff'];
      if (text && !style!.includes('display: none')) expect(contrast(text, ground)).toBeGreaterThan(4.5);
    }
    const dark = /prefers-color-scheme: dark\)\s*\{([^]*?)<\/style>/.exec(html)![1]!;
    const [page, sheet, , text] = [...dark.matchAll(/#[0-9a-f]{6}/g)].map(([colour]) => colour);
    for (const ground of [page!, sheet!, '#1a5276']) expect(contrast(text!, ground)).toBeGreaterThan(4.5);
  });

  it('are named to events as events name things', () => {
    expect(byEmail('service-message').fields).toContain('link-title');
    for (const { id } of list) for (const name of byEmail(id).fields) expect(name).toMatch(/^[a-z0-9][a-z0-9._-]*$/);
  });

  it('refuse a channel they are not for, and a template nobody knows', () => {
    expect(() => templates.write('officer-alerts', 'sms', 'en', SAMPLES['officer-alerts']!, SENDER)).toThrow('not for text messages');
    for (const id of ['nothing', 'constructor', '__proto__']) {
      expect(templates.get(id)).toBeUndefined();
      expect(() => templates.write(id, 'email', 'en', {}, SENDER)).toThrow(TemplateError);
    }
  });
});

/** WCAG 2.2, contrast ratio. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) =>
    [1, 3, 5]
      .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i]!, 0);
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light! + 0.05) / (dark! + 0.05);
}
