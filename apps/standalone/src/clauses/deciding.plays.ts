import assert from 'node:assert/strict';
import { chosen, codesOf, decided, settled } from './consent-questions.js';
import { collected, disclosed } from './drafts.js';
import { became, gotMail, reachable, sent } from './notification-questions.js';
import type { Stage } from './stage.js';

/** What is decided with the person's word and without it: clauses 3.1, 4.1, 4.2, 4.3, 4.6, 4.7 and 4.10. */
export const deciding = {
  async '3.1'(stage: Stage) {
    const person = stage.someone('person');
    await chosen(stage, person, 'research-and-improvement', 'refused', { method: 'survey' });
    const about = { operation: 'disclose', categories: ['survey-answer'], method: 'survey' } as const;
    assert.equal((await decided(stage, person, 'service-fulfilment')).decision, 'allowed', 'who takes no part is served all the same');
    const willing = stage.someone('willing');
    const { id } = await chosen(stage, willing, 'research-and-improvement', 'given', { method: 'survey' });
    const to = (recipient: string) =>
      settled(stage, willing, 'research-and-improvement', recipient === 'advertiser' ? 'denied' : 'allowed', { ...about, recipient });
    assert.deepEqual(codesOf(await to('advertiser')), ['recipient-not-allowed']);
    const may = await to('survey-contractor');
    assert.equal(may.consent?.id, id);
    const consent = await stage.positionOf(willing, 'consent.captured');
    const lawful = { categories: ['survey-answer'], purposes: ['research-and-improvement'], basis: 'consent', consent };
    await stage.sealedOne(collected(willing, { ...lawful, occasion: 'survey', method: 'survey', context: { survey: 'spring' } }));
    const wrong = await stage.sealedOne(disclosed(willing, { ...lawful, recipient: 'advertiser', context: { survey: 'spring' } }));
    const finding = await stage.finding(await stage.idOf(willing), wrong);
    assert.deepEqual([finding.rule, finding.severity], ['confined-data-disclosed', 'violation']);
    stage.show(consent, finding.sealedPosition);
  },

  async '4.1, 4.4'(stage: Stage) {
    const person = stage.someone('person');
    await chosen(stage, person, 'marketing', 'refused');
    for (const purpose of ['service-fulfilment', 'support-and-maintenance']) {
      const may = await decided(stage, person, purpose);
      assert.deepEqual([may.decision, may.basis?.id, may.consent], ['allowed', 'contract', null], `${purpose} needs no consent`);
    }
    stage.show((await stage.said(person, 'consent.refused')).event);
  },

  async '4.2'(stage: Stage) {
    const person = stage.someone('person');
    await chosen(stage, person, 'personalisation', 'given');
    await settled(stage, person, 'personalisation', 'allowed', { categories: ['preferences'] });
    const { consequences } = await chosen(stage, person, 'personalisation', 'withdrawn');
    assert.deepEqual(consequences, [{ service: 'personal-recommendations', effect: 'ends' }]);
    assert.equal((await decided(stage, person, 'personalisation', { categories: ['preferences'] })).decision, 'denied');
    const swapped = await decided(stage, person, 'personalisation', { categories: ['preferences'], basis: 'legitimate-interest' });
    assert.deepEqual(codesOf(swapped), ['basis-swapped'], 'no other basis takes its place');
    assert.equal((await decided(stage, person, 'service-fulfilment')).decision, 'allowed', 'the service goes on, unpersonalised');
    stage.show((await stage.said(person, 'consent.withdrawn')).event);
  },

  async '4.3, 4.10'(stage: Stage) {
    const person = stage.someone('person');
    for (const purpose of ['identity-and-security', 'fraud-prevention', 'business-transfer']) {
      const may = await decided(stage, person, purpose, { categories: ['identity'] });
      assert.deepEqual([may.decision, may.basis?.id], ['allowed', 'legitimate-interest']);
    }
    const objection = { subject: person, purposes: ['fraud-prevention'] };
    await stage.post('publisher', '/v1/objections', { ...objection, status: 'raised', method: 'letter' });
    assert.deepEqual(codesOf(await decided(stage, person, 'fraud-prevention')), ['objection-pending']);
    const without = await stage.system.http('dpo', 'POST', '/v1/objections/decisions', { ...objection, outcome: 'rejected' });
    assert.equal(without.status, 400, 'no rejection without a reason');
    const decision = { ...objection, outcome: 'rejected', reason: 'an investigation is open', law: 'PDPA s.32(1)(b)' };
    await stage.post('dpo', '/v1/objections/decisions', decision);
    assert.equal((await decided(stage, person, 'fraud-prevention')).decision, 'allowed');
    stage.show((await stage.said(person, 'objection.raised')).event, (await stage.said(person, 'objection.decided')).event);
    const lawful = { purposes: ['business-transfer'], basis: 'legitimate-interest', recipient: 'business-acquirer' };
    const transfer = await stage.sealedOne(disclosed(person, { ...lawful, categories: ['transaction'] }));
    assert.equal((await stage.disclosure(person, transfer)).role, 'independent-controller');
  },

  async '4.6'(stage: Stage) {
    const person = stage.someone('person');
    const about = { categories: ['usage'], basis: 'legitimate-interest' };
    const may = await decided(stage, person, 'research-and-improvement', about);
    assert.deepEqual([may.decision, may.conditions], ['allowed', ['aggregate-only']]);
    await stage.post('publisher', '/v1/objections', {
      subject: person,
      purposes: ['research-and-improvement'],
      status: 'raised',
      method: 'online-form',
    });
    assert.deepEqual(codesOf(await decided(stage, person, 'research-and-improvement', about)), ['objection-pending']);
    stage.show((await stage.said(person, 'objection.raised')).event);
  },

  async '4.7'(stage: Stage) {
    const { person, address } = await reachable(stage, 'person', '0812345678');
    await chosen(stage, person, 'marketing', 'given', { channels: ['email', 'line'] });
    const by = async (channel: string) => codesOf(await decided(stage, person, 'marketing', { channel }));
    assert.deepEqual([await by('email'), await by('sms')], [['consent-given'], ['channel-not-consented']]);
    // The mail goes, and the text message to the same person does not.
    const [mail, text] = [await sent(stage, 'mail', person), await sent(stage, 'text', person, { channel: 'sms' })];
    assert.deepEqual([text.status, text.reason], ['suppressed', 'not-allowed']);
    await gotMail(stage, address);
    await became(stage, mail.message, 'handed-off');
    const suppressed = await stage.said(person, 'message.suppressed');
    assert.deepEqual([suppressed.data.channel, suppressed.data.because], ['sms', ['channel-not-consented']]);
    await chosen(stage, person, 'marketing', 'withdrawn', { channels: ['email'] });
    assert.deepEqual([await by('email'), await by('line')], [['channel-not-consented'], ['consent-given']]);
    stage.show(
      (await stage.said(person, 'consent.given')).event,
      await stage.positionOf(person, 'message.handed-off'),
      suppressed.event,
      (await stage.said(person, 'consent.withdrawn')).event,
    );
  },
};
