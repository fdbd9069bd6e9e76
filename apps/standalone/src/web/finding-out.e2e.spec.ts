import fs from 'node:fs/promises';
import { describeBrowser, type Visitor } from '@attesta/testing/browser';
import { WebSystem } from './web-rig.js';

const REGISTERS =
  'collections disclosures recipients consents requests disposals holds messages breaches access-log sources activities'.split(' ');

/** Rooms in the order of the menu, what such a room asks a service for, and who may enter: 1 or 0. */
const ROOMS: [name: string, path: string, route: string, dpo: 0 | 1, auditor: 0 | 1, operator: 0 | 1][] = [
  ['Overview', '', '/v1/dashboard', 1, 1, 0],
  ['Search', 'search', '/v1/search?q=type:finding.*', 1, 1, 0],
  ['People', 'people', '/v1/subjects/{person}/timeline?reason=spec', 1, 1, 0],
  ['Registers', 'registers', '/v1/disclosures', 1, 1, 0],
  ['Requests', 'requests', '/v1/requests', 1, 1, 0],
  ['Retention and holds', 'retention', '/v1/disposals', 1, 1, 0],
  ['Findings', 'findings', '/v1/findings', 1, 1, 0],
  ['Breaches', 'breaches', '/v1/breaches', 1, 1, 0],
  ['Notice and policy', 'notice', '/v1/policy', 1, 1, 0],
  ['Exports', 'exports', '/v1/exports', 1, 1, 0],
  ['System health', 'health', '/ops/audit/progress', 0, 1, 1],
];

/** Anything of a service, but for the line and the position that are on every page. */
const ASKS = /^\/v1\/(?!integrity$|standing$)/;

await describeBrowser('finding out at the console', () => {
  let web: WebSystem;
  let visitor: Visitor;
  let person: string;
  beforeAll(async () => {
    web = await WebSystem.start();
    const wanted = { subject: 'account|c-1002', reason: 'spec' };
    person = (await web.ask<{ subject: string }>('auditor', 'POST', '/v1/subjects/lookup', wanted)).subject;
  }, 180_000);
  afterEach(() => visitor.close());
  afterAll(() => web?.stop());

  const rows = () =>
    visitor.page
      .getByRole('table')
      .getByRole('row')
      .filter({ has: visitor.page.getByRole('cell') });
  const bar = () => visitor.page.getByRole('combobox', { name: 'Search the log' });
  const dialog = () => visitor.page.getByRole('dialog');
  const open = (at: string) => visitor.page.goto(`${web.url}/console${at}`);
  const queryIn = (name: string) => new URL(visitor.page.url()).searchParams.get(name);

  /** Nothing is wrong with the page as it is now; keeps a picture of it. */
  async function isFine(name: string): Promise<void> {
    await visitor.picture(`finding-out-${name}`);
    const found = { violations: await visitor.accessibility(), overflows: await visitor.overflows() };
    expect({ name, ...found }).toEqual({ name, violations: [], overflows: false });
    expect(visitor.complaints).toEqual([]);
  }

  /** The file that a button gives. */
  async function fileOf(button: string | RegExp): Promise<Buffer> {
    const downloading = visitor.page.waitForEvent('download');
    await visitor.page.getByRole('button', { name: button }).click();
    return fs.readFile(await (await downloading).path());
  }

  describe('search', () => {
    it('is typed with completions, goes on to a second page, and is found again at its address', async () => {
      visitor = await web.officer('auditor', '/search');
      const { keyboard } = visitor.page;
      await bar().focus();
      await keyboard.type('typ');
      await visitor.page.getByRole('option', { name: 'type: kind of event' }).waitFor();
      await keyboard.press('ArrowDown');
      await keyboard.press('Enter');
      await keyboard.type('d');
      await keyboard.press('ArrowDown');
      await keyboard.press('ArrowDown');
      await visitor.page.getByRole('option', { name: 'disposal.*', selected: true }).waitFor();
      await isFine('completion');
      await keyboard.press('ArrowUp');
      await visitor.page.getByRole('option', { name: 'disclosure.*', selected: true }).waitFor();
      await keyboard.press('Enter');
      expect(await bar().inputValue()).toBe('type:disclosure.* ');
      await bar().fill('type:collection.*');
      await keyboard.press('Enter');
      await rows().first().waitFor();
      expect(queryIn('q')).toBe('type:collection.*');
      const first = await rows().allTextContents();
      await visitor.page.getByRole('button', { name: 'Show more' }).click();
      await rows().nth(first.length).waitFor();
      expect((await rows().allTextContents()).slice(0, first.length)).toEqual(first);
      await isFine('second-page');

      await visitor.page.goto(visitor.page.url());
      await rows().first().waitFor();
      expect(await bar().inputValue()).toBe('type:collection.*');
      expect(await rows().allTextContents()).toEqual(first);
    });

    it('says what is wrong with a query, and where', async () => {
      visitor = await web.officer('auditor', '/search');
      await bar().fill('type:consent.* purpsoe:marketing');
      await visitor.page.keyboard.press('Enter');
      const alert = visitor.page.getByRole('alert').filter({ hasText: 'Column 16: There is no such qualifier. Allowed here: type:' });
      await alert.waitFor();
      expect(await alert.getByText('purpsoe', { exact: true }).textContent()).toBe('purpsoe');
      expect(await rows().count()).toBe(0);
      await isFine('wrong-query');
    });

    it('is saved under a name until it is removed', async () => {
      visitor = await web.officer('auditor', '/search?q=type:disclosure.*');
      const { page } = visitor;
      await page.getByRole('button', { name: 'Save this search' }).click();
      await dialog().getByLabel('Name').fill('Where data went');
      await isFine('saving');
      await dialog().getByRole('button', { name: 'Save this search' }).click();
      await page.getByRole('status').filter({ hasText: 'Saved.' }).waitFor();
      await open('/search');
      await page.getByRole('link', { name: 'Where data went' }).click();
      await rows().first().waitFor();
      expect(queryIn('q')).toBe('type:disclosure.*');
      await isFine('saved');
      await page.getByRole('button', { name: 'Remove Where data went' }).click();
      await dialog()
        .getByRole('button', { name: /^Remove/ })
        .click();
      await page.getByRole('status').filter({ hasText: 'Removed.' }).waitFor();
      await open('/search');
      await page.getByText('Nothing is saved yet.').waitFor();
    });

    it('wants a reason before it is about a person, and asks for nothing before', async () => {
      visitor = await web.officer('auditor', '/search');
      const { page } = visitor;
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await bar().fill(`subject:${person}`);
      await page.keyboard.press('Enter');
      await page.getByLabel('Why do you look?').waitFor();
      await page.waitForLoadState('networkidle');
      expect(asked.filter((url) => url.includes(person) || url.includes('/v1/search'))).toEqual([]);
      await isFine('person-named');
      await page.getByLabel('Why do you look?').fill('complaint 2026-18');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await rows().first().waitFor();
      expect(asked.filter((url) => url.includes('/v1/search'))).toHaveLength(1);
      expect(page.url()).not.toContain('complaint');
    });
  });

  it('exports what was found as CSV, with a reason; the download is in the access log', async () => {
    visitor = await web.officer('dpo', '/search?q=type:disclosure.*');
    const { page } = visitor;
    await page.getByRole('button', { name: 'Export these' }).click();
    await dialog().getByLabel('Format').selectOption({ label: 'CSV: a table for spreadsheets' });
    await dialog().getByLabel('Reason').fill('yearly report');
    await isFine('exporting');
    await dialog().getByRole('button', { name: 'Export these' }).click();
    await page.getByRole('status').filter({ hasText: 'The export was started.' }).waitFor();
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Exports' }).click();
    await rows().filter({ hasText: 'type:disclosure.*' }).filter({ hasText: 'yearly report' }).waitFor();
    const [header, ...lines] = (await fileOf('Download')).toString().trim().split('\r\n');
    expect(header).toMatch(/^position,recordedAt,time,type,title,subject,source,actor,recipient,/);
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.every((line) => line.includes('.disclosure.'))).toBe(true);
    await isFine('exported');

    await open('/registers/access-log?action=export.downloaded');
    await rows().filter({ hasText: 'yearly report' }).waitFor();
    expect(await rows().count()).toBe(1);
  });

  it('opens every register on a phone, in Thai, filters by recipient, and gives the record of processing as files', async () => {
    visitor = await web.officer('dpo', '/registers', { size: 'phone', language: 'th' });
    const { page } = visitor;
    expect(await page.getByRole('main').getByRole('listitem').count()).toBe(REGISTERS.length);
    for (const register of REGISTERS) {
      await open(`/registers/${register}`);
      await page.getByText(/^ณ ตำแหน่ง/).waitFor();
      await page.waitForLoadState('networkidle');
      expect({ register, alerts: await page.getByRole('alert').allTextContents() }).toEqual({ register, alerts: [] });
      await isFine(`register-${register}`);
    }

    const { parties } = await web.ask<{ parties: { id: string; title: string; title_th?: string }[] }>('dpo', 'GET', '/v1/policy');
    const { title, title_th = title } = parties.find(({ id }) => id === 'message-delivery')!;
    await open('/registers/disclosures');
    await rows().first().waitFor();
    const all = await rows().count();
    await page.getByLabel('ผู้รับ').selectOption({ label: title_th });
    await page.getByRole('button', { name: 'กรอง', exact: true }).click();
    await page.waitForURL((url) => url.searchParams.get('recipient') === 'message-delivery');
    await page.waitForLoadState('networkidle');
    const found = await rows().allTextContents();
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThan(all);
    expect(found.filter((row) => !row.includes(title_th))).toEqual([]);
    await isFine('disclosures-to-one');

    await open('/registers/activities');
    const [header] = (await fileOf('ดาวน์โหลด CSV')).toString().split('\r\n');
    expect(header).toMatch(/^\uFEFFpurpose,title,title_th,clauses,bases,/);
    expect((await fileOf('ดาวน์โหลด PDF')).toString('latin1')).toMatch(/^%PDF-1\.\d[^]*%%EOF\s*$/);
    expect(visitor.complaints).toEqual([]);
  });

  it('finds in the policy what rests on clause 4.7 of the notice', async () => {
    visitor = await web.officer('dpo', '/notice', { language: 'th' });
    const { page } = visitor;
    await page.getByLabel('ค้นหาในนโยบาย').fill('4.7');
    const told = page.getByRole('status').filter({ hasText: /^พบ [1-9]\d* บรรทัด$/ });
    await told.waitFor();
    const found = await rows().allTextContents();
    expect(await told.textContent()).toBe(`พบ ${found.length} บรรทัด`);
    expect(found.filter((row) => !row.includes('4.7'))).toEqual([]);
    expect(found.some((row) => row.includes('checkbox'))).toBe(true);
    expect(queryIn('find')).toBe('4.7');
    await isFine('clause');
  });

  it.each([
    ['dpo', 3],
    ['auditor', 4],
    ['operator', 5],
  ] as const)('shows the %s the rooms of that role and no other', async (role, column) => {
    const mine = ROOMS.filter((room) => room[column] === 1);
    visitor = await web.officer(role, `/${mine[0]![1]}`);
    const menu = visitor.page.getByRole('navigation', { name: 'Main' }).getByRole('link');
    expect(await menu.allTextContents()).toEqual(mine.map(([name]) => name));
    for (const room of ROOMS) {
      const [name, path] = room;
      // The first address of all leads to the first room that is one's own.
      const heading = path === '' ? mine[0]![0] : room[column] === 1 ? name : 'There is no such page.';
      const found = room[column] === 1 ? { status: 200, asked: expect.any(Array) as string[] } : { status: 403, asked: [] };
      expect({ name, ...(await enter(role, room)) }).toEqual({ name, heading, ...found });
    }
    expect(visitor.complaints).toEqual([]);
  });

  /** The heading at a room's address, what the page asks for beyond the shell, and how the service answers this role. */
  async function enter(role: 'dpo' | 'auditor' | 'operator', [, path, route]: (typeof ROOMS)[number]) {
    const { page } = visitor;
    const asked: string[] = [];
    const note = (request: { url: () => string }) => asked.push(new URL(request.url()).pathname);
    page.on('request', note);
    await open(`/${path}`);
    const title = page.getByRole('heading', { level: 1 });
    await title.waitFor();
    await page.waitForLoadState('networkidle');
    page.off('request', note);
    const headers = { authorization: `Bearer ${await web.system.issuer.issueToken(role)}` };
    const { status } = await fetch(web.url + route.replace('{person}', person), { headers });
    return { heading: await title.textContent(), status, asked: asked.filter((one) => ASKS.test(one)) };
  }

  it('opens and closes the menu of a phone by keyboard, and gives the focus back', async () => {
    visitor = await web.officer('auditor', '/', { size: 'phone' });
    const { page } = visitor;
    const button = page.getByRole('button', { name: 'Menu' });
    const menu = page.getByRole('dialog', { name: 'Menu' });
    const focused = page.locator(':focus');
    await button.focus();
    await page.keyboard.press('Enter');
    await menu.waitFor();
    expect(await menu.locator(':focus').count()).toBe(1);
    await isFine('menu');
    await page.keyboard.press('Escape');
    await menu.waitFor({ state: 'detached' });
    expect(await focused.getAttribute('aria-label')).toBe('Menu');

    await page.keyboard.press('Enter');
    await menu.getByRole('link', { name: 'Search' }).focus();
    await page.keyboard.press('Enter');
    await bar().waitFor();
    expect(await menu.count()).toBe(0);
    expect(await focused.getAttribute('aria-label')).toBe('Menu');
    expect(visitor.complaints).toEqual([]);
  });
});
