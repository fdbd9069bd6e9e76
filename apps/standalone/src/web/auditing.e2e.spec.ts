import { describeBrowser, type Visitor } from '@attesta/testing/browser';
import { WebSystem } from './web-rig.js';

interface Looks {
  data: { subject: string | null; actor: string; action: string; reason: string | null; outcome: string }[];
}

await describeBrowser('an auditor at the console', () => {
  let web: WebSystem;
  let visitor: Visitor;
  beforeAll(async () => {
    web = await WebSystem.start();
  }, 180_000);
  afterEach(() => visitor.close());
  afterAll(() => web?.stop());

  const subject = async () =>
    (await web.ask<{ subject: string }>('auditor', 'POST', '/v1/subjects/lookup', { subject: 'account|c-1001', reason: 'spec' })).subject;
  const looksAt = async (id: string) => (await web.ask<Looks>('auditor', 'GET', `/v1/access-log?subject=${id}&reason=spec&limit=100`)).data;

  it('reads that the log is intact, until when, and how much is in it', async () => {
    visitor = await web.officer('auditor', '/');
    const line = visitor.page.getByRole('status', { name: 'State of the log' });
    await line.filter({ hasText: /Log intact: [\d,]+ events, checkpoint signed .+, not witnessed/ }).waitFor();
    await visitor.picture('intact');
  });

  it('has to say why before a person is shown, and each look is in the log with that reason', async () => {
    const id = await subject();
    visitor = await web.officer('auditor', `/people/${id}`);
    const { page } = visitor;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const field = page.getByLabel('Why do you look?');
    await field.waitFor();
    expect(asked.filter((url) => url.includes(id))).toEqual([]);
    await visitor.picture('person-reason');
    await field.fill('complaint 2026-17');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('table').waitFor();
    await visitor.picture('person-timeline');
    for (const tab of ['Data map', 'Consents', 'Disclosures', 'What is held until when', 'Requests', 'Who looked']) {
      await page.getByRole('navigation', { name: 'About this person' }).getByRole('link', { name: tab }).click();
      await page.waitForLoadState('networkidle');
      await visitor.picture(`person-${tab.toLowerCase().replaceAll(' ', '-')}`);
      expect({ tab, violations: await visitor.accessibility() }).toEqual({ tab, violations: [] });
    }
    expect(page.url()).not.toContain('complaint');
    const found = (await looksAt(id)).filter(({ reason }) => reason === 'complaint 2026-17');
    expect(found.map(({ action }) => action)).toEqual(expect.arrayContaining(['timeline.read', 'data-map.read', 'disclosures.read']));
    expect(found.every(({ actor, subject: about, outcome }) => actor === 'auditor' && about === id && outcome === 'allowed')).toBe(true);
    expect(visitor.complaints).toEqual([]);
  });

  it('recomputes an entry in the browser, and is told which one was edited, on the first line and by Verify', async () => {
    const position = 130;
    visitor = await web.officer('auditor', `/search?entry=${position}`);
    const { page } = visitor;
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    await page.getByText(`Entry ${position} is what was sealed.`).waitFor();
    await visitor.picture('verified');
    expect(await visitor.accessibility()).toEqual([]);

    await web.tamper('update entry set bytes = overlay(bytes placing $2::bytea from 40) where position = $1', [
      position,
      Buffer.from('EDITED'),
    ]);
    const alarm = page.getByRole('alert', { name: 'State of the log' });
    await alarm.filter({ hasText: `#${position}` }).waitFor({ timeout: 60_000 });
    expect(await alarm.textContent()).toContain('Log NOT intact');
    await page.getByRole('button', { name: 'Verify again' }).click();
    await page.getByText(`Entry ${position} is not what was sealed.`).waitFor();
    await visitor.picture('tampered');
    expect(await visitor.accessibility()).toEqual([]);
  });
});
