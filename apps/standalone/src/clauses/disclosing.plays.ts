import assert from 'node:assert/strict';
import { collected, consented, disclosed } from './drafts.js';
import { Needles } from './needles.js';
import type { Stage } from './stage.js';

/** A number of the test range, with a right check digit (Luhn). */
const PAN = '4111111111111111';

/** What leaves the house: clauses 1.8, 2.6, 2.7, 4.8, 5.2, 5.3, 6.2 and 6.4. */
export const disclosing = {
  async '1.8'(stage: Stage) {
    const buyer = stage.someone('buyer');
    const paid = (note: string) =>
      collected(buyer, { categories: ['payment'], occasion: 'transaction', method: 'checkout', personal: { payment: { note } } });
    await stage.refused(paid(PAN), 'card-number');
    await stage.refused(paid(PAN.replace(/(....)(?=.)/g, '$1 ')), 'card-number');
    const redirect = await stage.sealedOne(
      disclosed(buyer, { categories: ['payment'], recipient: 'payment-provider', initiator: 'subject', context: { order: 'order-8' } }),
    );
    const row = await stage.disclosure(buyer, redirect);
    assert.deepEqual([row.recipient, row.role], ['payment-provider', 'independent-controller']);
    assert.deepEqual(await new Needles({ 'card number': PAN }).findIn(stage.system.dumps()), [], 'the card number is stored nowhere');
  },

  async '2.6'(stage: Stage) {
    const entrant = stage.someone('entrant');
    const consent = await stage.sealedOne(consented(entrant, 'marketing', 'given', 'checkbox'));
    const lawful = { purposes: ['marketing'], basis: 'consent', consent, context: { promotion: 'vitamin-week' } };
    const [joined, shared] = await stage.sealed(
      collected(entrant, { ...lawful, occasion: 'promotion' }),
      disclosed(entrant, { ...lawful, recipient: 'promotion-partner' }),
    );
    assert.equal((await stage.collection(entrant, joined!)).occasion, 'promotion');
    const row = await stage.disclosure(entrant, shared!);
    assert.deepEqual([row.recipient, row.role], ['promotion-partner', 'joint-controller']);
    assert.ok(row.recipientTitle, 'the joint controller is named');
  },

  async '2.7'(stage: Stage) {
    const buyer = stage.someone('buyer');
    const [payment, parcel] = await stage.sealed(
      disclosed(buyer, { categories: ['payment'], recipient: 'on-site-payment' }),
      disclosed(buyer, { categories: ['address', 'contact'], recipient: 'logistics-provider', context: { order: 'order-9' } }),
    );
    for (const position of [payment!, parcel!]) assert.equal((await stage.disclosure(buyer, position)).role, 'processor');
  },

  async '4.8'(stage: Stage) {
    const person = stage.someone('person');
    const demanded = {
      categories: ['transaction'],
      purposes: ['legal-compliance'],
      basis: 'legal-obligation',
      recipient: 'revenue-department',
      initiator: 'authority',
    } satisfies Parameters<typeof disclosed>[1];
    await stage.refused(disclosed(person, demanded), 'missing-citation');
    const legalReference = 'Revenue Code s.86/4';
    const position = await stage.sealedOne(disclosed(person, { ...demanded, legalReference }));
    const row = await stage.disclosure(person, position);
    assert.deepEqual([row.role, row.initiator, row.legalReference], ['authority', 'authority', legalReference]);
  },

  async '5.2'(stage: Stage) {
    const [user, friend] = [stage.someone('user'), stage.someone('friend')];
    const position = await stage.sealedOne(
      disclosed(user, {
        categories: ['transaction'],
        recipient: 'other-user',
        initiator: 'subject',
        related: [{ subject: friend, role: 'receiver' }],
      }),
    );
    const row = await stage.disclosure(user, position);
    assert.deepEqual([row.initiator, row.role], ['subject', 'subject-initiated']);
  },

  async '5.3'(stage: Stage) {
    const person = stage.someone('person');
    const [consent] = await stage.sealed(consented(person, 'marketing', 'given'), consented(person, 'marketing', 'withdrawn'));
    const byLaw = await stage.sealedOne(
      disclosed(person, {
        purposes: ['legal-compliance'],
        basis: 'legal-obligation',
        basisCitation: 'PDPA s.24(6)',
        recipient: 'court',
        initiator: 'authority',
      }),
    );
    const without = await stage.sealedOne(
      disclosed(person, { purposes: ['marketing'], basis: 'consent', consent: consent!, recipient: 'promotion-partner' }),
    );
    const id = await stage.idOf(person);
    const finding = await stage.finding(id, without);
    assert.deepEqual([finding.rule, finding.severity], ['disclosure-after-withdrawal', 'violation']);
    stage.show(finding.sealedPosition);
    assert.equal((await stage.disclosure(person, byLaw)).basisCitation, 'PDPA s.24(6)');
    assert.ok(!(await stage.findings(id)).some(({ positions }) => positions[0] === byLaw), 'what a law commands is no finding');
  },

  async '6.2'(stage: Stage) {
    const user = stage.someone('user');
    await stage.refused(disclosed(user, { recipient: 'app-publisher', initiator: 'subject' }), 'missing-transfer-ground');
    const position = await stage.sealedOne(
      disclosed(user, { recipient: 'app-publisher', initiator: 'subject', transferGround: 'informed-consent' }),
    );
    assert.equal((await stage.disclosure(user, position)).role, 'independent-controller');
    const { data } = await stage.get<{ data: { recipient: string; controlled: boolean; disclosures: number }[] }>(
      'auditor',
      '/v1/recipients',
    );
    const app = data.find(({ recipient }) => recipient === 'app-publisher');
    assert.ok(app && !app.controlled && app.disclosures > 0, 'the register of recipients says that it is not under our control');
  },

  async '6.4'(stage: Stage) {
    const visitor = stage.someone('visitor', 'cookie');
    const link = { type: 'attesta.outbound-link.recorded.v1', data: { recipient: 'linked-site', page: '/partners' } } as const;
    await stage.refused({ ...link, subject: visitor }, 'subject-forbidden');
    await stage.refused(disclosed(visitor, { recipient: 'linked-site' }), 'linked-site');
    const position = await stage.sealedOne(link);
    const { entry } = await stage.get<{ entry: Record<string, unknown> }>('auditor', `/v1/events/${position}`);
    assert.deepEqual([entry.subject, entry.sealed, entry.data], [undefined, undefined, link.data], 'the entry is about nobody');
  },
};
