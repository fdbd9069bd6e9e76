import fs from 'node:fs';
import { parseProof } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { certificateText } from './certificate.js';
import { verifyCertificate } from './certificate-check.js';
import type { DestructionCertificate } from './certificate-form.js';
import { AT, certified, DISPOSAL, evidenceOf, logOf, policy, sealed, SUBJECT, VERIFIER_KEY } from './certificate-rig.js';

const fixture = new URL('./fixtures/certificate.v1.json', import.meta.url);
const check = { primitives: nodePrimitives, verifierKey: VERIFIER_KEY, policy };

describe('a certificate of destruction', () => {
  it('states what the sealed entries say, and where they stand', async () => {
    const { format, statement } = await certified();
    expect(format).toBe('attesta.destruction-certificate.v1');
    expect(statement).toEqual({
      number: DISPOSAL,
      log: 'ledger.example/log',
      cause: 'schedule',
      action: 'destroy',
      outcome: 'partial',
      scope: 'class',
      categories: ['contact', 'address', 'preferences'],
      classes: ['contact', 'address', 'preferences'],
      collected: { from: '2014-01-05T08:30:00.000Z', until: '2015-06-29T17:00:00.000Z' },
      keys: ['contact.1', 'address.1'],
      parts: 5,
      partsRemoved: 1,
      methods: ['crypto-shredding', 'ciphertext-removal', 'system-erasure'],
      basis: [
        { rule: 'contract-claims', law: 'Civil and Commercial Code s.193/30' },
        { rule: 'account-data', law: 'PDPA s.37(3), GDPR Art. 5(1)(e)' },
      ],
      survivors: sealed.completed().data['survivors'],
      systems: sealed.completed().data['acknowledgements'],
      priorNotice: 'not-required',
      fence: 5,
      positions: { started: 4, closed: 5, answered: 7, instructed: [8], destroyed: 9, removed: [10], completed: 12 },
      recordedAt: { started: '2026-03-01T09:00:04.000Z', destroyed: '2026-03-01T09:00:09.000Z', completed: '2026-03-01T09:00:12.000Z' },
    });
  });

  it('says how, with the caveat, in both languages, and what a pseudonym is worth', async () => {
    const { texts } = await certified();
    expect(texts.methods.map(({ en }) => en.split(':')[0])).toEqual([
      'Crypto-shredding',
      'Removal of ciphertexts',
      'Erasure by connected systems',
    ]);
    expect(texts.caveats.map(({ en }) => en).join()).toMatch(/not settled.*s\.33.*s\.37\(3\).*Art\. 17.*Backups/s);
    expect(texts.caveats.map(({ th }) => th).join()).toMatch(/ยังไม่มีข้อยุติ.*มาตรา 33/s);
    expect(texts.pseudonym.en).toContain('still leads the company');
    const whole = await certified(wholePerson());
    expect(whole.texts.pseudonym.th).toContain('ไม่สามารถเชื่อมโยงถึงบุคคลใดได้อีก');
  });

  it('takes titles, and until when backups last, from the policy', async () => {
    const { informative } = await certified();
    expect(informative).toMatchObject({
      policy: { id: 'm-med', version: policy.version },
      backups: { keptFor: 'P35D', until: '2026-04-05T09:00:12.000Z' },
    });
    expect(informative.categories[0]).toEqual({ id: 'contact', title: 'Telephone number and e-mail', title_th: 'ข้อมูลติดต่อ' });
    expect(informative.categories[2]).toEqual({
      id: 'preferences',
      title: 'Interests, needs and chosen channels',
      title_th: 'ความสนใจ ความต้องการ และช่องทางที่เลือก',
    });
  });

  it('names the person nowhere but by the pseudonym inside the entries', async () => {
    const { evidence, ...said } = await certified();
    expect(JSON.stringify(said)).not.toContain(SUBJECT);
    expect(evidence.entries.every(({ entry }) => entry.includes(SUBJECT))).toBe(true);
  });

  it('is the same for the same entries, in whatever order they come, and verifies', async () => {
    const text = certificateText(await certified());
    expect(certificateText(await certified())).toBe(text);
    const report = verifyCertificate(text, check);
    expect(report).toMatchObject({ ok: true, keyFrom: 'caller', key: VERIFIER_KEY, cosigners: [], problems: [] });
    expect(report.certificate?.statement.number).toBe(DISPOSAL);
    expect(report.checkpoint).toMatchObject({ origin: 'ledger.example/log', size: 20 });
    expect(verifyCertificate(text, { primitives: nodePrimitives })).toMatchObject({ ok: true, keyFrom: 'certificate' });
  });

  it('of the first version is read for ever', async () => {
    const old = JSON.parse(fs.readFileSync(fixture, 'utf8')) as DestructionCertificate;
    expect(verifyCertificate(certificateText(old), { ...check, policy: undefined }).problems).toEqual([]);
    const { informative: _titles, ...made } = await certified();
    expect(old).toMatchObject(made);
  });

  it('can be had of a person as a whole, of single parts, and of what only systems held', async () => {
    for (const log of [wholePerson(), partsAlone(), systemsAlone()]) {
      expect(verifyCertificate(certificateText(await certified(log)), check).problems).toEqual([]);
    }
  });

  it('carries proofs that are C2SP tlog-proofs of the entries', async () => {
    const { entries } = await evidenceOf(logOf());
    expect(entries.map(({ tlogProof }) => parseProof(tlogProof).index)).toEqual(Object.values(AT));
  });
});

const wholePerson = () =>
  logOf({
    destroyed: sealed.destroyed({
      scope: 'subject',
      keys: ['contact.1', 'address.1', 'preferences.1'].map((key) => ({ subject: SUBJECT, key })),
    }),
    removed: undefined,
    completed: sealed.completed({ scope: 'subject', methods: ['crypto-shredding', 'system-erasure'] }),
  });

const partsAlone = () =>
  logOf({
    instructed: sealed.instructed({ keys: [], parts: [1, 2, 3].map((position) => ({ position, part: 0 })) }),
    destroyed: undefined,
    removed: sealed.removed({ parts: [1, 2, 3].map((position) => ({ position, part: 0 })) }),
    completed: sealed.completed({ keys: [], destroyed: undefined, parts: 3, methods: ['ciphertext-removal', 'system-erasure'] }),
  });

const systemsAlone = () =>
  logOf({
    instructed: undefined,
    closed: sealed.closed({ keys: [] }),
    destroyed: undefined,
    removed: undefined,
    completed: sealed.completed({ keys: [], destroyed: undefined, parts: 0, methods: ['system-erasure'] }),
  });
