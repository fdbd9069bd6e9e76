import assert from 'node:assert/strict';
import { collected, disclosed } from './drafts.js';
import { gotMail, reachable } from './notification-questions.js';
import { answered, carriedOut, connected, ended, known, looked, requestedInPerson, told } from './request-questions.js';
import type { Stage } from './stage.js';

const DAY = 86_400_000;
const CHANGES = [{ category: 'contact', field: 'phone', value: '+66812345678' }];
const ago = (days: number): string => new Date(Date.now() - days * DAY).toISOString();

/** Corrections, in time or announced or refused: clauses 7.2, 8.5 and 8.6. */
export const rectifying = {
  async '7.2'(stage: Stage) {
    const person = stage.someone('person');
    const positions = await stage.sealed(collected(person, {}), disclosed(person, { recipient: 'logistics-provider' }));
    await known(stage, Math.max(...positions));
    const system = await connected(stage, ['rectification'], ['contact']);
    const { request } = await requestedInPerson(stage, person, 'rectification', { changes: CHANGES });
    const { tasks } = await carriedOut(stage, request, 'accept');
    const courier = tasks.find((one) => one.system === 'logistics-provider');
    assert.ok(courier, 'who was given the data is told');
    await answered(stage, request, system, ({ categories }) => ({ outcome: 'done', categories }));
    assert.equal((await looked(stage, request)).status, 'accepted', 'not fulfilled while somebody has not acknowledged');
    await carriedOut(stage, request, `tasks/${courier.task}/settle`, { reason: 'Told and acknowledged by letter.', acknowledged: true });
    await ended(stage, request);
    const { event, data } = await stage.said(person, 'request.fulfilled');
    const acknowledged = (data.acknowledgements as { system: string; outcome: string }[]).filter((one) => one.outcome === 'done');
    assert.deepEqual(acknowledged.map((one) => one.system).sort(), ['logistics-provider', system].sort(), 'each acknowledgement is listed');
    stage.show(event);
  },

  async '8.5'(stage: Stage) {
    const ask = (person: string, receivedAt: string) => requestedInPerson(stage, person, 'rectification', { changes: CHANGES, receivedAt });
    const carry = async (request: string) => {
      await carriedOut(stage, request, 'accept');
      await answered(stage, request, '', () => ({}));
      return ended(stage, request);
    };
    const [met, late] = [stage.someone('met'), stage.someone('late')];
    const { person: extended, address } = await reachable(stage, 'extended');
    await carry((await ask(met, ago(30))).request);
    const done = await stage.said(met, 'request.fulfilled');
    assert.equal(done.data.inTime, true, 'on the thirtieth day it is in time');

    const { request } = await ask(late, ago(31));
    const missed = await stage.said(late, 'request.overdue');
    const finding = await stage.finding(await stage.idOf(late), missed.event);
    assert.deepEqual([finding.rule, finding.severity], ['request-overdue', 'violation']);
    assert.equal((await looked(stage, request)).overdue, true, 'on the next it is not, unless more time was announced');

    const longer = (await ask(extended, ago(29))).request;
    const until = new Date(Date.now() + 20 * DAY).toISOString();
    const announced = await carriedOut(stage, longer, 'extend', { until, reason: 'The archive is on paper.' });
    assert.ok(!announced.overdue && announced.due! > until.slice(0, 10), 'the fastest time is announced');
    const delayed = await stage.said(extended, 'request.delayed');
    const message = await told(stage, extended, 'delayed');
    assert.equal(message.data.due, delayed.data.due, 'and the person is told');
    await gotMail(stage, address, ({ text }) => text.includes('The archive is on paper.'));
    stage.show(done.event, missed.event, finding.sealedPosition, delayed.event, message.event);
  },

  async '8.6'(stage: Stage) {
    const person = stage.someone('person');
    const { request } = await requestedInPerson(stage, person, 'rectification', { changes: CHANGES });
    const refuse = (body: object) => stage.system.http('dpo', 'POST', `/v1/requests/${request}/reject`, body);
    assert.equal((await refuse({ reason: 'We do not want to.' })).status, 422, 'there is no refusal without a reason of the law');
    assert.equal((await refuse({ ground: 'kept-by-law', reason: 'We do not want to.' })).status, 422, 'nor on one for other requests');
    await carriedOut(stage, request, 'reject', { ground: 'accurate-already', reason: 'The number was called and is right.' });
    const { event, data } = await stage.said(person, 'request.rejected');
    assert.deepEqual(
      [data.ground, data.law, data.authority],
      ['accurate-already', 'PDPA s.36', 'pdpc'],
      'kept for the record of PDPA s.39',
    );
    const message = await told(stage, person, 'refused');
    assert.equal(message.data.reason, data.reason);
    stage.show(event, message.event);
  },
};
