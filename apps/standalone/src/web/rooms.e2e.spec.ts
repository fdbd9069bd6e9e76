import { describeBrowser, type Size, type Visitor } from '@attesta/testing/browser';
import { WebSystem } from './web-rig.js';

const ROOMS = ['', 'search', 'people', 'registers', 'requests', 'retention', 'findings', 'breaches', 'notice', 'exports'];
const LOOKS: [Size, 'en' | 'th'][] = [
  ['desktop', 'en'],
  ['phone', 'th'],
  ['phone', 'en'],
  ['desktop', 'th'],
];

await describeBrowser('every room of the console', () => {
  let web: WebSystem;
  let visitor: Visitor | undefined;
  beforeAll(async () => {
    web = await WebSystem.start();
  }, 180_000);
  afterEach(() => visitor?.close());
  afterAll(() => web?.stop());

  describe.each(LOOKS)('on a %s, in %s', (size, language) => {
    it.each([
      ['dpo', ROOMS],
      ['operator', ['health']],
      ['auditor', ['health']],
    ])('opens to the %s, is accessible, and asks nothing of another origin', async (account, rooms) => {
      visitor = await web.officer(account, '/', { size, language });
      for (const room of rooms) await looksRight(visitor, room, `${account}-${room || 'overview'}`);
      expect(visitor.asked).toEqual([web.url]);
      expect(visitor.complaints).toEqual([]);
    });
  });

  async function looksRight(looker: Visitor, room: string, name: string): Promise<void> {
    const { page } = looker;
    await page.goto(`${web.url}/console/${room}`);
    await page.locator('main h1').waitFor();
    await page.waitForLoadState('networkidle');
    await looker.picture(name);
    expect({ room, violations: await looker.accessibility(), overflows: await looker.overflows() }).toEqual({
      room,
      violations: [],
      overflows: false,
    });
  }
});
