import { testServer } from '@attesta/testing';
import pg from 'pg';
import { backUp, type Backup } from './backup-rig.js';
import type { MessageRow } from './messages.js';
import { NotificationRig, OFFICER } from './notification-rig.js';

const PEOPLE = 100;
/** Three kinds for each person. */
const MESSAGES = 3 * PEOPLE;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Waits of the policy between attempts. */
const RETRIES = [1, 5, 15, 60, 4 * 60, 12 * 60, 24 * 60].map((minutes) => minutes * MINUTE);

let rig: NotificationRig;
/** A second process, where there is one. */
let other: Awaited<ReturnType<NotificationRig['another']>> | undefined;
afterEach(async () => {
  await other?.app.close();
  other = undefined;
  await rig.stop();
});

const addressOf = (n: number) => `p${n}@example.co.th`;
const batch = (id: string, people = Array.from({ length: PEOPLE }, (_, n) => n)) => ({
  source: '//crm.test',
  messages: people.flatMap((n) => [
    {
      ...{ id: `${id}-news-${n}`, subject: `account|p${n}`, template: 'announcement', channel: 'email' },
      values: { heading: 'A new clinic', body: 'It opens in May.' },
    },
    {
      ...{ id: `${id}-order-${n}`, subject: `account|p${n}`, template: 'service-message' },
      values: { heading: 'Your order', body: 'It was sent.' },
    },
  ]),
});

/** 300 messages wait: an answer, one about an order and one of marketing for each of 100 people. @returns ids of the people */
async function campaign({ down = false, ...options }: Parameters<typeof NotificationRig.start>[1] & { down?: boolean } = {}): Promise<
  string[]
> {
  rig = await NotificationRig.start(undefined, options);
  if (down) await rig.smtp.down();
  const people = Array.from({ length: PEOPLE }, (_, n) => rig.somebody(`p${n}`, { email: addressOf(n), sms: `08123456${10 + n}` }));
  for (const person of people) {
    rig.chose(person, 'given');
    rig.due(person, 'received', { due: '2026-03-31T17:00:00Z' });
  }
  await rig.follow();
  expect((await rig.post('publisher', '/v1/messages', batch('first'))).status).toBe(202);
  expect((await rows()).length).toBe(MESSAGES);
  return people;
}

const rows = async (): Promise<MessageRow[]> =>
  (await rig.db.pool.query<MessageRow>(`select * from message where recipient = 'subject' order by id`)).rows;

/** How many messages there are of each status, reason and number of attempts. */
async function tally(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status, reason, attempts } of await rows()) {
    const name = [status, reason ?? '', attempts].join(' ');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const taken = ({ id }: { id: string }): number => rig.smtp.counts.get(`${id}@m-med.example`) ?? 0;

/** What was sealed of each message, in order. */
function sealed(): Map<string, string[]> {
  const all = (['message.handed-off', 'message.suppressed', 'message.failed'] as const).flatMap((name) =>
    rig.said(name).map(({ position, data: { message } }) => ({ position, name: name.slice('message.'.length), message })),
  );
  const found = new Map<string, string[]>();
  for (const { message, name } of all.sort((a, b) => a.position - b.position)) found.set(message, [...(found.get(message) ?? []), name]);
  return found;
}

/** Every message is over, and sealed once as what it became; what the server has more than once is no more than `repeats`. */
async function expectAllOver({ before = [], repeats = 0 }: { before?: string[]; repeats?: number } = {}): Promise<void> {
  const said = sealed();
  const all = await rows();
  expect(all.length).toBe(MESSAGES);
  const wrong = all.filter(
    ({ id, status }) => JSON.stringify(said.get(id)) !== JSON.stringify([...before, status === 'in-flight' ? 'handed-off' : status]),
  );
  expect(wrong.map(({ id, status, kind }) => [kind, status, said.get(id)])).toEqual([]);
  expect(all.filter((row) => row.status === 'handed-off' && taken(row) === 0 && row.channel === 'email')).toEqual([]);
  expect(all.reduce((more, row) => more + Math.max(0, taken(row) - 1), 0)).toBe(repeats);
  for (const row of all) if (row.kind === 'marketing') expect(taken(row)).toBeLessThan(2);
}

/** What was given up, as whoever looks after it sees it. */
async function deadLetters(): Promise<string[]> {
  const found: string[] = [];
  for (let cursor = ''; ;) {
    const { body } = await rig.get<{ data: { id: string; status: string }[]; next_cursor: string | null }>(
      'dpo',
      `/v1/messages?status=failed&limit=100${cursor && `&cursor=${cursor}`}`,
    );
    expect(body.data.every(({ status }) => status === 'failed')).toBe(true);
    found.push(...body.data.map(({ id }) => id));
    if (body.next_cursor === null) return found;
    cursor = body.next_cursor;
  }
}

async function retryAll(ids: string[]): Promise<void> {
  for (const id of ids) expect((await rig.post('dpo', `/v1/messages/${id}/retry`)).status).toBe(202);
}

/** How many alerts were raised, and how many of them the officer has been told of. */
async function alerts(): Promise<{ raised: number; told: number }> {
  const { rows: found } = await rig.db.pool.query<{ raised: number; told: number }>(
    `select count(*)::int as raised, count(*) filter (where m.status = 'handed-off')::int as told from alert a left join message m on m.id = a.message`,
  );
  return found[0]!;
}

async function expectTold(raised: number): Promise<void> {
  expect(await alerts()).toEqual({ raised, told: raised });
  expect((await rig.mails(OFFICER)).length).toBeGreaterThan(0);
}

describe('an SMTP server that is down', () => {
  it('is tried at the times of the policy, and gets everything once when it is back', async () => {
    await campaign({ down: true });
    await rig.later();
    expect(await tally()).toEqual({ 'queued  1': MESSAGES });
    await rig.later(RETRIES[0]! - 1);
    expect(await tally()).toEqual({ 'queued  1': MESSAGES });
    await rig.later(1);
    expect(await tally()).toEqual({ 'queued  2': MESSAGES });
    await rig.smtp.up();
    await rig.later(RETRIES[1]! - 1);
    expect(rig.smtp.total).toBe(0);
    await rig.later(1);
    expect(await tally()).toEqual({ 'handed-off  3': MESSAGES });
    await expectAllOver();
    expect(await alerts()).toEqual({ raised: 0, told: 0 });
  });

  it('for longer than the policy waits leaves a list of dead letters, alerts, and nothing lost', async () => {
    await campaign({ down: true });
    await rig.later();
    for (const [n, wait] of RETRIES.entries()) {
      expect(await tally()).toEqual({ [`queued  ${n + 1}`]: MESSAGES });
      await rig.later(wait);
    }
    expect(await tally()).toEqual({ [`failed unreachable ${RETRIES.length + 1}`]: MESSAGES });
    await expectAllOver();
    expect((await alerts()).raised).toBe(MESSAGES);
    const dead = await deadLetters();
    expect(new Set(dead).size).toBe(MESSAGES);
    await rig.later(2 * DAY);
    await rig.later(2 * DAY);
    expect(await alerts()).toEqual({ raised: MESSAGES, told: 0 });
    await rig.smtp.up();
    await rig.later(DAY);
    await expectTold(MESSAGES);
    await retryAll(dead);
    await rig.later();
    expect(await tally()).toEqual({ 'handed-off  1': MESSAGES });
    await expectAllOver({ before: ['failed'] });
    expect((await rig.post('dpo', `/v1/messages/${dead[0]!}/retry`)).status).toBe(409);
  });

  it('until it is too late is written to no more, and the officer finds another way for what the law wants told', async () => {
    await campaign({ down: true });
    await rig.later();
    await rig.later(14 * DAY + 1);
    expect(await tally()).toEqual({ 'suppressed expired 1': MESSAGES });
    await rig.smtp.up();
    await rig.later(MINUTE);
    await rig.later(DAY);
    await expectAllOver();
    expect((await rows()).filter(taken)).toEqual([]);
    await expectTold(PEOPLE);
  });
});

describe('an SMTP server that is slow', () => {
  it('is waited for, and nothing is said to have left before it answered', async () => {
    await campaign({ faults: { slow: true } });
    const running = rig.later();
    await rig.smtp.arrived(5);
    expect((await rows()).filter(({ status }) => !['queued', 'handing'].includes(status))).toEqual([]);
    expect(rig.smtp.total).toBe(5);
    rig.smtp.set({});
    await running;
    expect(await tally()).toEqual({ 'handed-off  1': MESSAGES });
    await expectAllOver();
  });
});

describe('an SMTP server that refuses', () => {
  it('one person: the address is dead, the officer is told, and the next message goes another way', async () => {
    await campaign({ faults: { unknown: [addressOf(7)] } });
    await rig.later();
    await expectAllOver();
    expect((await rig.db.pool.query('select 1 from dead_address')).rowCount).toBe(1);
    const refused = (await rows()).filter(({ status }) => status === 'failed');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ reason, subject }) => reason === 'refused' && subject === rig.person('account|p7'))).toBe(true);
    const before = rig.smtp.total;
    const texts = rig.texts.length;
    rig.smtp.set({});
    rig.due(rig.person('account|p7'), 'accepted');
    await rig.follow();
    const { body } = await rig.post<{ messages: { message: string }[] }>('publisher', '/v1/messages', batch('next', [7]));
    await rig.later();
    expect(rig.smtp.total).toBe(before);
    expect(rig.texts.length).toBe(texts + 2);
    const { body: marketing } = await rig.get('dpo', `/v1/messages/${body.messages[0]!.message}`);
    expect(marketing).toMatchObject({ kind: 'marketing', status: 'suppressed', reason: 'address-bounced' });
    await rig.later(MINUTE);
    await expectTold(refused.length);
  });

  it('everybody: no address is dead, and all may be tried again when it is mended', async () => {
    await campaign({ faults: { refuseAll: true } });
    await rig.later();
    expect(await tally()).toEqual({ 'failed refused 1': MESSAGES });
    await expectAllOver();
    expect((await rig.db.pool.query('select 1 from dead_address')).rowCount).toBe(0);
    await rig.later(MINUTE);
    await rig.later(MINUTE);
    expect(await alerts()).toEqual({ raised: MESSAGES, told: 0 });
    rig.smtp.set({});
    await rig.later(HOUR);
    await expectTold(MESSAGES);
    await retryAll(await deadLetters());
    await rig.later();
    await expectAllOver({ before: ['failed'] });
    expect(await tally()).toEqual({ 'handed-off  1': MESSAGES });
  });

  it('our login: nothing is given up before the times of the policy', async () => {
    await campaign({ login: true, faults: { noLogin: true } });
    await rig.later();
    expect(await tally()).toEqual({ 'queued  1': MESSAGES });
    rig.smtp.set({});
    await rig.later(RETRIES[0]);
    expect(await tally()).toEqual({ 'handed-off  2': MESSAGES });
    await expectAllOver();
  });

  it('at first, as greylisting does: everything goes at the second wait', async () => {
    // Three messages go to each person: so twice for each.
    await campaign({ faults: { greylist: 6 } });
    const start = rig.time.getTime();
    await rig.later();
    await rig.later(RETRIES[0]);
    expect(await tally()).toEqual({ 'queued  2': MESSAGES });
    await rig.later(RETRIES[1]);
    expect(await tally()).toEqual({ 'handed-off  3': MESSAGES });
    const left = rig.said('message.handed-off').map(({ time, data }) => [Date.parse(time) - start, data.attempts]);
    expect(new Set(left.map((one) => JSON.stringify(one)))).toEqual(new Set([JSON.stringify([RETRIES[0]! + RETRIES[1]!, 3])]));
    await expectAllOver();
  });

  it('more than two connections: everything goes over those that it takes', async () => {
    await campaign({ faults: { connections: 2 } });
    await rig.later();
    for (const wait of RETRIES) await rig.later(wait);
    await expectAllOver();
    expect((await rows()).every(({ status }) => status === 'handed-off')).toBe(true);
  });
});

describe('a connection that ends before the answer', () => {
  it('leaves nobody to ask: answers and orders go again under the same name, marketing is given up', async () => {
    await campaign({ faults: { drop: 150 } });
    await rig.later();
    const unknown = (await rows()).filter((row) => row.status !== 'handed-off');
    // Every taken one of them is at the server already; others shared their connection.
    const doubtful = unknown.filter((row) => taken(row) === 1);
    expect(doubtful.length).toBe(150);
    const marketing = doubtful.filter(({ kind }) => kind === 'marketing');
    expect(marketing.length).toBeGreaterThan(0);
    expect(marketing.every(({ status, reason }) => status === 'failed' && reason === 'outcome-unknown')).toBe(true);
    await rig.later(RETRIES[0]);
    await rig.later(RETRIES[1]);
    await expectAllOver({ repeats: 150 - marketing.length });
    expect((await rows()).filter(({ status }) => status === 'failed').length).toBe(marketing.length);
    await rig.later(MINUTE);
    await expectTold(marketing.length);
  });
});

describe('two processes on one database', () => {
  it('hand each message off once', async () => {
    await campaign();
    other = await rig.another();
    await rig.follow();
    await other.notification.feed.caughtUp(rig.ledger.stored.length - 1);
    await Promise.all([rig.notification.tick(), other.notification.tick(), rig.notification.tick(), other.notification.tick()]);
    await rig.later();
    expect(rig.errors).toEqual([]);
    expect(await tally()).toEqual({ 'handed-off  1': MESSAGES });
    await expectAllOver();
  });

  it('one of which is thought dead, and is not: what left is said once, by whoever knows', async () => {
    await campaign({ faults: { slow: true } });
    await rig.follow();
    const running = rig.notification.tick();
    await rig.smtp.arrived(5);
    await cut('attesta-notification-worker');
    other = await rig.another();
    await other.notification.feed.caughtUp(rig.ledger.stored.length - 1);
    const taking = other.notification.tick();
    await rig.smtp.arrived(10);
    rig.smtp.set({});
    await Promise.all([running, taking]);
    await rig.later();
    await rig.later(RETRIES[0]);
    expect(rig.errors).toEqual([]);
    const all = await rows();
    const said = sealed();
    expect(all.every(({ status }) => status === 'handed-off')).toBe(true);
    for (const { id, kind } of all) expect([kind, ...said.get(id)!.filter((name) => name !== 'failed')]).toEqual([kind, 'handed-off']);
    for (const row of all) expect(taken(row)).toBeLessThan(row.kind === 'marketing' ? 2 : 3);
  });
});

describe('a database that goes away while messages leave', () => {
  it.each(['its connections are cut', 'it is away for a while'])('forgets none, and sends none twice: %s', async (how) => {
    await campaign({ faults: { slow: true } });
    await rig.follow();
    const running = rig.notification.tick().catch(() => undefined);
    await rig.smtp.arrived(5);
    const back = how === 'its connections are cut' ? await cut() : await away();
    rig.smtp.set({});
    await running;
    await back?.();
    await rig.later();
    await rig.later(RETRIES[0]);
    expect(await tally()).toMatchObject({ 'handed-off  1': expect.any(Number) as number });
    await expectAllOver();
    expect((await rows()).every(({ status }) => status === 'handed-off')).toBe(true);
  });
});

describe('a database that knows less than the log', () => {
  /** Messages of every end, some of which were under way when the backup was made. */
  async function history(): Promise<Backup> {
    await campaign({ faults: { slow: true } });
    await rig.follow();
    const running = rig.notification.tick();
    await rig.smtp.arrived(5);
    const backup = await backUp(rig.db);
    rig.smtp.set({ drop: 30, unknown: [addressOf(7)] });
    await running;
    rig.chose(rig.person('account|p8'), 'withdrawn');
    for (const wait of RETRIES) await rig.later(wait);
    await expectAllOver({ repeats: (await rows()).reduce((more, row) => more + Math.max(0, taken(row) - 1), 0) });
    expect(new Set((await rows()).map(({ status }) => status)).has('failed')).toBe(true);
    return backup;
  }

  it.each(['restored from a backup', 'built anew from the log'])('sends nothing again: %s', async (how) => {
    const backup = await history();
    const [total, last] = [rig.smtp.total, rig.ledger.stored.length];
    await rig.restore(how === 'restored from a backup' ? backup : undefined);
    await rig.later();
    await rig.later(DAY);
    expect(rig.smtp.total).toBe(total);
    const again = rig.ledger.stored.slice(last).map(({ bytes }) => (JSON.parse(bytes.toString()) as { type: string }).type);
    expect(again).toEqual([]);
    expect(await rig.notification.log.size()).toBe(how === 'restored from a backup' ? backup.get('service_event')!.length : 0);
    // Whoever sends the same again is told what became of it.
    const { body } = await rig.post<{ messages: { duplicate: boolean; status: string }[] }>('publisher', '/v1/messages', batch('first'));
    expect(body.messages.filter(({ duplicate, status }) => !duplicate || status === 'queued')).toEqual([]);
    await rig.later(DAY);
    expect(rig.smtp.total).toBe(total);
  });
});

/** Ends connections to the database, as a restart does. @param name of the application; without it all */
async function cut(name?: string): Promise<undefined> {
  await asAdmin((admin) =>
    admin.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and ($2::text is null or application_name = $2)',
      [databaseName(), name ?? null],
    ),
  );
  return undefined;
}

/** @returns brings it back */
async function away(): Promise<() => Promise<void>> {
  const name = databaseName();
  await asAdmin(async (admin) => {
    await admin.query(`alter database ${name} allow_connections false`);
    await cut();
    await admin.query(`alter database ${name} rename to ${name}_away`);
  });
  return () =>
    asAdmin(async (admin) => {
      await admin.query(`alter database ${name}_away rename to ${name}`);
      await admin.query(`alter database ${name} allow_connections true`);
    });
}

const databaseName = (): string => new URL(rig.db.url).pathname.slice(1);

async function asAdmin<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: (await testServer())() });
  await admin.connect();
  return work(admin).finally(() => admin.end());
}
