import fc from 'fast-check';
import { canonical, toBase64 } from '@attesta/proof';
import { generateLogKey, nodePrimitives } from '@attesta/proof/node';
import { certificateText } from './certificate.js';
import { verifyCertificate } from './certificate-check.js';
import { disposalEntries, sealedIn } from './certificate-entries.js';
import type { DestructionCertificate } from './certificate-form.js';
import { AT, certified, DISPOSAL, evidenceOf, logOf, policy, sealed, VERIFIER_KEY, type Log } from './certificate-rig.js';
import { informativeOf, statementOf } from './certificate-statement.js';
import { textsOf } from './certificate-texts.js';

const check = { primitives: nodePrimitives, verifierKey: VERIFIER_KEY, policy };
const OTHER = '0192f0c1-7b2a-7abc-8def-0000000000d2';
const OTHER_SUBJECT = '00000000-0000-4000-8000-000000000008';

/** What somebody would write who holds the ledger's key and seals whatever they like. */
async function forged(log: Log): Promise<DestructionCertificate> {
  const evidence = await evidenceOf(log);
  const positions = [...log.keys()].filter((position) => log[position]);
  const statement = statementOf(
    disposalEntries(evidence.entries.map(({ entry }, i) => sealedIn(entry, positions[i]!))),
    'ledger.example/log',
  );
  return {
    format: 'attesta.destruction-certificate.v1',
    statement,
    texts: textsOf(statement),
    informative: informativeOf(statement, policy),
    evidence,
  };
}

describe('a certificate whose entries do not bear each other out', () => {
  const completed = (changes: Parameters<typeof sealed.completed>[0]) => ({ completed: sealed.completed(changes) });
  it.each<[string, Parameters<typeof logOf>[0], string]>([
    ['another disposal', { started: sealed.started({ disposal: OTHER }) }, 'position 4 is of another disposal'],
    [
      'keys that went for another',
      { destroyed: sealed.destroyed({ basis: `disposal/${OTHER}` }) },
      'position 9 destroyed keys for another reason',
    ],
    ['another person', { removed: { ...sealed.removed(), subject: OTHER_SUBJECT } }, 'position 10 is about another person'],
    ['another cause', completed({ cause: 'review' }), 'was started with another cause'],
    ['another action', completed({ action: 'anonymise' }), 'was started with another action'],
    ['a request nobody made', completed({ request: OTHER }), 'was started with another request'],
    ['other answers', { answered: sealed.answered({ acknowledgements: [] }) }, 'the systems answered otherwise'],
    ['no answers', { answered: undefined }, 'the answers of the systems is missing'],
    [
      'a time that runs backwards',
      completed({ collected: { from: '2015-01-01T00:00:00Z', until: '2014-01-01T00:00:00Z' } }),
      'until before it was collected',
    ],
    ['no destroyed keys', { destroyed: undefined }, 'the entry that tells of the destroyed keys is missing'],
    ['keys in another entry', completed({ destroyed: 8 }), 'another entry for the destroyed keys'],
    ['no fence', { closed: undefined }, 'the entry that closed the keys is missing'],
    ['another fence', completed({ fence: 3 }), 'another fence than the ledger set'],
    ['a fence behind the destruction', { closed: sealed.closed({ fence: 10 }), ...completed({ fence: 10 }) }, 'destroyed before the fence'],
    ['another scope', completed({ scope: 'subject' }), 'in another scope'],
    ['a key that lives', completed({ keys: ['contact.1', 'address.1', 'preferences.1'] }), 'nothing tells that the key preferences.1'],
    ['a key that was open', { closed: sealed.closed({ keys: ['contact.1'] }) }, 'the key address.1 was not closed'],
    ['a key too many', completed({ keys: ['contact.1'] }), 'the key address.1 was destroyed, and the disposal does not name it'],
    [
      "somebody else's key",
      { destroyed: sealed.destroyed({ keys: ['contact.1', 'address.1'].map((key) => ({ subject: OTHER_SUBJECT, key })) }) },
      'keys of another person were destroyed',
    ],
    [
      'keys it does not name',
      completed({ keys: [], methods: ['ciphertext-removal', 'system-erasure'], parts: 1 }),
      'keys were destroyed that the disposal does not name',
    ],
    [
      'more parts than went',
      { removed: sealed.removed({ parts: [0, 1, 3].map((position) => ({ position, part: 0 })) }), ...completed({ parts: 2 }) },
      '2 parts went; 5 were instructed to, and 3 were removed by themselves',
    ],
    [
      'fewer parts than said',
      { destroyed: undefined, ...completed({ keys: [], destroyed: undefined, methods: ['ciphertext-removal', 'system-erasure'] }) },
      'nothing tells that part 0 of position 0 was removed',
    ],
    [
      'a part that nobody said should go',
      { instructed: sealed.instructed({ parts: [] }) },
      'the removal of part 0 of position 2 was not instructed',
    ],
    [
      'a key that nobody said should go',
      { instructed: sealed.instructed({ keys: ['contact.1'] }) },
      'the destruction of the key address.1 was not',
    ],
    ['no instruction', { instructed: undefined }, 'the entry that instructed the destruction is missing'],
    ['a part from the future', { removed: sealed.removed({ parts: [{ position: 11, part: 0 }] }) }, 'part of an entry that came later'],
    [
      'shredding without keys',
      { destroyed: undefined, ...completed({ keys: [], destroyed: undefined, parts: 1 }) },
      'crypto-shredding and the destroyed keys',
    ],
    ['a removal without parts', { removed: undefined }, 'ciphertext-removal and the removed parts'],
    [
      'systems that did nothing',
      { answered: sealed.answered({ acknowledgements: [] }), ...completed({ acknowledgements: [] }) },
      'no system answered that it erased anything',
    ],
    [
      'nothing at all',
      {
        answered: sealed.answered({ acknowledgements: [] }),
        destroyed: undefined,
        removed: undefined,
        ...completed({ keys: [], destroyed: undefined, parts: 0, methods: [], acknowledgements: [] }),
      },
      'nothing was destroyed',
    ],
    [
      'a complete disposal of which something survives',
      completed({ outcome: 'complete' }),
      'said to be complete, and preferences survives',
    ],
    [
      'a complete disposal of which a system keeps something',
      completed({ outcome: 'complete', survivors: [] }),
      'said to be complete, and address survives',
    ],
    [
      'a partial disposal of which nothing survives',
      {
        answered: sealed.answered({ acknowledgements: [{ system: 'crm', outcome: 'done' }] }),
        ...completed({ survivors: [], acknowledgements: [{ system: 'crm', outcome: 'done' }] }),
      },
      'said to be partial, and nothing survives',
    ],
  ])('is not made of %s, and not believed', async (_what, changes, why) => {
    await expect(certified(logOf(changes))).rejects.toThrow(why);
    const report = verifyCertificate(certificateText(await forged(logOf(changes))), check);
    expect(report.ok).toBe(false);
    expect(report.certificate).toBeUndefined();
    expect(report.problems.map(({ message }) => message).join()).toContain(why);
    expect(report.problems.every(({ fix }) => fix !== '')).toBe(true);
  });

  const moved = (from: keyof typeof AT, to: number) => {
    const log = logOf();
    log[to] = log[AT[from]];
    log[AT[from]] = undefined;
    return log;
  };
  it.each<[string, Log, string]>([
    ['its end', moved('removed', 14), 'position 12 did not wait for position 14'],
    ['its beginning', moved('started', 6), 'position 5 did not wait for position 6'],
    ['the answers of the systems', moved('answered', 11), 'position 8 did not wait for position 11'],
  ])('is not made in disregard of %s', async (_what, log, why) => {
    await expect(certified(log)).rejects.toThrow(why);
  });

  it('is not made of parts that went twice', async () => {
    await expect(certified(logOf().with(11, sealed.removed()))).rejects.toThrow('part 0 of position 2 was removed twice');
  });

  it.each<[string, Parameters<typeof logOf>[0], string]>([
    ['no beginning', { started: undefined }, 'the entry that started the disposal is missing'],
    ['two ends', { removed: sealed.completed() }, 'stands there 2 times'],
    ['what another said', { destroyed: { ...sealed.destroyed(), source: '//shop.example' } }, 'is said by //attesta/ledger alone'],
    ['another matter', { removed: { type: 'attesta.use.recorded.v1', source: '//shop.example', data: {} } }, 'no certificate rests on'],
    ['data of no such event', { removed: { ...sealed.removed(), data: { disposal: DISPOSAL } } }, '/data/parts of the entry'],
  ])('is not made of %s', async (_what, changes, why) => {
    await expect(certified(logOf(changes))).rejects.toThrow(why);
  });
});

describe('a certificate that was changed', () => {
  let text: string;
  let certificate: DestructionCertificate;
  beforeAll(async () => {
    certificate = await certified();
    text = certificateText(certificate);
  });
  const problemsOf = (changed: unknown) => verifyCertificate(canonical(changed), check).problems;

  it('is found out, whichever leaf was changed, left out or put in', () => {
    let tried = 0;
    for (const changed of changes(certificate)) {
      expect(problemsOf(changed)).not.toEqual([]);
      tried++;
    }
    expect(tried).toBeGreaterThan(300);
  });

  it('is found out, whichever byte was changed', () => {
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(bytes);
        changed[at] = changed[at]! ^ by;
        expect(verifyCertificate(changed.toString('utf8'), check).ok).toBe(false);
      }),
      { numRuns: 1500 },
    );
  });

  it('is refused where what is for reading only cannot be read, even without the policy', () => {
    const { informative } = certificate;
    for (const changed of [
      { ...informative, categories: 'x' },
      { ...informative, classes: [{ id: 'contact', title: 'x'.repeat(501) }] },
      { ...informative, policy: { id: 'm-med', version: 1 } },
    ]) {
      const report = verifyCertificate(canonical({ ...certificate, informative: changed }), { primitives: nodePrimitives });
      expect(report.problems.map(({ message }) => message).join()).toContain('/informative/');
    }
  });

  it('says what was changed, and what is true', () => {
    const changed = structuredClone(certificate);
    changed.statement.outcome = 'complete';
    changed.statement.survivors = [];
    expect(problemsOf(changed).map(({ at, message }) => `${at}: ${message}`)).toEqual([
      '/statement/outcome: the certificate says "complete", and it has to be "partial"',
      '/statement/survivors/0: the certificate leaves out an object',
      '/statement/survivors/1: the certificate leaves out an object',
    ]);
  });

  it('does not verify under another key, nor with a key of its own that is another', () => {
    const other = generateLogKey('ledger.example/log').verifierKey;
    expect(verifyCertificate(text, { ...check, verifierKey: other }).problems[0]?.message).toBe(
      'the key in the certificate is not the key you gave',
    );
    const changed = structuredClone(certificate);
    changed.evidence.verifierKey = other;
    expect(problemsOf(changed)).not.toEqual([]);
    expect(verifyCertificate(canonical(changed), { primitives: nodePrimitives }).ok).toBe(false);
    expect(() => verifyCertificate(text, { ...check, verifierKey: 'no key' })).toThrow(RangeError);
  });

  it('names who else signed the checkpoint', () => {
    const changed = structuredClone(certificate);
    const witnessed = `${changed.evidence.checkpoint}— witness.example ${toBase64(new Uint8Array(76).fill(7))}\n`;
    changed.evidence.entries.forEach((one) => (one.tlogProof = one.tlogProof.replace(changed.evidence.checkpoint, witnessed)));
    changed.evidence.checkpoint = witnessed;
    expect(verifyCertificate(canonical(changed), check)).toMatchObject({ ok: true, cosigners: ['witness.example'] });
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['null', 'null'],
    ['a list', '[]'],
    ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['prototype keys', '{"__proto__":{}}'],
    ['a lone surrogate', '{"a":"\\ud800"}'],
    ['another format', '{"format":"x"}'],
    ['names of inherited members', '{"constructor":1,"evidence":{},"format":"attesta.destruction-certificate.v1"}'],
  ])('is refused without a throw where the file is %s', (_what, file) => {
    expect(verifyCertificate(file, check)).toMatchObject({ ok: false, problems: [{ at: '' }] });
  });

  it('is refused with white space, with a name that stands twice, and with members called like inherited ones', () => {
    expect(verifyCertificate(`${text}\n`, check).problems[0]?.message).toContain('canonical');
    expect(verifyCertificate(JSON.stringify(JSON.parse(text), null, 2), check).ok).toBe(false);
    expect(verifyCertificate(text.replace('"outcome":', '"outcome":"complete","outcome":'), check).ok).toBe(false);
    expect(problemsOf({ ...certificate, statement: { ...certificate.statement, toString: 'x' } })[0]?.at).toBe('/statement/toString');
  });
});

/** The value with one thing changed, in every way at every place. */
function* changes(value: unknown): Generator<unknown> {
  if (typeof value === 'string') {
    yield `${value}x`;
    yield value.slice(0, -1) + (value.endsWith('0') ? '1' : '0');
    yield 0;
  } else if (typeof value === 'number') yield* [value + 1, String(value)];
  else if (Array.isArray(value)) {
    yield [...value, value[0] ?? 'x'];
    for (const [i, item] of value.entries()) {
      yield value.toSpliced(i, 1);
      for (const changed of changes(item)) yield value.with(i, changed);
    }
    if (value.length > 1) yield value.toReversed();
  } else if (typeof value === 'object' && value !== null) {
    yield { ...value, note: 'x' };
    for (const [name, item] of Object.entries(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
      for (const changed of changes(item)) yield { ...value, [name]: changed };
    }
  }
}
