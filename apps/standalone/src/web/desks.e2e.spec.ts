import { describeBrowser, type Visitor } from '@attesta/testing/browser';
import { WebSystem } from './web-rig.js';

type Locator = ReturnType<Visitor['page']['getByRole']>;

const HOUR = 3_600_000;
/** Of 72 hours, soon after they began. */
const LEFT = /71 h \d+ min left$/;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

interface Asked {
  request: string;
  subject: string;
  status: string;
  identity: string;
}
interface Looks {
  data: { actor: string; action: string; reason: string | null; outcome: string }[];
}
interface Hold {
  matter: string;
  releasedAt: string | null;
  releaseReason: string | null;
}
interface Breach {
  discoveredAt: string;
  assessment: { risk: string; reasons: string } | null;
  clocks: { jurisdiction: string; state: string; due: string | null }[];
}

await describeBrowser('the desks of the console', () => {
  let web: WebSystem;
  let visitor: Visitor | undefined;
  beforeAll(async () => {
    web = await WebSystem.start();
  }, 180_000);
  afterEach(async () => {
    await visitor?.close();
    visitor = undefined;
  });
  afterAll(() => web?.stop());

  const get = <Body>(route: string) => web.ask<Body>('dpo', 'GET', route);

  it('an officer reads what somebody wrote, having said why, and refuses the request on a ground of the law', async () => {
    const text = 'A copy of what is kept of me and my brother, please.';
    const asked = await askedBySomebody('somebody@example.co.th', text);
    visitor = await web.officer('dpo', '/requests');
    const { page } = visitor;
    await page.getByRole('link', { name: asked.request.slice(0, 8) }).click();
    await page.getByRole('heading', { level: 1, name: asked.request.slice(0, 8) }).waitFor();
    expect(await page.getByText(text).count()).toBe(0);

    const look = await opened('Open what the person wrote');
    await look.getByLabel('Why do you look?').fill('to decide on it');
    await looksRight('request-look');
    await press(look, 'Open what the person wrote');
    await page.getByText(text).waitFor();
    await page.getByText('somebody@example.co.th', { exact: true }).waitFor();
    await looksRight('request-wrote');

    const refusal = await opened('Refuse');
    await refusal
      .getByLabel('Ground')
      .selectOption({ label: "It would harm other people's rights or freedoms (PDPA s.30 para. 2, s.31 para. 3)" });
    await refusal.getByLabel('Reason, as the person will read it').fill('It would show what others wrote.');
    await looksRight('request-refusing');
    await press(refusal, 'Refuse');
    await told('The request is refused; the person is told.');
    await looksRight('request-refused');
    expect(await page.getByRole('button', { name: 'Refuse', exact: true }).count()).toBe(0);

    expect(await get(`/v1/requests/${asked.request}`)).toMatchObject({ status: 'rejected', identity: 'verified' });
    const looks = await settled(async () => {
      const log = await web.ask<Looks>('auditor', 'GET', `/v1/access-log?subject=${asked.subject}&reason=spec`);
      return log.data.filter(({ action }) => action === 'request.details');
    });
    expect(looks).toMatchObject([{ actor: 'dpo', reason: 'to decide on it', outcome: 'allowed' }]);
  });

  it('an officer takes a mail that asks for nothing off the list', async () => {
    await web.ask('dpo', 'POST', '/v1/mail', 'nothing that says who wrote it');
    visitor = await web.officer('dpo', '/requests');
    const { page } = visitor;
    await page.getByRole('link', { name: 'Mails to look at' }).click();
    const done = await opened('Done with it');
    await done.getByLabel('What was it?').fill('an empty message');
    await looksRight('mail-settling');
    await press(done, 'Done with it');
    await told('The mail is off the list.');
    await page.getByText('No mail waits.').waitFor();
    expect(await get('/v1/mail')).toMatchObject({ data: [] });
  });

  it('an officer takes a finding on a phone, in Thai, and resolves it', async () => {
    visitor = await web.officer('dpo', '/findings?state=unassigned&severity=violation', { size: 'phone', language: 'th' });
    const { page } = visitor;
    await page.getByRole('region', { name: 'ข้อค้นพบ เรียงจากใหม่ที่สุด' }).getByRole('link').first().click();
    await page.getByRole('heading', { level: 1, name: /^ข้อค้นพบ ./ }).waitFor();
    const finding = page.url().split('/').at(-1)!;
    await looksRight('finding');

    const assigning = await opened('มอบหมาย');
    expect(await assigning.getByLabel('มอบหมายให้').inputValue()).toBe('dpo');
    await press(assigning, 'มอบหมาย');
    await told('มอบหมายแล้ว');
    expect(await get(`/v1/findings/${finding}`)).toMatchObject({ state: 'assigned', assignee: 'dpo' });

    const resolving = await opened('ปิดข้อค้นพบ');
    await resolving.getByLabel('ผล', { exact: true }).selectOption({ label: 'แก้ไขแล้ว' });
    await resolving.getByLabel('เหตุผล').fill('ได้แก้ไขระบบต้นทางแล้ว');
    await looksRight('finding-resolving');
    await press(resolving, 'ปิดข้อค้นพบ');
    await told('ปิดข้อค้นพบแล้ว');
    await looksRight('finding-resolved');
    expect(await get(`/v1/findings/${finding}`)).toMatchObject({
      state: 'resolved',
      outcome: 'remedied',
      resolution: 'ได้แก้ไขระบบต้นทางแล้ว',
    });
  });

  it('an officer places a hold, in Thai, and releases it', async () => {
    visitor = await web.officer('dpo', '/retention', { language: 'th' });
    const { page } = visitor;
    const placed = async () => (await get<{ data: Hold[] }>('/v1/holds')).data.find(({ matter }) => matter === 'case-7/2569');
    await page.getByRole('link', { name: 'การระงับการทำลาย' }).click();
    const placing = await opened('ระงับการทำลาย');
    await placing.getByLabel('คดีหรือเรื่อง').fill('case-7/2569');
    await placing.getByLabel('เหตุผล').fill('คดีที่ศาลแพ่ง');
    await placing.getByLabel('ข้อมูลของใคร').fill('account|c-1001');
    await looksRight('hold-placing');
    await press(placing, 'ระงับการทำลาย');
    await told(/การระงับมีผลแล้ว ครอบคลุม [1-9]\d* รายการ/);
    const row = page.getByRole('row').filter({ hasText: 'case-7/2569' });
    await row.getByText('มีผลอยู่').waitFor();
    await looksRight('hold-placed');
    expect(await placed()).toMatchObject({ releasedAt: null });

    const releasing = await opened('ปล่อย', row);
    await releasing.getByLabel('เหตุผล').fill('คดีถึงที่สุด');
    await press(releasing, 'ปล่อย');
    await told('ปล่อยการระงับแล้ว');
    await row.getByText('ปล่อยแล้ว').waitFor();
    await looksRight('hold-released');
    expect(await placed()).toMatchObject({ releasedAt: expect.any(String), releaseReason: 'คดีถึงที่สุด' });
  });

  it('an officer records a breach on a phone and assesses it, and sees how much of 72 hours is left', async () => {
    visitor = await web.officer('dpo', '/breaches', { size: 'phone' });
    const { page } = visitor;
    const recording = await opened('Record a breach');
    await recording.getByLabel('What happened').fill('A list of customers went to the wrong recipient.');
    await recording.getByLabel('Confidentiality').check();
    await recording.getByLabel('People, about').fill('40');
    await recording.getByRole('button', { name: 'Record a breach' }).click();
    await recording.getByRole('alert').filter({ hasText: 'categories' }).waitFor();
    await looksRight('breach-refused');
    await recording.getByLabel('Name, date of birth, gender').check();
    await press(recording, 'Record a breach');
    await told('The breach is recorded; its clocks run.');
    const clocks = page.getByRole('region', { name: 'Authorities and their clocks' });
    await looksRight('breach-recorded');
    await clocks.getByText(LEFT).first().waitFor();
    await page.getByText('Not assessed').first().waitFor();

    const assessing = await opened('Assess the risk');
    await assessing.getByLabel('Risk to people').selectOption({ label: 'A risk' });
    await assessing.getByLabel('Why', { exact: true }).fill('Names and addresses can be read.');
    await assessing.getByLabel('Likely consequences').fill('Unwanted messages.');
    await assessing.getByLabel('Measures that were taken').fill('The recipient deleted the list.');
    await looksRight('breach-assessing');
    await press(assessing, 'Assess the risk');
    await told('The assessment is recorded.');
    await clocks.getByText(LEFT).first().waitFor();
    await looksRight('breach-assessed');

    const breach = await get<Breach>(`/v1/breaches/${page.url().split('/').at(-1)!}`);
    expect(breach.assessment).toMatchObject({ risk: 'risk', reasons: 'Names and addresses can be read.' });
    const given = breach.clocks.map(({ jurisdiction, state, due }) => [
      jurisdiction,
      state,
      Date.parse(due!) - Date.parse(breach.discoveredAt),
    ]);
    expect(given).toContainEqual(['th-pdpa', 'running', 72 * HOUR]);
  });

  it('the overview says what needs somebody, and each of its charts is a table too', async () => {
    const { data: violations } = await get<{ data: { rule: string }[] }>('/v1/findings?severity=violation&state=open&limit=100');
    const facts = { description: 'A list was lost.', nature: ['confidentiality'], jurisdictions: ['th-pdpa'], categories: ['identity'] };
    const { breach } = await web.ask<{ breach: string }>('dpo', 'POST', '/v1/breaches', facts);
    visitor = await web.officer('dpo', '/');
    const { page } = visitor;
    const waiting = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: breach.slice(0, 8) }) });
    await waiting.getByText(LEFT).waitFor();
    await page.getByRole('link', { name: violations[0]!.rule, exact: true }).first().waitFor();

    await page.getByRole('figure').first().waitFor();
    const charts = await page.getByRole('figure').all();
    expect(charts.length).toBeGreaterThanOrEqual(3);
    for (const chart of charts) {
      await chart.getByText('The same as a table').click();
      await chart.getByRole('table').waitFor();
    }
    await looksRight('overview-tables');
    const { events } = await get<{ events: { total: number[] } }>('/v1/dashboard?by=week');
    expect(events.total.some((count) => count > 0)).toBe(true);
    expect(await page.getByRole('table', { name: 'Sealed events' }).getByRole('row').count()).toBe(events.total.length + 1);
  });

  it('an auditor reads a request, and can do nothing with it', async () => {
    const { request } = await askedBySomebody('another@example.co.th', 'A copy, please.');
    visitor = await web.officer('auditor', `/requests/${request}`);
    const { page } = visitor;
    await page.getByText('Only the data protection officer acts on requests.').waitFor();
    expect(await page.getByRole('main').getByRole('button').allTextContents()).toEqual(['Look again', 'Show the history']);
    expect(await page.content()).toMatch(UUID);
    await looksRight('request-auditor');
    const refused = web.ask('auditor', 'POST', `/v1/requests/${request}/reject`, { ground: 'harms-others', reason: 'spec' });
    await expect(refused).rejects.toThrow('403');
  });

  it('an operator sees how the system is, and no way to a person', async () => {
    visitor = await web.officer('operator', '/health');
    const { page } = visitor;
    await page.getByRole('table').first().waitFor();
    await page.waitForLoadState('networkidle');
    expect(await page.content()).not.toMatch(UUID);
    const links = await Promise.all((await page.getByRole('link').all()).map((link) => link.getAttribute('href')));
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((href) => /people|requests|search/.test(href ?? ''))).toEqual([]);
    await looksRight('operator-health');
  });

  /** Somebody without a login asks for a copy of their data, and proves by the code in their mail that it is them. */
  async function askedBySomebody(email: string, text: string): Promise<Asked> {
    const post = async <Body>(route: string, body: object): Promise<Body> => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(web.url + route, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`);
      return (await response.json()) as Body;
    };
    const { request, receipt } = await post<{ request: string; receipt: string }>('/v1/requests', {
      right: 'access',
      email,
      text,
      language: 'en',
    });
    await post(`/v1/requests/${request}/identity`, { receipt, code: await web.codeFor(email) });
    return get<Asked>(`/v1/requests/${request}`);
  }

  /** The dialog that a button opens. */
  async function opened(button: string, within: Pick<Locator, 'getByRole'> = visitor!.page): Promise<Locator> {
    await within.getByRole('button', { name: button, exact: true }).click();
    const dialog = visitor!.page.getByRole('dialog');
    await dialog.waitFor();
    return dialog;
  }

  /** Does what the dialog is for: it closes, unless something went wrong. */
  async function press(dialog: Locator, button: string): Promise<void> {
    await dialog.getByRole('button', { name: button, exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  /** What was done is said where the focus is. */
  async function told(text: string | RegExp): Promise<void> {
    await visitor!.page.getByRole('status').filter({ hasText: text }).waitFor();
    expect(await visitor!.page.evaluate('document.activeElement.getAttribute("role")')).toBe('status');
  }

  async function looksRight(name: string): Promise<void> {
    const { page, complaints } = visitor!;
    await page.waitForLoadState('networkidle');
    await visitor!.picture(name);
    expect({ name, violations: await visitor!.accessibility(), overflows: await visitor!.overflows(), complaints }).toEqual({
      name,
      violations: [],
      overflows: false,
      complaints: [],
    });
  }
});

/** What was just done takes a moment to be sealed and folded. */
async function settled<T>(ask: () => Promise<T[]>): Promise<T[]> {
  for (const until = Date.now() + 60_000; ; await new Promise((wake) => setTimeout(wake, 200))) {
    const found = await ask();
    if (found.length > 0 || Date.now() > until) return found;
  }
}
