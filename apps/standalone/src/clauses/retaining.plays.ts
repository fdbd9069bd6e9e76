import assert from 'node:assert/strict';
import { Backups } from '../backups.js';
import { collected } from './drafts.js';
import { answered, carriedOut, ended, known, requestedInPerson } from './request-questions.js';
import { certified, disposals, disposed, happened, holdings, saidInLog, valuesAt } from './retention-questions.js';
import type { Stage } from './stage.js';

const DAY_MS = 86_400_000;
const ago = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();

/** What is kept no longer than it may: clauses 4.9, 5.1 and 7.7. */
export const retaining = {
  async '4.9'(stage: Stage) {
    const person = stage.someone('person');
    const position = await stage.sealedOne(
      collected(person, { categories: ['preferences'], purposes: ['communication'], personal: { preferences: { theme: 'gone' } } }),
    );
    assert.deepEqual(await valuesAt(stage, position), ['open']);
    const id = await stage.idOf(person);
    const databases = ['vault', 'audit', 'consent', 'requests', 'retention'];
    // Yesterday's backup, while the person is still there.
    await stage.system.whileDown((adminUrl) => new Backups(adminUrl, stage.name).take(databases));
    const { request } = await requestedInPerson(stage, person, 'erasure');
    await known(stage, position);
    await carriedOut(stage, request, 'accept');
    await answered(stage, request, stage.name, () => ({ outcome: 'nothing-held' }));
    await ended(stage, request);
    const [disposal] = await disposals(stage, id, 1);
    assert.equal(disposal?.scope, 'subject', 'nothing is left to know the person for');
    await disposed(stage, disposal.id);
    assert.deepEqual(await valuesAt(stage, position), ['destroyed']);
    await stage.system.whileDown(async (adminUrl) => {
      const backups = new Backups(adminUrl, stage.name);
      await backups.restore(databases);
      await backups.discard(databases);
    });
    assert.deepEqual(await valuesAt(stage, position), ['destroyed'], 'the restored vault forgot again before it served');
    const lookup = await stage.system.http('auditor', 'POST', '/v1/subjects/lookup', { subject: person, reason: 'Clause by clause' });
    assert.equal(lookup.status, 404, 'nobody is known under the identifier');
    const replayed = await stage.eventually('the replay sealed', async () =>
      (await saidInLog(stage, 'erasures.replayed', position)).find(({ data }) => data.database === 'vault'),
    );
    assert.ok((replayed.data.people as number) >= 1 && (replayed.data.keys as number) >= 1, 'the run says what it replayed');
    stage.show(...disposal.positions, replayed.event);
  },

  async '5.1'(stage: Stage) {
    const person = stage.someone('person');
    const [interests, order] = await stage.sealed(
      collected(
        person,
        { categories: ['preferences'], purposes: ['support-and-maintenance'], personal: { preferences: { theme: 'gardening' } } },
        { time: ago(400) },
      ),
      collected(
        person,
        {
          categories: ['transaction'],
          occasion: 'transaction',
          method: 'checkout',
          context: { order: 'order-51' },
          personal: { transaction: { item: 'rose' } },
        },
        { time: ago(400) },
      ),
    );
    const id = await stage.idOf(person);
    const before = await holdings(stage, id, (rows) => rows.length === 2);
    assert.deepEqual(before.find(({ category }) => category === 'preferences')?.due, null, 'the account is open: nothing runs out');
    // The account was closed 100 days ago: 90 days are over for what the account was for, and the tax rule still runs.
    const closed = await stage.sealedOne(happened(person, { trigger: 'account-closed' }, ago(100)));
    const [disposal] = await disposals(stage, id, 1);
    const { statement } = await certified(stage, disposal!.id);
    assert.deepEqual([statement.cause, statement.categories, statement.outcome], ['schedule', ['preferences'], 'complete']);
    assert.deepEqual(
      statement.basis.map(({ rule }) => rule),
      ['account-data'],
    );
    assert.equal(statement.priorNotice, 'not-required', 'clause 5.1 asks for no notice before');
    assert.deepEqual(await valuesAt(stage, interests!), ['destroyed'], 'the key is gone');
    assert.deepEqual(await valuesAt(stage, order!), ['open'], 'tax data is kept');
    const [kept] = await holdings(stage, id, (rows) => rows.length === 1);
    assert.ok(
      kept?.keptBy.some(({ ground, law }) => ground !== 'need' && law !== ''),
      'and the reason is shown',
    );
    // Somebody who closes the account today: the timers run.
    const other = stage.someone('other');
    await stage.sealed(collected(other, { categories: ['preferences'], purposes: ['support-and-maintenance'] }, { time: ago(10) }));
    await stage.sealed(happened(other, { trigger: 'account-closed' }, ago(0)));
    const [running] = await holdings(stage, await stage.idOf(other), (rows) => rows[0]?.due != null);
    const days = (Date.parse(running!.due!) - Date.now()) / DAY_MS;
    assert.ok(days > 88 && days < 91, 'due 90 days from the closing');
    stage.show(closed, ...(await disposed(stage, disposal!.id)).positions);
  },

  async '7.7'(stage: Stage) {
    const person = stage.someone('person');
    const [interests, contact] = await stage.sealed(
      collected(person, { categories: ['preferences'], purposes: ['communication'], personal: { preferences: { theme: 'gardening' } } }),
      collected(person, {
        categories: ['contact'],
        purposes: ['personalisation'],
        basis: 'legitimate-interest',
        personal: { contact: { phone: '0812345678' } },
      }),
    );
    const id = await stage.idOf(person);
    await holdings(stage, id, (rows) => rows.length === 2);
    const { hold } = await stage.post<{ hold: { id: string } }>('dpo', '/v1/holds', {
      subject: person,
      matter: 'case-7-7',
      reason: 'A claim was announced.',
      categories: ['contact'],
    });
    const { request } = await requestedInPerson(stage, person, 'erasure');
    await known(stage, contact!);
    await carriedOut(stage, request, 'accept');
    await answered(stage, request, stage.name, () => ({ outcome: 'nothing-held' }));
    const [first] = await disposals(stage, id, 1);
    const partial = await certified(stage, first!.id);
    assert.equal(partial.statement.outcome, 'partial', 'what is held is no erasure');
    assert.deepEqual(
      partial.statement.survivors.map(({ category, ground, hold: under }) => [category, ground, under]),
      [['contact', 'legal-hold', hold.id]],
    );
    assert.deepEqual([await valuesAt(stage, interests!), await valuesAt(stage, contact!)], [['destroyed'], ['open']], 'by category');
    const answer = await ended(stage, request);
    assert.equal(answer.result, 'partial', 'and the person is told so');
    await stage.post('dpo', `/v1/holds/${hold.id}/release`, { reason: 'The case was settled.' });
    const all = await disposals(stage, id, 2);
    const resumed = await certified(stage, all.find(({ id: one }) => one !== first!.id)!.id);
    assert.deepEqual([resumed.statement.cause, resumed.statement.outcome], ['erasure-request', 'complete'], 'it resumes by itself');
    assert.deepEqual(await valuesAt(stage, contact!), ['destroyed']);
    stage.show(
      await stage.positionOf(person, 'hold.placed'),
      await stage.positionOf(person, 'hold.released'),
      ...all.flatMap(({ positions }) => positions),
    );
  },
};
