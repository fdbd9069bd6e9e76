import { verifyWebhook } from '@attesta/sdk';
import { NotificationRig, OFFICER } from './notification-rig.js';
import { listening } from './webhook-rig.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('alerts for the data protection officer', () => {
  let rig: NotificationRig;
  /** Takes webhooks on this machine, as somebody's pager would. */
  let pager: Awaited<ReturnType<typeof listening>>;
  let status: number;
  beforeEach(async () => {
    rig = await NotificationRig.start();
    status = 204;
    pager = await listening((_request, response) => response.writeHead(status).end());
  });
  afterEach(async () => {
    await pager.stop();
    await rig.stop();
  });

  const finding = (n: number, severity = 'violation') =>
    rig.seal({
      type: 'attesta.finding.raised.v1',
      source: '//attesta/audit',
      data: {
        finding: `use-after-withdrawal:${n}`,
        rule: 'use-after-withdrawal',
        severity,
        clause: '8.3',
        positions: [n],
        explanation: 'It was used.',
      },
    });

  it('are gathered into one message, and each is told once', async () => {
    for (let n = 0; n < 60; n++) finding(n);
    finding(99, 'info');
    await rig.later();
    expect(await rig.mails(OFFICER)).toHaveLength(0);
    await rig.later(MINUTE);
    const [mail, ...more] = await rig.mails(OFFICER);
    expect(more).toEqual([]);
    expect(new Set(mail!.text!.match(/use-after-withdrawal:\d+/g)).size).toBe(50);
    expect(mail!.text).toContain('And 10 more.');
    await rig.later(HOUR);
    expect(await rig.mails(OFFICER)).toHaveLength(1);
    const { body } = await rig.get<{ data: { message: string | null }[]; has_more: boolean }>('dpo', '/v1/alerts?limit=50');
    expect(body.data.every(({ message }) => message !== null)).toBe(true);
    expect(body.has_more).toBe(true);
  });

  it('of a breach come at once, and say which clock', async () => {
    const { body } = await rig.post<{ breach: string }>('dpo', '/v1/breaches', {
      discoveredAt: new Date(rig.time.getTime() - 73 * HOUR).toISOString(),
      nature: ['confidentiality'],
      categories: ['contact'],
      description: 'A list went to the wrong partner.',
      jurisdictions: ['th-pdpa'],
    });
    await rig.later();
    const mails = await rig.mails(OFFICER);
    expect(mails.some(({ text }) => text!.includes(body.breach))).toBe(true);
    expect(rig.said('breach.overdue').length).toBeGreaterThan(0);
  });

  it('go to endpoints too, signed, and again until they are taken', async () => {
    const url = `${pager.url}/hook?token=of-mine`;
    const { body: endpoint } = await rig.post<{ id: string; secret: string }>('operator', '/v1/alert-endpoints', {
      url,
      kinds: ['finding'],
    });
    status = 503;
    finding(1);
    await rig.later();
    expect(pager.heard).toHaveLength(1);
    status = 204;
    await rig.later(MINUTE);
    expect(pager.heard).toHaveLength(2);
    const [first, second] = pager.heard.map(({ headers }) => headers['webhook-id']);
    expect(first).toBe(second);
    const { headers, body } = pager.heard[1]!;
    expect(verifyWebhook(endpoint.secret, headers, body, rig.time.getTime()).id).toBe(first);
    expect(JSON.parse(body)).toMatchObject({ type: 'attesta.alert.finding', data: { reference: 'use-after-withdrawal:1' } });
    expect(() => verifyWebhook(endpoint.secret, headers, body, rig.time.getTime() + HOUR)).toThrow();
    const listed = await rig.get<{ data: { host: string; failed: number }[] }>('operator', '/v1/alert-endpoints');
    expect(JSON.stringify(listed.body)).not.toContain('of-mine');
    expect(listed.body.data[0]!.failed).toBe(0);
    await rig.later(HOUR);
    expect(pager.heard).toHaveLength(2);
  });

  it('that an endpoint never takes are given up, and counted', async () => {
    const url = `${pager.url}/hook?token=of-mine`;
    await rig.post('operator', '/v1/alert-endpoints', { url });
    status = 500;
    finding(1);
    for (let hours = 0; hours < 96; hours += 6) await rig.later(6 * HOUR);
    const { length } = pager.heard;
    expect(length).toBe(rig.policy.messages!.retries.length + 1);
    const { body } = await rig.get<{ data: { id: string; failed: number }[] }>('operator', '/v1/alert-endpoints');
    expect(body.data[0]!.failed).toBe(1);
    expect((await rig.post('operator', '/v1/alert-endpoints', { url: 'http://example.com/hook' })).status).toBe(400);
  });
});

describe('people told of a breach', () => {
  let rig: NotificationRig;
  beforeEach(async () => {
    rig = await NotificationRig.start();
  });
  afterEach(() => rig.stop());

  const words = { what: 'A list went out.', likely: 'Mail in our name.', measures: 'It was deleted.', advice: 'Doubt such mail.' };
  const breach = async () => {
    const { body } = await rig.post<{ breach: string }>('dpo', '/v1/breaches', {
      nature: ['confidentiality'],
      categories: ['contact'],
      description: 'A list went to the wrong partner.',
      jurisdictions: ['th-pdpa'],
    });
    const path = `/v1/breaches/${body.breach}`;
    await rig.post('dpo', `${path}/assess`, {
      risk: 'high',
      reasons: 'It can be misused.',
      consequences: 'Mail in our name.',
      measures: 'Deleted.',
    });
    return path;
  };

  it('are those named: each once, those named later by the next order', async () => {
    const [nok, lek] = [rig.somebody('nok'), rig.somebody('lek')];
    rig.somebody('som');
    await rig.later();
    const path = await breach();
    await rig.post('dpo', `${path}/people`, { subjects: ['account|nok'] });
    await rig.post('dpo', `${path}/notice`, { words: { en: words, th: words } });
    await rig.later();
    await rig.post('dpo', `${path}/people`, { subjects: ['account|lek', 'account|nok'] });
    await rig.post('dpo', `${path}/notice`, { words: { en: words, th: words } });
    await rig.later();
    const told = rig.said('message.handed-off').filter(({ data }) => data.template === 'breach');
    expect(told.map(({ subject }) => subject)).toEqual([nok, lek]);
    expect(rig.said('breach.people-told').map(({ data }) => [data.order, data.told])).toEqual([
      [0, 1],
      [1, 1],
    ]);
    const [mail] = await rig.mails('nok@example.co.th');
    expect(mail!.text).toContain('Doubt such mail.');
  });

  it('are those of whom such data was collected then, and of whoever has no address it is said', async () => {
    const nok = rig.somebody('nok');
    rig.somebody('nobody', {});
    rig.collect(rig.somebody('usage'), { categories: ['usage'] });
    rig.time = new Date(rig.time.getTime() + 10 * 24 * HOUR);
    const late = rig.somebody('late');
    await rig.later();
    const path = await breach();
    const collectedUntil = new Date(rig.time.getTime() - HOUR).toISOString();
    await rig.post('dpo', `${path}/notice`, { words: { en: words, th: words }, categories: ['contact'], collectedUntil });
    await rig.later();
    const told = rig.said('message.handed-off').filter(({ data }) => data.template === 'breach');
    expect(told.map(({ subject }) => subject)).toContain(nok);
    expect(told.map(({ subject }) => subject)).not.toContain(late);
    expect(rig.said('breach.people-told').map(({ data }) => [data.told, data.unreachable])).toEqual([[2, 1]]);
  });
});
