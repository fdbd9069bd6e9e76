import { events } from '@attesta/events';
import i18next from 'i18next';
import { sentenceOf, type Speech } from './sentence.js';
import { SENTENCES } from './sentences-en.js';
import { definedWords } from '../../kit/words.js';
import './sentences.words.js';

const PLAIN: Speech = {
  name: (kind, id) => `${kind}:${id}`,
  code: (code) => `<${code}>`,
  time: (time) => time.slice(0, 10),
  list: (parts) => parts.join(' + '),
};

const { th } = definedWords().find(({ namespace }) => namespace === 'sentences')!;
const words = i18next.createInstance();
await words.init({
  lng: 'en',
  resources: { en: { sentences: SENTENCES }, th: { sentences: th } },
  interpolation: { escapeValue: false },
});

const said = (type: string, data: Record<string, unknown>, lng = 'en') => {
  const sentence = sentenceOf({ type: `attesta.${type}.v1`, data }, PLAIN);
  return sentence && words.t(sentence.key, { ...sentence.values, lng, ns: 'sentences' });
};

const COLLECTED = { categories: ['contact', 'identity'], purposes: ['service-fulfilment'], method: 'registration' };

describe('what happened, in plain words', () => {
  it('names what the policy knows by its name', () => {
    expect(said('collection.recorded', { ...COLLECTED, origin: 'subject' })).toBe(
      'Collected from the person (method:registration): category:contact + category:identity. For: purpose:service-fulfilment.',
    );
    expect(said('collection.recorded', { ...COLLECTED, origin: 'third-party', originParty: 'advertiser' })).toMatch(
      /^Received from party:advertiser: /,
    );
    expect(said('disclosure.recorded', { ...COLLECTED, recipient: 'bank' }, 'th')).toBe(
      'เปิดเผยแก่ party:bank: category:contact + category:identity เพื่อ purpose:service-fulfilment',
    );
  });

  it('chooses by what the event says', () => {
    const choice = { purposes: ['marketing'], method: 'checkbox' };
    expect(said('consent.captured', { ...choice, status: 'given' })).toBe('The person agreed to: purpose:marketing.');
    expect(said('consent.captured', { ...choice, status: 'withdrawn' })).toBe('The person withdrew consent to: purpose:marketing.');
    expect(said('access.recorded', { action: 'timeline.read', outcome: 'denied' })).toBe('Somebody was refused: timeline.read.');
    const told = { version: 'v1', language: 'th', channel: 'email' };
    expect(said('notice.communicated', { ...told, about: 'third-party-source' })).toMatch(/came from a third party/);
    expect(said('notice.communicated', { ...told, about: 'notice' })).toBe('Notice v1 was shown or sent.');
    expect(said('objection.decided', { purposes: ['marketing'], outcome: 'upheld' })).toBe(
      'An objection was decided (<upheld>) about: purpose:marketing.',
    );
  });

  it('says times and the words of events in the reader’s way', () => {
    expect(said('request.overdue', { due: '2026-03-04T00:00:00Z' })).toBe('The deadline of a request was missed: 2026-03-04.');
    expect(said('request.identity-verified', { method: 'email-code' })).toBe('Whoever made the request is the person (method:email-code).');
    expect(said('message.suppressed', { reason: 'no-address', template: 'fulfilled' })).toBe(
      'A message was not sent (<no-address>): fulfilled.',
    );
  });

  it('has nothing to say of a type that it does not know', () => {
    expect(said('weather.observed', {})).toBeUndefined();
    expect(said('constructor', {})).toBeUndefined();
  });
});

/** A value of each member, the first where one is chosen from several. */
type Schema = { properties?: Record<string, Schema>; enum?: string[]; type?: string; items?: Schema };
const exampleOf = ({ enum: values, type, items }: Schema): unknown =>
  values ? values[0] : type === 'array' ? [exampleOf(items ?? {})] : type === 'integer' ? 3 : type === 'string' ? 'x' : undefined;

describe('every type of the catalogue', () => {
  const types = events.all();

  it.each(types.map(({ type, dataSchema }) => [type, dataSchema as Schema] as const))(
    '%s has a sentence, whatever it says',
    (type, schema) => {
      const data = Object.fromEntries(Object.entries(schema.properties ?? {}).map(([member, one]) => [member, exampleOf(one)]));
      const choosing = Object.entries(schema.properties ?? {}).filter(([member]) =>
        ['origin', 'status', 'outcome', 'state', 'scope', 'about'].includes(member),
      );
      const all = choosing.flatMap(([member, one]) => (one.enum ?? []).map((value) => ({ ...data, [member]: value })));
      for (const one of [data, ...all])
        for (const language of ['en', 'th']) {
          const text = said(type.replace(/^attesta\./, '').replace(/\.v1$/, ''), one, language);
          expect(text).toMatch(/\S/);
          expect(text).not.toMatch(/\{\{|: *\.|\( *\)|undefined/);
        }
    },
  );

  it('and no sentence is of a type that there is not', () => {
    const stems = types.map(({ type }) =>
      type.slice('attesta.'.length, -'.v1'.length).replaceAll(/[.-]([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    );
    expect(Object.keys(SENTENCES).filter((key) => !stems.some((stem) => key.startsWith(stem)))).toEqual([]);
  });
});
