import assert from 'node:assert/strict';
import type { CollectionRecorded } from '@attesta/events';
import { collected, linked, NOTICE_VERSION, unlinked } from './drafts.js';
import { rowAt, type Stage } from './stage.js';

const DAY_MS = 86_400_000;

/** Sections 1 to 3 of the notice: what is collected, when and how. */
export const collecting = {
  async 'Intro: scope'(stage: Stage) {
    const visitor = stage.someone('visitor', 'cookie');
    const draft = collected(visitor, {
      categories: ['page-view'],
      purposes: ['identity-and-security'],
      basis: 'legitimate-interest',
      occasion: 'visit',
      method: 'page-view',
      context: { page: '/vitamins' },
      personal: { 'page-view': { guessedAge: 203, guessIsTrue: false } },
    });
    const position = await stage.sealedOne(draft);
    const answer = await stage.collections(await stage.idOf(visitor));
    assert.deepEqual(
      answer.data.map((row) => row.position),
      [position],
      'a visitor without an account gets the whole answer',
    );
  },

  async '1.2, 1.4'(stage: Stage) {
    const user = stage.someone('user');
    const time = new Date(Date.now() - 3_600_000).toISOString();
    const position = await stage.sealedOne(
      collected(user, { categories: ['usage', 'device'], occasion: 'service-access', method: 'app', channel: 'app' }, { time }),
    );
    const row = await stage.collection(user, position);
    assert.deepEqual([row.categories, row.occurredAt, row.source], [['usage', 'device'], time, stage.source]);
  },

  async '1.5'(stage: Stage) {
    const [user, account] = [stage.someone('user'), stage.someone('profile', 'social-login')];
    const fromThere = {
      categories: ['linked-account'],
      occasion: 'account-connection',
      method: 'account-link',
      origin: 'third-party',
      originParty: 'social-login',
    } satisfies Partial<CollectionRecorded>;
    const [, whileLinked] = await stage.sealed(linked(user, account, 'third-party-account', 'user-request'), collected(user, fromThere));
    await stage.sealed(unlinked(user, account, 'third-party-account'));
    const afterwards = await stage.sealedOne(collected(user, fromThere));
    const id = await stage.idOf(user);
    const finding = await stage.finding(id, afterwards);
    assert.equal(finding.rule, 'collection-after-unlink');
    stage.show(finding.sealedPosition);
    assert.ok(!(await stage.findings(id)).some(({ positions }) => positions[0] === whileLinked), 'what came while linked is no finding');
  },

  async '1.6'(stage: Stage) {
    const person = stage.someone('person');
    const supplied = {
      categories: ['third-party-activity'],
      purposes: ['fraud-prevention'],
      basis: 'legitimate-interest',
      occasion: 'partner-supply',
      method: 'partner-feed',
      channel: 'partner',
      origin: 'third-party',
    } satisfies Partial<CollectionRecorded>;
    await stage.refused(collected(person, supplied), 'missing-origin-party');
    const position = await stage.sealedOne(collected(person, { ...supplied, originParty: 'group-company' }));
    const state = async (days: number) => {
      const at = encodeURIComponent(new Date(Date.now() + days * DAY_MS).toISOString());
      const report = await stage.get<{ data: { position: number; state: string; originParty: string }[] }>(
        'auditor',
        `/v1/reports/third-party-sources?limit=500&at=${at}`,
      );
      const row = rowAt(report.data, position);
      assert.equal(row.originParty, 'group-company');
      return row.state;
    };
    assert.equal(await state(29), 'due', 'within 30 days there is time');
    assert.equal(await state(31), 'overdue', 'on day 31 the uninformed person stands in the report');
    await stage.sealed({
      type: 'attesta.notice.communicated.v1',
      subject: person,
      data: { version: NOTICE_VERSION, language: 'en', channel: 'email', about: 'third-party-source', covers: [position] },
    });
    assert.equal(await state(31), 'informed', 'told in time, the person is off the list');
  },

  async '2.1'(stage: Stage) {
    const user = stage.someone('user');
    await stage.refused(collected(user, { occasion: 'registration', noticeVersion: '1999-01-01' }), 'unknown-notice-version');
    const position = await stage.sealedOne(collected(user, { categories: ['identity', 'account'], occasion: 'registration' }));
    assert.equal((await stage.collection(user, position)).noticeVersion, NOTICE_VERSION);
  },

  async '2.2'(stage: Stage) {
    const user = stage.someone('user');
    const signed = new Date(Date.now() - 20 * DAY_MS).toISOString();
    const paper = {
      occasion: 'form',
      method: 'paper-form',
      channel: 'paper',
      context: { form: 'membership' },
    } satisfies Partial<CollectionRecorded>;
    const [onPaper, online] = await stage.sealed(
      collected(user, paper, { time: signed }),
      collected(user, { ...paper, method: 'online-form', channel: 'web' }),
    );
    const row = await stage.collection(user, onPaper!);
    assert.equal(row.occurredAt, signed, 'it happened when it was signed');
    assert.ok(Date.parse(row.recordedAt) - Date.parse(signed) > 19 * DAY_MS, 'and was recorded when it was typed in');
    assert.equal((await stage.collection(user, online!)).method, 'online-form');
  },

  async '2.3'(stage: Stage) {
    const user = stage.someone('user');
    for (const [occasion, key] of [
      ['visit', 'visit'],
      ['agreement', 'agreement'],
      ['document', 'document'],
    ] as const) {
      const draft = { occasion, method: 'document', channel: 'in-person' } satisfies Partial<CollectionRecorded>;
      const problem = await stage.refused(collected(user, draft), 'missing-context');
      assert.equal(problem.field, `/data/context/${key}`);
      const position = await stage.sealedOne(collected(user, { ...draft, context: { [key]: `${key}-17` } }));
      assert.deepEqual((await stage.collection(user, position)).context, { [key]: `${key}-17` });
    }
  },

  async '2.4'(stage: Stage) {
    const user = stage.someone('user');
    const [phone, email, , cookie] = await stage.sealed(
      collected(user, { method: 'phone', channel: 'phone' }),
      collected(user, { method: 'email', channel: 'email' }),
      collected(user, { method: 'online-form', channel: 'web' }),
      collected(user, { categories: ['cookie'], method: 'cookie', channel: 'web' }),
    );
    const id = await stage.idOf(user);
    const by = async (query: string) => (await stage.collections(id, query)).data.map(({ position }) => position);
    assert.deepEqual(await by('&channel=phone'), [phone]);
    assert.deepEqual(await by('&channel=email'), [email]);
    assert.equal((await by('&channel=web')).length, 2);
    assert.deepEqual(await by('&method=cookie'), [cookie]);
  },

  async '2.5'(stage: Stage) {
    const user = stage.someone('user');
    const [order, feedback, complaint] = await stage.sealed(
      collected(user, { categories: ['transaction'], occasion: 'transaction', method: 'checkout', context: { order: 'order-5' } }),
      collected(user, { categories: ['feedback'], purposes: ['support-and-maintenance'], occasion: 'feedback' }),
      collected(user, { categories: ['feedback'], purposes: ['support-and-maintenance'], occasion: 'complaint' }),
    );
    const row = await stage.collection(user, order!);
    assert.deepEqual([row.basis, row.context], ['contract', { order: 'order-5' }]);
    assert.equal((await stage.collection(user, feedback!)).occasion, 'feedback');
    assert.equal((await stage.collection(user, complaint!)).occasion, 'complaint');
  },

  async '2.8'(stage: Stage) {
    const [user, device] = [stage.someone('user'), stage.someone('phone', 'device')];
    const installed = {
      categories: ['device'],
      occasion: 'app-installation',
      method: 'app',
      channel: 'app',
    } satisfies Partial<CollectionRecorded>;
    const before = await stage.sealedOne(collected(user, { occasion: 'registration' }));
    const link = await stage.sealedOne(linked(user, device, 'device'));
    const install = await stage.sealedOne(collected(device, installed));
    const [id, deviceId] = [await stage.idOf(user), await stage.idOf(device)];
    const row = rowAt((await stage.collections(id)).data, install);
    assert.deepEqual([row.subject, row.through], [deviceId, deviceId], "what the device sends stands in the person's record");
    const earlier = await stage.collections(id, `&as_of=${link - 1}`);
    assert.deepEqual(
      earlier.data.map(({ position }) => position),
      [before],
      'before the link they were not one',
    );
  },

  async '3.2, 3.4'(stage: Stage) {
    const [user, browser] = [stage.someone('user'), stage.someone('browser', 'cookie')];
    const viewed = {
      categories: ['page-view', 'device'],
      purposes: ['identity-and-security'],
      basis: 'legitimate-interest',
      occasion: 'visit',
      context: { page: '/vitamins' },
      personal: { device: { ip: '198.51.100.7', os: 'Android 15' } },
    } satisfies Partial<CollectionRecorded>;
    const registered = await stage.sealedOne(collected(user, { occasion: 'registration' }));
    const seen = await stage.sealed(
      collected(browser, { ...viewed, method: 'page-view' }),
      collected(browser, { ...viewed, method: 'content-and-ads' }),
    );
    const id = await stage.idOf(user);
    const positions = async (query = '') => (await stage.collections(id, query)).data.map(({ position }) => position).sort((a, b) => a - b);
    assert.deepEqual(await positions(), [registered], 'before the login the browser is somebody');
    const login = await stage.sealedOne(linked(user, browser, 'visitor'));
    assert.deepEqual(await positions(), [registered, ...seen], 'after it, its rows are the person’s');
    assert.deepEqual(await positions(`&as_of=${login - 1}`), [registered], 'asked as of before, the answer is the one of then');
  },
};
