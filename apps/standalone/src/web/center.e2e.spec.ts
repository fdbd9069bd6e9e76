import fs from 'node:fs/promises';
import { describeBrowser, type Visitor } from '@attesta/testing/browser';
import { PEOPLE } from '../sample-day/people.js';
import { WebSystem } from './web-rig.js';

const SOMCHAI = 'somchai.one@mail.example';

await describeBrowser('the privacy center, without an account', () => {
  let web: WebSystem;
  let visitor: Visitor;
  let mails = 0;
  beforeAll(async () => {
    web = await WebSystem.start();
    const given = {
      subject: `email|${SOMCHAI}`,
      purposes: ['marketing'],
      status: 'given',
      method: 'checkbox',
      noticeVersion: '2022-08-10',
    };
    await web.ask('publisher', 'POST', '/v1/consents', { ...given, channels: ['email'] });
    await web.ask('publisher', 'POST', '/v1/consents', { ...given, purposes: ['analytics-cookies'], method: 'cookie-banner' });
  }, 180_000);
  afterEach(async () => {
    expect({ complaints: visitor.complaints, asked: visitor.asked }).toEqual({ complaints: [], asked: [web.url] });
    await visitor.close();
  });
  afterAll(() => web?.stop());

  const looksRight = async (name: string) => {
    await visitor.picture(`center-${name}`);
    expect({ name, violations: await visitor.accessibility(), overflows: await visitor.overflows() }).toEqual({
      name,
      violations: [],
      overflows: false,
    });
  };
  const code = () => web.codeFor(SOMCHAI, mails++);

  it('takes a request for erasure on a phone, in Thai: a right, a code, a receipt with the deadline', async () => {
    visitor = await web.visitor({ size: 'phone', language: 'th' });
    const { page } = visitor;
    await page.goto(`${web.url}/privacy/`);
    await page.locator('h1').waitFor();
    await looksRight('start');
    await page.goto(`${web.url}/privacy/?right=erasure`);
    await page.waitForURL('**/rights/erasure');
    await page.locator('input[name=email]').fill(SOMCHAI);
    await looksRight('erasure');
    await page.locator('form button[type=submit]').click();
    await page.locator('input[name=code]').waitFor();
    await page.locator('input[name=code]').fill('000000');
    await page.locator('input[name=code]').press('Enter');
    await page.locator('.note.bad').waitFor();
    await looksRight('wrong-code');
    await page.locator('input[name=code]').fill(await code());
    await page.locator('input[name=code]').press('Enter');
    await page.locator('input[name=code]').waitFor({ state: 'detached' });
    expect(await page.locator('code.number').first().textContent()).not.toBe('');
    // The legal deadline, in a year of the Buddhist era.
    expect(await page.locator('main').textContent()).toMatch(/25[67]\d/);
    await looksRight('receipt');
  });

  it('shows consents after a code, withdraws one with a click, and gives a receipt that is in the log', async () => {
    visitor = await web.visitor({ size: 'desktop', language: 'en' });
    const { page } = visitor;
    await page.goto(`${web.url}/privacy/consents`);
    await page.getByLabel('Your e-mail address').fill(SOMCHAI);
    await page.getByRole('button', { name: 'Send the code' }).click();
    await page.getByLabel('The six-digit code').fill(await code());
    await page.getByRole('button', { name: 'Confirm' }).click();
    const withdraw = page.getByRole('button', { name: /^Withdraw: / }).first();
    await withdraw.waitFor();
    await looksRight('consents');
    await withdraw.click();
    await page.locator('.proved').waitFor();
    await looksRight('withdrawn');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the receipt' }).click();
    const receipt = JSON.parse(await fs.readFile((await (await download).path())!, 'utf8')) as object;
    expect(JSON.stringify(receipt)).toContain('schema_version');
    expect(JSON.stringify(receipt)).not.toContain(SOMCHAI);
  });

  it('shows a customer of the shop, who proved the address there, what is held of their account', async () => {
    const { email } = PEOPLE[0]!;
    visitor = await web.visitor({ size: 'phone', language: 'th' });
    const { page } = visitor;
    await page.goto(`${web.url}/privacy/held`);
    await page.locator('input[name=email]').fill(email);
    await page.keyboard.press('Enter');
    await page.locator('input[autocomplete=one-time-code]').fill(await web.codeFor(email));
    await page.keyboard.press('Enter');
    await page.getByText('ชื่อ วันเดือนปีเกิด เพศ').first().waitFor();
    await looksRight('held');
  });

  it('honours a browser that says Sec-GPC, and says so', async () => {
    visitor = await web.visitor({ size: 'desktop', language: 'en', gpc: true });
    const { page } = visitor;
    await page.goto(`${web.url}/privacy/consents`);
    await page.getByRole('region', { name: 'Global Privacy Control' }).waitFor();
    await looksRight('signal');
    await page.getByLabel('Your e-mail address').fill(SOMCHAI);
    await page.getByRole('button', { name: 'Send the code' }).click();
    await page.getByLabel('The six-digit code').fill(await code());
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('status', { name: 'Global Privacy Control' }).waitFor();
    await looksRight('signal-honoured');
  });
});
